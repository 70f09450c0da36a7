"""A client's and a server's network of their own, and between them a link as bad as it is asked.

    with emulated_link(LinkSetup(down={"rate_bps": 2_500_000, "delay_ms": 50})) as link:
        subprocess.run(link.client.command(["ping", "-c", "3", link.server.address]))

Whatever is started so has one interface, through which everything goes: ICE, DTLS, TCP and browsers
notice nothing but the link itself.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.adaptation.emulator_process import EmulatorProcess, running
from benchmarks.adaptation.link_setup import Change, LinkSetup
from benchmarks.adaptation.sides import WITHIN_S, Side, held, need_rights
from benchmarks.adaptation.truth_log import TruthLog
from benchmarks.harness import programs
from benchmarks.harness.failure import BenchmarkFailed

CLIENT_ADDRESS: Final = "198.18.0.1"
SERVER_ADDRESS: Final = "198.18.0.2"
"""RFC 2544 §C.2.2: reserved for measuring."""

DEVICE: Final = "emulated"
MTU_BYTES: Final = 1_500
WAITING_PACKETS: Final = 10_000
"""A device's own queue, for when the emulator is held up; the usual 500 are 25 ms of 20,000/s."""


@dataclass(slots=True)
class EmulatedLink:
    """A link that is there; what it found is known when its context is left."""

    client: Side
    server: Side
    began_monotonic_ns: int
    """From when its schedule and its log count, on the clock of `time.monotonic_ns`."""
    process: EmulatorProcess
    log_path: Path | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
    """`EmulatorOutcome` of codecs/loadgen, and beside it `never_seen`: how many packets each side
    sent that the emulator was too late to take in; none is known of a link that ended by itself."""

    def change(self, *changes: Change) -> list[float]:
        """Ask for changes, whose times count from now.

        Returns:
            When each takes place, in milliseconds since the link began.

        Raises:
            BenchmarkFailed: The emulator refused one; those before it hold.

        """
        times_ms = []
        for change in changes:
            answer = self.process.ask(change.row())
            if "accepted" not in answer:
                raise BenchmarkFailed(f"the link cannot be changed: {answer['refused']}")
            times_ms.append(float(answer["accepted"]["t_ms"]))
        return times_ms

    def truth(self) -> TruthLog:
        """Read what became of every packet, once the link is over.

        Raises:
            BenchmarkFailed: There is no log.

        """
        if self.log_path is None:
            raise BenchmarkFailed("this link was made without a log")
        return TruthLog.read(self.log_path)


@contextmanager
def emulated_link(
    setup: LinkSetup, *, log_path: Path | None = None, program: Path | None = None
) -> Iterator[EmulatedLink]:
    """Make a link, and take everything of it away again.

    Args:
        setup: What it is like.
        log_path: Where the record of its packets goes; without it there is none.
        program: The emulator; by default as cargo builds it for measuring.

    Raises:
        BenchmarkFailed: The machine does not let it, or the emulator failed; in its own words.

    """
    need_rights()
    with (
        held("client", CLIENT_ADDRESS) as client,
        held("server", SERVER_ADDRESS) as server,
        running(program or programs.path_of("emulator")) as process,
    ):
        document = setup.document()
        for side in (client, server):
            document[side.name] = {"namespace": str(side.namespace), "device": DEVICE}
        if log_path is not None:
            document["log_path"] = str(log_path.resolve())
        began_ns = int(process.ask(document)["ready"]["began_monotonic_ns"])
        for side, other in ((client, server), (server, client)):
            lines = device_lines(DEVICE, side.address, other.address)
            side.configure(*lines, f"route add default dev {DEVICE}")
        link = EmulatedLink(client, server, began_ns, process, log_path)
        yield link
        never_seen = {side.name: _never_seen(side) for side in (client, server)}
        link.outcome = process.end() | {"never_seen": never_seen}


def device_lines(device: str, address: str, peer: str) -> list[str]:
    """Give the lines of `ip -batch` that bring up one end of an emulated path."""
    return [
        # No IPv6 of its own: the kernel would send packets that nobody asked for.
        f"link set dev {device} addrgenmode none",
        f"link set dev {device} mtu {MTU_BYTES} txqueuelen {WAITING_PACKETS}",
        f"address add {address} peer {peer} dev {device}",
        f"link set dev {device} up",
    ]


def _never_seen(side: Side) -> int | None:
    """Say how many packets the device dropped because the emulator did not take them in."""
    command = side.command(["ip", "-json", "-statistics", "link", "show", "dev", DEVICE])
    shown = subprocess.run(command, capture_output=True, check=False, text=True, timeout=WITHIN_S)
    if shown.returncode:
        # A link that ended by its own duration took its devices along.
        return None
    return int(json.loads(shown.stdout)[0]["stats64"]["tx"]["dropped"])
