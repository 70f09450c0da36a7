"""An event is in the outbox once, however often its writing was asked for."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from signalling.database import Database
from signalling.webhooks.outbox import Event, Outbox


async def test_an_event_whose_writing_was_cancelled_is_written_once(tmp_path: Path) -> None:
    database = Database(tmp_path / "platform.sqlite3")
    outbox = Outbox(database, max_queued=10)
    busy = threading.Event()
    event = Event("msg_1", "a", b"{}", 1.0)
    held = asyncio.create_task(database.do(lambda _: busy.wait()))
    writing = asyncio.create_task(outbox.put([event]))
    await asyncio.sleep(0)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    busy.set()
    await held
    assert await outbox.put([event]) == 0, "as the relay does when it stops"
    assert await outbox.count() == 1
    await database.close()


async def test_what_was_written_twice_by_an_older_relay_is_told_once(tmp_path: Path) -> None:
    path = tmp_path / "platform.sqlite3"
    database = Database(path)
    await Outbox(database, max_queued=10).put([Event("msg_1", "a", b"{}", 1.0)])

    def twice(connection: sqlite3.Connection) -> None:
        connection.execute("DROP INDEX webhooks_by_id")
        connection.execute(
            "INSERT INTO webhooks (id, room, body, happened_unix_s, failures, due_unix_s)"
            " SELECT id, room, body, happened_unix_s, failures, due_unix_s FROM webhooks"
        )

    await database.do(twice)
    await database.close()
    again = Database(path)
    assert await Outbox(again, max_queued=10).count() == 1
    await again.close()
