"""What the sender makes of a disk that refuses, without a network."""

from __future__ import annotations

import asyncio
from pathlib import Path

from relay.metrics.tally import Tally
from signalling.database import Database, StoreUnavailable
from signalling.webhooks.delivery import Answer, Outcome
from signalling.webhooks.outbox import Event, Outbox
from signalling.webhooks.sender import LOOK_EVERY_S, Sender
from tests.unit.relay.fakes import HandClock

TURNS = 20
"""Of the database's one thread: whoever tells at once again would have told as often by then."""


class Full(Outbox):
    """On a disk that is full: what is on it is read, and nothing leaves it."""

    async def remove(self, number: int) -> bool:
        assert number > 0
        raise StoreUnavailable


async def given_up(_: int, __: Event | None) -> None:
    raise AssertionError("nothing is given up within a day")


async def test_what_was_heard_and_cannot_be_noted_is_told_again_by_the_clock(
    tmp_path: Path,
) -> None:
    clock, database = HandClock(), Database(tmp_path / "outbox.sqlite3")
    outbox = Full(database, max_queued=10)
    told: list[str] = []

    async def hears(event: Event) -> Answer:
        told.append(event.id)
        return Answer(Outcome.HEARD)

    sender = Sender(
        outbox,
        hears,
        clock=clock,
        unix_now_s=lambda: clock.now_ns() / 1e9,
        tally=Tally(),
        given_up=given_up,
    )
    await outbox.put([Event("e", "room", b"{}", clock.now_ns() / 1e9)])
    async with asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(sender.run())
        for times in range(1, 4):
            while len(told) < times:
                await outbox.count()
            for _ in range(TURNS):
                await outbox.count()
            assert told == ["e"] * times
            clock.move(LOOK_EVERY_S)
        sending.cancel()
    await database.close()
