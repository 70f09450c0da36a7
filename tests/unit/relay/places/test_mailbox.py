"""What a seat has still to be told."""

from __future__ import annotations

import asyncio

from relay.places.mailbox import Mailbox
from relay.rooms.closings import Closing, closing
from relay.rooms.events import SeatEvent, SlotsChanged

NOTHING = SlotsChanged(())


async def read(mailbox: Mailbox) -> list[SeatEvent]:
    return [event async for event in mailbox.events()]


async def test_events_come_in_order_and_end_with_the_last() -> None:
    mailbox = Mailbox()
    first, second = SlotsChanged(()), closing("draining")
    assert mailbox.put(first)
    mailbox.close(second)
    mailbox.close(closing("replaced"))
    assert mailbox.put(first), "after the end nothing is added, and nobody is too slow"
    assert await read(mailbox) == [first, second]


async def test_a_full_mailbox_says_so_instead_of_everything_else() -> None:
    mailbox = Mailbox(max_events=3)
    assert [mailbox.put(NOTHING) for _ in range(4)] == [True, True, True, False]
    assert mailbox.closed
    (last,) = await read(mailbox)
    assert isinstance(last, Closing)
    assert last.code == "slow_consumer"
    assert last.words


async def test_a_waiting_reader_is_woken_up() -> None:
    mailbox = Mailbox()
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read(mailbox))
        await asyncio.sleep(0)
        mailbox.put(NOTHING)
        await asyncio.sleep(0)
        mailbox.close()
    assert reading.result() == [NOTHING]


async def test_a_cancelled_reader_loses_no_event() -> None:
    mailbox = Mailbox()
    async with asyncio.TaskGroup() as tasks:
        reading = tasks.create_task(read(mailbox))
        await asyncio.sleep(0)
        mailbox.put(NOTHING)
        reading.cancel()
    mailbox.close()
    assert await read(mailbox) == [NOTHING]
