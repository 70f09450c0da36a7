"""A stream of probes over a link, and what arrived of it."""

from __future__ import annotations

import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.adaptation.emulated_link import EmulatedLink
from benchmarks.adaptation.link_setup import Way
from benchmarks.adaptation.sides import Side
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT

BEGUN_WITHIN_S: Final = 20.0
"""Python and numpy start in a second, unless the machine is busy."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What is sent."""

    packets_per_s: float
    ip_bytes: int
    lasts_s: float

    @property
    def count(self) -> int:
        """Say how many packets it has."""
        return max(2, round(self.packets_per_s * self.lasts_s))


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came of a stream, in the order of arrival."""

    stream: Stream
    number: npt.NDArray[np.int64]
    sent_ns: npt.NDArray[np.int64]
    arrived_ns: npt.NDArray[np.int64]

    @property
    def delay_ms(self) -> npt.NDArray[np.float64]:
        """Give each packet's time on its way."""
        return (self.arrived_ns - self.sent_ns) / 1e6

    @property
    def lost(self) -> int:
        """Say how many did not come."""
        return self.stream.count - len(np.unique(self.number))


def probe(
    link: EmulatedLink, stream: Stream, *, way: Way = "down", settle_s: float | None, core: int
) -> Arrived:
    """Send a stream one way through a link, and give what arrived.

    Args:
        link: The link.
        stream: What is sent.
        way: Which way.
        settle_s: How long after the last one was sent what has not arrived is lost; without it all
            of them are waited for.
        core: Where sender and receiver run.

    Raises:
        BenchmarkFailed: The probes could not be sent or received.

    """
    source, sink = (link.server, link.client) if way == "down" else (link.client, link.server)
    most_s = BEGUN_WITHIN_S + 2 * stream.lasts_s
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrived.npy"
        words = ["receive", sink.address, str(path), "--count", str(stream.count)]
        with _popen(sink, words, core) as receiver, _killed_at_last(receiver):
            _wait_until_bound(receiver)
            pace = ["--packets-per-s", f"{stream.packets_per_s:g}"]
            size = ["--ip-bytes", str(stream.ip_bytes), "--count", str(stream.count)]
            words = ["send", sink.address, *pace, *size]
            with _popen(source, words, core) as sender, _killed_at_last(sender):
                _end(sender, most_s)
            if settle_s is not None:
                # Only time tells a packet that is late from one that is lost.
                time.sleep(settle_s)
                assert receiver.stdin
                receiver.stdin.close()
            _end(receiver, most_s)
        rows = np.load(path)
    return Arrived(stream, rows[:, 0], rows[:, 1], rows[:, 2])


def _popen(side: Side, words: Sequence[str], core: int) -> subprocess.Popen[Any]:
    module = [sys.executable, "-m", "benchmarks.adaptation.probe", *words]
    pinned = ["taskset", "--cpu-list", str(core), *module]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        side.command(pinned), cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0
    )


@contextmanager
def _killed_at_last(process: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()


def _wait_until_bound(receiver: subprocess.Popen[Any]) -> None:
    assert receiver.stdout
    ready = select.select([receiver.stdout], [], [], BEGUN_WITHIN_S)[0]
    if not ready or receiver.stdout.readline() != b"bound\n":
        _fail(receiver)


def _end(process: subprocess.Popen[Any], within_s: float) -> None:
    try:
        process.wait(within_s)
    except subprocess.TimeoutExpired:
        _fail(process)
    if process.returncode:
        _fail(process)


def _fail(process: subprocess.Popen[Any]) -> None:
    process.kill()
    assert process.stderr
    said = process.stderr.read().decode(errors="replace").strip()
    raise BenchmarkFailed(f"the probes did not come to an end: {said or 'they hung'}")
