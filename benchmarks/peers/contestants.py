"""Who is compared: the relay, and Janus as its package runs it and as it could be tuned to run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks import janus_process, private_network
from benchmarks.harness import plots
from benchmarks.janus_process import JanusOptions
from benchmarks.load import RELAY_CORE, Server
from benchmarks.served_relay import served_relay

RELAY: Final = "relay"
JANUS: Final = ("janus", "janus, one event loop")
"""As Debian's package is: by default, and with the option that makes it cheaper."""
OPENSSL: Final = ", libsrtp with OpenSSL"


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server under comparison."""

    name: str
    colour: str
    start: Callable[[], AbstractContextManager[Server]]

    @property
    def is_relay(self) -> bool:
        """Whether it is ours."""
        return self.name == RELAY

    @property
    def is_packaged(self) -> bool:
        """Whether it is a peer as its package has it: what the bar speaks of."""
        return self.name in JANUS


def contestants(libsrtp_folder: Path | None) -> list[Contestant]:
    """Name all there are.

    Args:
        libsrtp_folder: Where a libsrtp built with OpenSSL is, if there is one.

    """
    every = [
        Contestant(RELAY, plots.RELAY, _relay),
        Contestant(JANUS[0], plots.STAGES[5], _janus(None, None)),
        Contestant(JANUS[1], plots.STAGES[4], _janus(1, None)),
    ]
    if libsrtp_folder:
        every += [
            Contestant(JANUS[0] + OPENSSL, "#8d5a97", _janus(None, libsrtp_folder)),
            Contestant(JANUS[1] + OPENSSL, "#c3a0c9", _janus(1, libsrtp_folder)),
        ]
    return every


@contextmanager
def _relay() -> Iterator[Server]:
    with served_relay([RELAY_CORE]) as relay:
        yield relay


def _janus(
    event_loops: int | None, libsrtp_folder: Path | None
) -> Callable[[], AbstractContextManager[Server]]:
    options = JanusOptions(
        core=RELAY_CORE,
        ice_address=private_network.ADDRESS,
        event_loops=event_loops,
        libsrtp_folder=libsrtp_folder,
    )
    return lambda: janus_process.running(options)
