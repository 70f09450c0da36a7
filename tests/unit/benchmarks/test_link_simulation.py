"""The link simulation, where the answer is known otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.adaptation import judging, links, simulation
from benchmarks.adaptation.estimator import worst
from benchmarks.adaptation.queues import Queues

SECOND_US = 1_000_000


def steady(rates_bps: list[list[float]], begins_s: list[float], queue_ms: float) -> links.Links:
    count = len(rates_bps)
    return links.scheduled(
        np.tile(np.array(begins_s) * SECOND_US, (count, 1)),
        np.array(rates_bps),
        round_trip_us=np.full(count, 50e3),
        queue_ms=np.full(count, queue_ms),
        loss=np.zeros(count),
    )


def test_packets_wait_for_those_before_them_and_a_full_queue_drops_the_rest() -> None:
    # 1 Mbit/s: 1,250 bytes take 10 ms; 40 ms, 5,000 bytes, may be under way or wait.
    one = steady([[1e6]], [0.0], queue_ms=40)
    packets = np.arange(7)
    passage = Queues(one).pass_through(
        np.zeros(7, dtype=np.int64),
        packets.astype(np.float64),
        np.full(7, 1_250.0),
        np.zeros(1, dtype=np.int64),
    )
    assert passage.dropped.tolist() == [False] * 4 + [True] * 3
    assert passage.waited_us[:4].tolist() == pytest.approx([0, 9_999, 19_998, 29_997])
    assert passage.ended_us[:4].tolist() == pytest.approx([10_000 * n for n in range(1, 5)])


def test_what_waits_while_a_capacity_halves_takes_twice_as_long_from_then_on() -> None:
    one = steady([[1e6, 0.5e6]], [0.0, 0.1], queue_ms=200)
    sent_us = np.full(2, 95_000.0)
    passage = Queues(one).pass_through(
        np.zeros(2, dtype=np.int64), sent_us, np.full(2, 1_250.0), np.zeros(1, dtype=np.int64)
    )
    # Half of the first leaves at 1 Mbit/s until 100 ms, the rest at 0.5.
    assert passage.ended_us.tolist() == pytest.approx([110_000, 130_000])


def test_links_keep_within_their_bounds_and_change_when_they_should() -> None:
    drawn = links.draw(200, 120.0, seed=4)
    assert drawn.rate_bps.min() >= links.LEAST_BPS
    assert drawn.rate_bps.max() <= links.MOST_BPS
    assert (np.diff(drawn.begins_us, axis=1) >= links.BETWEEN_S * SECOND_US).all()
    assert (drawn.begins_us % links.TICK_US == 0).all()
    again = links.draw(200, 120.0, seed=4)
    assert np.array_equal(drawn.rate_bps, again.rate_bps)


def test_a_course_is_judged_by_what_happened_on_it() -> None:
    """A rate that was written by hand, so that every figure can be reckoned."""
    ticks = 800
    two = steady([[2e6, 1e6, 2e6], [2e6, 1e6, 2e6]], [0.0, 25.0, 50.0], queue_ms=300)
    capacity_bps = np.stack([two.rate_at(tick * links.TICK_US) for tick in range(ticks)])
    rate_bps = 0.9 * capacity_bps
    rate_bps[250:257, 0] = 1.8e6  # 0.7 s too much after the halving
    rate_bps[500:530, 0] = 0.9e6  # 3 s until the doubled capacity is used
    rate_bps[300:360, 1] = 0.4e6  # 6 s of less than half
    waits = np.zeros((2, simulation.WAIT_BINS), dtype=np.int64)
    waits[:, 0], waits[:, 10] = 90, 10
    course = simulation.Course(
        capacity_bps=capacity_bps,
        rate_bps=rate_bps,
        carried_bits=np.minimum(rate_bps, capacity_bps) / 10,
        dropped=np.zeros_like(rate_bps),
        sent=np.ones_like(rate_bps),
        standing_ms=np.zeros_like(rate_bps),
        waits=waits,
        bursts=np.zeros(2, dtype=np.int64),
        update_s=np.zeros(ticks),
        samples=np.zeros(ticks, dtype=np.int64),
    )
    verdict = judging.judge(two, course)
    # The other link was below the halved capacity already: nothing to step down from.
    assert verdict.step_down_s.tolist() == pytest.approx([0.7])
    assert verdict.recovery_s.tolist() == pytest.approx([3.0, 0.0])
    assert verdict.collapsed_s.tolist() == pytest.approx([0.0, 6.0])
    assert verdict.wait_p50_ms.tolist() == [4.0, 4.0]
    assert verdict.wait_p95_ms.tolist() == [44.0, 44.0]
    assert worst(two, course, verdict)[0]["link"] == 1


def test_the_same_seed_gives_the_same_course() -> None:
    drawn = links.draw(5, 6.0, seed=2)
    first, second = (simulation.run(drawn, 6.0, seed=2) for _ in range(2))
    assert np.array_equal(first.rate_bps, second.rate_bps)
    assert first.rate_bps[-1].max() > first.rate_bps[0].max()
