"""News of paths is heeded a few at a time, and of each path once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from relay.ids import LegId
from relay.workers.heeding import AT_ONCE, Heeding


class Heard:
    """Who was heeded, turn by turn."""

    def __init__(self) -> None:
        self.turns: list[list[LegId]] = []
        self.heeding = Heeding(self.heed)

    def heed(self, legs: Iterable[LegId]) -> None:
        self.turns.append(list(legs))

    async def all(self) -> list[list[LegId]]:
        """Let the loop turn until nobody waits."""
        before = -1
        while len(self.turns) != before:
            before = len(self.turns)
            await asyncio.sleep(0)
        return self.turns


def legs(first: int, after_last: int) -> list[LegId]:
    return [LegId(number) for number in range(first, after_last)]


async def test_a_few_are_heeded_at_once() -> None:
    heard = Heard()
    heard.heeding.hear(legs(0, 3))
    assert heard.turns == [legs(0, 3)]
    heard.heeding.hear([])
    assert await heard.all() == [legs(0, 3)]


async def test_of_many_the_loop_has_a_turn_in_between() -> None:
    heard = Heard()
    heard.heeding.hear(legs(0, 2 * AT_ONCE + 1))
    assert heard.turns == [legs(0, AT_ONCE)]
    turns = await heard.all()
    assert turns[1:] == [legs(AT_ONCE, 2 * AT_ONCE), legs(2 * AT_ONCE, 2 * AT_ONCE + 1)]


async def test_several_batches_in_one_turn_are_heeded_as_one() -> None:
    heard = Heard()
    for number in range(3):
        heard.heeding.hear(legs(number, number + 1))
    heard.heeding.hear(legs(3, AT_ONCE + 2))
    assert heard.turns == [legs(0, 1)]
    assert await heard.all() == [legs(0, 1), legs(1, AT_ONCE + 1), legs(AT_ONCE + 1, AT_ONCE + 2)]
    heard.heeding.hear(legs(0, 1))
    assert heard.turns[-1] == legs(0, 1), "in a later turn it is at once again"


async def test_who_waits_already_is_heeded_once() -> None:
    heard = Heard()
    heard.heeding.hear(legs(0, AT_ONCE + 2))
    heard.heeding.hear(legs(AT_ONCE + 1, AT_ONCE + 3))
    assert await heard.all() == [legs(0, AT_ONCE), legs(AT_ONCE, AT_ONCE + 3)]
    heard.heeding.hear(legs(0, 1))
    assert heard.turns[-1] == legs(0, 1), "nothing is left that would hold it up"


async def test_a_failure_leaves_the_others_their_turn() -> None:
    heard = Heard()
    told: list[list[LegId]] = []

    def fail_first(some: Iterable[LegId]) -> None:
        told.append(list(some))
        if len(told) == 1:
            raise RuntimeError

    heard.heeding = Heeding(fail_first)
    try:
        heard.heeding.hear(legs(0, AT_ONCE + 1))
    except RuntimeError:
        await asyncio.sleep(0)
    assert told == [legs(0, AT_ONCE), legs(AT_ONCE, AT_ONCE + 1)]
