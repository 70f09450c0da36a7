"""Captured feedback becomes text that `codecs/congestion/tests/judged/trace.rs` reads."""

from __future__ import annotations

import pytest

from benchmarks.adaptation.feedback_trace import DROPPED, need_whole, write
from benchmarks.harness.failure import BenchmarkFailed
from relay.engine import EngineConfig, Event, MediaEngine

Sample = tuple[int, int, int | None, int, int]

EXAMPLE = """\
feedback-trace 1
browser Chromium 1.2
link down: 1 Mbit/s
capacity 0 1000000
capacity 2000000 500000

90000 0 0,0,130 20000,81,1100 20,x,,3
50000 -1 -20,-1,1000 40000,160,1100,3
"""
"""Also what `trace.rs` expects to read."""


def feedback(at_us: int, *samples: Sample) -> Event.Feedback:
    """Tell of packets; times count from 5 s on the relay's clock, from 7 s on the receiver's."""
    placed: list[Sample] = [
        (
            65_536 + sequence,
            5_000_000 + sent_us,
            None if arrival_us is None else 7_000_000 + arrival_us,
            size_bytes,
            cluster,
        )
        for sequence, sent_us, arrival_us, size_bytes, cluster in samples
    ]
    return Event.Feedback(leg=1, at_ns=(5_000_000 + at_us) * 1_000 + 999, samples=placed)


def test_a_trace_is_written_as_it_is_read() -> None:
    told = [
        feedback(
            90_000, (0, 0, 0, 130, 0), (1, 20_000, 20_250, 1_100, 0), (2, 20_020, None, 1_100, 3)
        ),
        feedback(140_000, (2, 20_000, 20_000, 1_000, 0), (3, 60_000, 60_000, 1_100, 3)),
    ]
    capacity = [(4_000_000, 1_000_000), (7_000_000, 500_000)]
    text = write(told, capacity, browser="Chromium 1.2", link="down: 1 Mbit/s")
    assert text == EXAMPLE


def test_a_clock_that_begins_with_a_loss_begins_with_the_first_arrival() -> None:
    told = [feedback(90_000, (0, 0, None, 130, 0), (1, 20_000, 50_000, 130, 0))]
    assert write(told, [], browser="b", link="l").splitlines()[-1] == "90000 0 0,x,130 20000,0"


def test_packets_that_do_not_follow_one_another_are_no_feedback() -> None:
    told = [feedback(90_000, (0, 0, 0, 130, 0), (2, 20_000, 20_000, 130, 0))]
    with pytest.raises(BenchmarkFailed, match="out of turn"):
        write(told, [], browser="b", link="l")


@pytest.mark.parametrize("name", DROPPED)
def test_a_call_of_which_something_was_dropped_is_no_capture(name: str) -> None:
    before = dict.fromkeys(DROPPED, 3)
    need_whole(before, before)
    with pytest.raises(BenchmarkFailed, match=rf"feedback may be missing.*\b{name} 2\b"):
        need_whole(before, before | {name: 5})


async def test_the_engine_counts_what_it_dropped() -> None:
    async with MediaEngine(EngineConfig(listen=("127.0.0.1",), port=0)) as engine:
        assert engine.counters().keys() >= set(DROPPED)
