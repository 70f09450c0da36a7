"""Which floors the relay is held against, and which are no denominators."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.capacity.denominators import GATHERED_US, TRIES, compare, untrusted
from benchmarks.harness.programs import Outcome
from tests.unit.benchmarks.played_floor import outcome
from tests.unit.benchmarks.test_stages import stage


def floor(**windows: Any) -> Outcome:
    found = outcome(133, 500)
    return found | {"generator": found["generator"] | windows}


def test_a_floor_at_the_same_rate_is_a_denominator() -> None:
    assert untrusted(floor(), stage(133)) == ""


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (floor(void_share=0.9, stolen_share=0.2, late_share=0.9), "its generator was late"),
        (floor(relayed_clean={"expected": 1_000, "received": 999, "lost": 1}), "it lost 0.10%"),
        (floor() | {"failed": 3}, "3 failed"),
        (floor() | {"packets_per_s": 1.06 * 370 * 133}, "6.0% apart from the relay's"),
    ],
)
def test_a_floor_of_another_load_is_none(found: Outcome, why: str) -> None:
    assert why in untrusted(found, stage(133))


def test_windows_that_the_host_took_leave_a_denominator() -> None:
    """Its packets cost what they cost in the others."""
    disturbed = floor(
        void_share=0.8, stolen_share=0.8, late_share=0.7, generator_is_bottleneck=True
    )
    assert untrusted(disturbed, stage(133)) == ""


def test_the_cheaper_floor_counts() -> None:
    found = compare(stage(133), lambda gather_us: outcome(133, gather_us))
    assert len(found.floors) == len(GATHERED_US)
    assert found.refusal == ""
    cheapest = min(outcome(133, us)["cpu_ns_per_packet"] for us in GATHERED_US)
    assert found.floor_ns == cheapest
    # The played server uses 400 µs of processor time a packet.
    assert found.ratio() == pytest.approx(400_000 / cheapest)


def test_a_stage_that_was_not_held_is_not_compared() -> None:
    def measure(_: int) -> Outcome:
        pytest.fail("no floor is run for it")

    found = compare(stage(399), measure)
    assert found.refusal == "the relay's stage was not held (loss)"
    assert found.floors == []


def test_of_disturbed_floors_the_least_disturbed_is_kept_and_refused() -> None:
    voids = iter([0.99, 0.95] * len(GATHERED_US))
    asked = []

    def measure(gather_us: int) -> Outcome:
        asked.append(gather_us)
        void = next(voids)
        return floor(void_share=void, stolen_share=0.0, late_share=void)

    found = compare(stage(133), measure)
    assert asked == [us for us in GATHERED_US for _ in range(TRIES)]
    assert {one["generator"]["void_share"] for one in found.floors} == {0.95}
    assert "its generator was late" in found.refusal
