"""Whether the kernel takes runs of equal packets in one go."""

from __future__ import annotations

import socket
from typing import Final

from relay.config import RelayConfig
from signalling.doctor.finding import ADMINISTRATOR, Finding, ok, warning

NAME: Final = "packet runs"

# linux/udp.h; Python does not name them.
_UDP_SEGMENT: Final = 103
_UDP_GRO: Final = 104


def check(_config: RelayConfig) -> list[Finding]:
    """Ask a UDP socket whether it knows both options, as the engine asks for the first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        return [judge(sends=_knows(probe, _UDP_SEGMENT), receives=_knows(probe, _UDP_GRO))]


def judge(*, sends: bool, receives: bool) -> Finding:
    """Say what sending costs; the relay itself never receives runs, so that GRO decides nothing."""
    gro = f"UDP_GRO {'is' if receives else 'is not'} there, which the measurements alone use"
    if sends:
        return ok(NAME, f"The kernel sends them (UDP_SEGMENT). {gro}.")
    return warning(
        NAME,
        "The kernel does not know UDP_SEGMENT: packets leave one by one, which costs about a "
        f"quarter more CPU a packet. {gro}.",
        who=ADMINISTRATOR,
        action="Boot Linux 4.18 or later (now: uname -r).",
    )


def _knows(probe: socket.socket, option: int) -> bool:
    try:
        probe.getsockopt(socket.IPPROTO_UDP, option)
    except OSError:
        return False
    return True
