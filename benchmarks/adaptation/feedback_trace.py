"""Captured feedback as text, for `codecs/congestion/tests/judged`, whose `trace.rs` has the format.

Pure. Nothing of what was said or shown is in it: times, sizes, and whether a packet came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.harness.failure import BenchmarkFailed
from relay.engine import Event

STEP_US: Final = 250
"""Of the receiver's clock (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1)."""

DROPPED: Final = ("events_dropped", "leg_events_dropped")
"""Counters of `MediaEngine.counters`: what was told and nobody had room for, before and after it
reached Python."""

Capacity = Sequence[tuple[int, int]]
"""From when (µs on the relay's clock) the link carries how many bits a second; 0 is an outage."""


def write(told: Sequence[Event.Feedback], capacity: Capacity, *, browser: str, link: str) -> str:
    """Give the text of a trace; its time begins when its first packet left.

    Args:
        told: In the order in which it came; something was told, and something arrived.
        capacity: What comes before the first packet left counts from then.
        browser: Who told it.
        link: In words.

    Raises:
        BenchmarkFailed: The packets of a feedback do not follow one another.

    """
    first = told[0].samples[0]
    began_us = first[1]
    head = ["feedback-trace 1", f"browser {browser}", f"link {link}"]
    head += [f"capacity {max(0, from_us - began_us)} {bps}" for from_us, bps in capacity]
    lines = _Lines(began_us, first[0], _first_arrival_us(told))
    return "\n".join([*head, "", *(lines.line(each) for each in told), ""])


def need_whole(before: Mapping[str, int], after: Mapping[str, int]) -> None:
    """See to it that nothing of what the engine told was lost between two of its counts.

    Raises:
        BenchmarkFailed: Something was: feedback may be missing, and would look like silence.

    """
    dropped = {name: after[name] - before[name] for name in DROPPED}
    if any(dropped.values()):
        counted = ", ".join(f"{name} {count}" for name, count in dropped.items())
        raise BenchmarkFailed(f"feedback may be missing ({counted}); is the machine busy?")


def _first_arrival_us(told: Sequence[Event.Feedback]) -> int:
    arrivals = (sample[2] for each in told for sample in each.samples)
    return next(arrival_us for arrival_us in arrivals if arrival_us is not None)


class _Lines:
    """Writes each number as the difference to the one before."""

    def __init__(self, began_us: int, first_sequence: int, first_arrival_us: int) -> None:
        self._told_us = self._sent_us = began_us
        self._next_sequence = first_sequence
        self._arrival_us = first_arrival_us
        self._size_bytes = 0

    def line(self, told: Event.Feedback) -> str:
        told_us, sequence = told.at_ns // 1_000, told.samples[0][0]
        words = [str(told_us - self._told_us), str(sequence - self._next_sequence)]
        self._told_us, self._next_sequence = told_us, sequence
        words += [self._packet(*sample) for sample in told.samples]
        return " ".join(words)

    def _packet(
        self, sequence: int, sent_us: int, arrival_us: int | None, size_bytes: int, cluster: int
    ) -> str:
        if sequence != self._next_sequence:
            raise BenchmarkFailed(f"a feedback told of packet {sequence} out of turn")
        arrived = "x"
        if arrival_us is not None:
            arrived = str((arrival_us - self._arrival_us) // STEP_US)
            self._arrival_us = arrival_us
        size = "" if size_bytes == self._size_bytes else str(size_bytes)
        parts = [str(sent_us - self._sent_us), arrived, size, str(cluster) if cluster else ""]
        self._next_sequence, self._sent_us, self._size_bytes = sequence + 1, sent_us, size_bytes
        return ",".join(parts).rstrip(",")
