"""What is still to be told, on the disk: in order for each room, bounded, until it is heard.

Every method is one transaction on the database's own thread. A room's later events wait behind its
first: a receiver never hears that somebody left before it hears that they came. Called by
`signalling.webhooks.sender`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from signalling.database import Database


@dataclass(frozen=True, slots=True)
class Event:
    """One thing to tell."""

    id: str
    room: str = field(repr=False)
    body: bytes = field(repr=False)
    happened_unix_s: float


@dataclass(frozen=True, slots=True)
class Queued:
    """An event in the outbox."""

    number: int
    event: Event
    failures: int


class Outbox:
    """All events that are still to be told."""

    def __init__(self, database: Database, *, max_queued: int) -> None:
        self._database = database
        self._max_queued = max_queued

    async def put(self, events: Sequence[Event]) -> int:
        """Queue events, at the cost of the oldest where there is no room.

        Returns:
            How many had to go.

        Raises:
            StoreUnavailable: Nothing is queued.

        *Cancellation:* they are queued all the same.
        """

        def put(connection: sqlite3.Connection) -> int:
            connection.executemany(
                "INSERT INTO webhooks (id, room, body, happened_unix_s, failures, due_unix_s)"
                " VALUES (?, ?, ?, ?, 0, 0)",
                [(each.id, each.room, each.body, each.happened_unix_s) for each in events],
            )
            (queued,) = connection.execute("SELECT count(*) FROM webhooks").fetchone()
            too_many: int = max(0, queued - self._max_queued)
            connection.execute(
                "DELETE FROM webhooks WHERE number IN"
                " (SELECT number FROM webhooks ORDER BY number LIMIT ?)",
                (too_many,),
            )
            return too_many

        return await self._database.do(put)

    async def due(self, now_unix_s: float, *, busy: Collection[str], limit: int) -> list[Queued]:
        """Give the first event of rooms whose first event is due, the longest due first.

        Args:
            now_unix_s: Wall-clock time, which survives a restart.
            busy: Rooms whose first event is being sent.
            limit: At most so many.

        Raises:
            StoreUnavailable: The outbox cannot be read.

        """

        def read(connection: sqlite3.Connection) -> list[Queued]:
            rows = connection.execute(
                "SELECT number, id, room, body, happened_unix_s, failures FROM webhooks"
                " WHERE number IN (SELECT min(number) FROM webhooks GROUP BY room)"
                " AND due_unix_s <= ? ORDER BY due_unix_s, number LIMIT ?",
                (now_unix_s, limit + len(busy)),
            )
            found = [Queued(row[0], Event(row[1], row[2], row[3], row[4]), row[5]) for row in rows]
            return [each for each in found if each.event.room not in busy][:limit]

        return await self._database.do(read, nothing=[], at_once=False)

    async def remove(self, number: int) -> bool:
        """Forget an event: it was heard, or is given up; say whether it was still there.

        Raises:
            StoreUnavailable: It is still there.

        *Cancellation:* it is forgotten all the same.
        """

        def remove(connection: sqlite3.Connection) -> bool:
            gone = connection.execute("DELETE FROM webhooks WHERE number = ?", (number,))
            return gone.rowcount > 0

        # Lost, it costs a second telling.
        return await self._database.do(remove, at_once=False)

    async def postpone(self, number: int, *, due_unix_s: float) -> None:
        """Note that an event was not heard, and when it is due again.

        Raises:
            StoreUnavailable: It is due as before.

        *Cancellation:* it is postponed all the same.
        """

        def postpone(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE webhooks SET failures = failures + 1, due_unix_s = ? WHERE number = ?",
                (due_unix_s, number),
            )

        await self._database.do(postpone, at_once=False)

    async def count(self) -> int:
        """Say how many events are queued.

        Raises:
            StoreUnavailable: The outbox cannot be read.

        """

        def count(connection: sqlite3.Connection) -> int:
            (queued,) = connection.execute("SELECT count(*) FROM webhooks").fetchone()
            return int(queued)

        return await self._database.do(count, nothing=0, at_once=False)
