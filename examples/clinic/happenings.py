"""What the relay has told by webhooks: kept once each, however often it is told.

Called by `examples.clinic.web.hooks`, which has verified it, and by the page that shows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from examples.clinic.database import Connection, Database


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened in a room."""

    id: str
    """The webhook's: the same each time it is told."""
    room: str = field(repr=False)
    at_unix_s: float
    type: str
    identity: str | None = field(default=None, repr=False)
    """A pseudonym; `None` where it is about the room."""
    reason: str | None = None

    @property
    def hour(self) -> str:
        """When, as people here write it."""
        return datetime.fromtimestamp(self.at_unix_s, UTC).astimezone().strftime("%H:%M:%S")


class Happenings:
    """All of them, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, happening: Happening) -> bool:
        """Keep one, and say whether it is new: a webhook may be told twice."""
        row = (
            happening.id,
            happening.room,
            happening.at_unix_s,
            happening.type,
            happening.identity,
            happening.reason,
        )

        def insert(connection: Connection) -> bool:
            return connection.execute(_INSERT, row).rowcount == 1

        return await self._database.do(insert)

    async def of_room(self, room: str) -> Sequence[Happening]:
        """Give what happened in a room, in order."""

        def read(connection: Connection) -> list[Happening]:
            rows = connection.execute(
                "SELECT id, room, at_unix_s, type, identity, reason FROM happenings "
                "WHERE room = ? ORDER BY at_unix_s, rowid",
                (room,),
            ).fetchall()
            return [Happening(*row) for row in rows]

        return await self._database.do(read)


_INSERT = (
    "INSERT OR IGNORE INTO happenings (id, room, at_unix_s, type, identity, reason) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
