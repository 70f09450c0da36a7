"""Everybody's objects are looked through every five minutes, and not whenever Python thinks fit."""

from __future__ import annotations

import asyncio
import gc
import weakref

from signalling.garbage import EVERY_S, MOST_TURNOVER, rarely_collected
from tests.unit.relay.fakes import HandClock


class Node:
    """One end of a cycle."""

    other: Node


def grow_old() -> None:
    """Bring everything young into the oldest generation."""
    gc.collect(1)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_cycle_that_has_grown_old_goes_after_five_minutes_at_the_latest() -> None:
    clock = HandClock()
    async with rarely_collected(clock):
        await settle()
        one, two = Node(), Node()
        one.other, two.other = two, one
        gone = weakref.ref(one)
        grow_old()
        del one, two
        grow_old()
        assert gone() is not None, "a collection of the young leaves it"
        clock.move(EVERY_S)
        await settle()
        assert gone() is None


async def test_where_many_come_and_go_the_five_minutes_are_over_sooner() -> None:
    clock, ended = HandClock(), 0.0
    full: list[float] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "stop" and about["generation"] == 2:
            full.append(ended)

    async with rarely_collected(clock, lambda: ended):
        await settle()
        gc.callbacks.append(note)
        try:
            for _ in range(12):
                ended += MOST_TURNOVER / 4
                clock.move(1)
                await settle()
        finally:
            gc.callbacks.remove(note)
    assert full == [MOST_TURNOVER, 2 * MOST_TURNOVER, 3 * MOST_TURNOVER]


async def test_what_is_old_is_left_alone_in_between_and_all_is_as_before_afterwards() -> None:
    before = gc.get_threshold()
    full = 0

    def count(phase: str, about: dict[str, int]) -> None:
        nonlocal full
        full += phase == "stop" and about["generation"] == 2

    gc.callbacks.append(count)
    try:
        async with rarely_collected(HandClock()):
            full = 0
            kept = [[number] for number in range(100_000)]
            assert len(kept) == 100_000
            assert full == 0
            assert gc.get_threshold()[:2] == before[:2]
    finally:
        gc.callbacks.remove(count)
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
