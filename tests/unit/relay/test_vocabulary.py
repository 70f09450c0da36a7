"""Ids, units and the clock."""

from __future__ import annotations

from relay.clock import MonotonicClock
from relay.ids import (
    new_participant_id,
    new_publication_id,
    new_resume_secret,
    new_seat_id,
)
from relay.units import ms_of_us, ns_of_seconds, ratio_of_q8, seconds_of_ns


def test_ids_are_random_and_long_enough_not_to_be_guessed() -> None:
    for draw in (new_participant_id, new_publication_id, new_seat_id):
        drawn = {draw() for _ in range(100)}
        assert len(drawn) == 100
        assert all(len(each.split("-")[1]) * 4 == 128 for each in drawn)
    assert len(new_resume_secret()) >= 43
    assert new_resume_secret() != new_resume_secret()


def test_units_convert() -> None:
    assert ns_of_seconds(1.5) == 1_500_000_000
    assert seconds_of_ns(1_500_000_000) == 1.5
    assert ms_of_us(1_500) == 1.5
    assert ratio_of_q8(64) == 0.25


async def test_the_clock_goes_forward() -> None:
    clock = MonotonicClock()
    before = clock.now_ns()
    await clock.sleep(0)
    assert clock.now_ns() >= before
