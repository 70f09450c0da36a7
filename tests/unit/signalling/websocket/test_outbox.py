from __future__ import annotations

import asyncio

import pytest

from signalling.messages import Answer, Pong
from signalling.websocket.outbox import Full, Outbox, encode


async def test_messages_leave_in_the_order_they_came() -> None:
    outbox = Outbox()
    for number in range(3):
        outbox.put(Pong(id=number))
    assert [await outbox.take() for _ in range(3)] == [encode(Pong(id=n)) for n in range(3)]
    assert len(outbox) == 0


async def test_a_reader_waits_for_the_first_message() -> None:
    outbox = Outbox()
    async with asyncio.TaskGroup() as tasks:
        taken = tasks.create_task(outbox.take())
        tasks.create_task(asyncio.to_thread(int))
        outbox.put(Pong(id=1))
    assert taken.result() == b'{"type":"pong","id":1}'


async def test_one_message_too_many_is_not_queued() -> None:
    outbox = Outbox(max_messages=2)
    outbox.put(Pong(id=1))
    outbox.put(Pong(id=2))
    with pytest.raises(Full):
        outbox.put(Pong(id=3))
    assert len(outbox) == 2
    outbox.take_now()
    outbox.put(Pong(id=3))


async def test_bytes_are_bounded_and_freed() -> None:
    outbox = Outbox(max_bytes=1_000)
    outbox.put(Answer(id=1, sdp="a" * 900))
    with pytest.raises(Full):
        outbox.put(Answer(id=2, sdp="b" * 900))
    await outbox.take()
    outbox.put(Answer(id=2, sdp="b" * 900))
