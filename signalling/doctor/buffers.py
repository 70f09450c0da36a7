"""Whether the kernel gives the media sockets the buffers that the relay asks for.

A worker reads up to a millisecond late on purpose, and later when its core is taken away: what
arrives meanwhile waits in the socket's buffer, or is lost (measured: 41 % of 200,000 packets a
second, at a tick of 1 ms with less than 4 MiB).
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.config import RelayConfig
from relay.machine.kernel_buffers import full_bytes, requested_bytes
from signalling.doctor.finding import ADMINISTRATOR, Finding, ok, trouble, warning

RECEIVE: Final = "receive buffers"
SEND: Final = "send buffers"

SEND_BUFFER_BYTES: Final = 4 << 20  # codecs/engine/src/sockets/mod.rs asks for as much (a test)

# asm-generic/socket.h; Python names the ordinary ones only.
_SO_SNDBUFFORCE: Final = 32
_SO_RCVBUFFORCE: Final = 33


@dataclass(frozen=True, slots=True)
class BufferFacts:
    """What one direction asks for and gets; as the kernel reports it, which doubles (socket(7))."""

    asked_bytes: int
    granted_bytes: int
    """To this process, asking as the engine asks: beyond the limit first, which takes a right."""
    ordinary_bytes: int
    """To a process without that right (CAP_NET_ADMIN)."""
    limit_bytes: int | None
    """The kernel's limit; `None` where it is not shown, as in some containers."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Which buffer: its options, its limit, and what happens when it is too small."""

    check: str
    option: int
    forced: int
    sysctl: str
    consequence: str


DIRECTIONS: Final = (
    Direction(
        RECEIVE,
        socket.SO_RCVBUF,
        _SO_RCVBUFFORCE,
        "net.core.rmem_max",
        "Packets that arrive together are lost before the relay sees them.",
    ),
    Direction(
        SEND,
        socket.SO_SNDBUF,
        _SO_SNDBUFFORCE,
        "net.core.wmem_max",
        "A key frame to many people at once may be cut short.",
    ),
)


def check(config: RelayConfig) -> list[Finding]:
    """Ask a UDP socket of our own for both buffers, and read back what the kernel gave."""
    asked = (config.media.receive_buffer_bytes, SEND_BUFFER_BYTES)
    return [
        judge(direction, _facts(direction, asked_bytes))
        for direction, asked_bytes in zip(DIRECTIONS, asked, strict=True)
    ]


def judge(direction: Direction, facts: BufferFacts) -> Finding:
    """Compare what the kernel gave with what was asked for.

    A receive buffer that is capped is trouble, for it loses packets; so is none that only the
    rights of whoever examines make large: it is said, because the relay may run with fewer.
    """
    asked = _mib(facts.asked_bytes)
    enough_bytes = full_bytes(facts.asked_bytes)
    action = f"sysctl -w {direction.sysctl}={requested_bytes(facts.asked_bytes)}"
    limit = "" if facts.limit_bytes is None else f" ({direction.sysctl} is {facts.limit_bytes:,})"
    if facts.granted_bytes < enough_bytes:
        words = (
            f"The kernel gives {_mib(facts.granted_bytes)} of the {asked} that the relay asks for"
            f"{limit}. {direction.consequence}"
        )
        say = trouble if direction.check == RECEIVE else warning
        return say(direction.check, words, who=ADMINISTRATOR, action=action)
    if facts.ordinary_bytes < enough_bytes:
        words = (
            f"The kernel gives the {asked} asked for only because this user has CAP_NET_ADMIN; "
            f"without it, {_mib(facts.ordinary_bytes)}{limit}."
        )
        return warning(direction.check, words, who=ADMINISTRATOR, action=action)
    return ok(direction.check, f"The kernel gives the {asked} that the relay asks for{limit}.")


def _facts(direction: Direction, asked_bytes: int) -> BufferFacts:
    ordinary_bytes = _granted(direction.option, (direction.option,), asked_bytes)
    forced_bytes = _granted(direction.option, (direction.forced, direction.option), asked_bytes)
    return BufferFacts(asked_bytes, forced_bytes, ordinary_bytes, _limit(direction.sysctl))


def _granted(option: int, ways: tuple[int, ...], asked_bytes: int) -> int:
    """Ask a fresh socket in the first way that is allowed, for half, as the engine does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for way in ways:
            try:
                probe.setsockopt(socket.SOL_SOCKET, way, requested_bytes(asked_bytes))
            except PermissionError:
                continue
            break
        return probe.getsockopt(socket.SOL_SOCKET, option)


def _limit(sysctl: str) -> int | None:
    try:
        return int(Path("/proc/sys", *sysctl.split(".")).read_text(encoding="ascii"))
    except FileNotFoundError:
        return None


def _mib(size_bytes: int) -> str:
    return f"{size_bytes / (1 << 20):.3g} MiB"
