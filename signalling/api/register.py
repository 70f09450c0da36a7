"""The rooms a platform has created: kept across restarts, and held against whoever joins.

A room that was created lets in everybody with a token for it, between its times and up to its
number; one that was closed lets nobody in with a token that was good before. Rooms that nobody
created are as their tokens say. Called by `signalling.api.rooms` and, for each join, by
`signalling.websocket.reception`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from relay.clock import Clock
from relay.errors import NotFound, RoomFull, UnknownRoom
from relay.ids import RoomId
from relay.rooms.permissions import Grant
from relay.steering import Steering
from signalling.api.errors import RoomExists
from signalling.database import StoreUnavailable, Table
from signalling.tokens import LEEWAY_S, MAX_LIFETIME_S

ROUND_S: Final = 1.0
STORE_PAUSE_S: Final = 30.0
"""Between two tries to write down what is due, where the disk refuses."""
CLOSED_KEPT_S: Final = MAX_LIFETIME_S + LEEWAY_S
"""No token lives longer, so nobody can come back to a closed room with an old one."""


class Created(Struct, frozen=True, kw_only=True):
    """A room as its platform wants it."""

    id: str
    created_at: datetime
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    max_participants: int | None = None
    closed_at: datetime | None = None
    """Of a room that is closed: nobody may come, and it is forgotten in a day."""


class Register:
    """All rooms that were created, and those closed within a day."""

    def __init__(self, steering: Steering, table: Table, now: Callable[[], datetime]) -> None:
        self._steering = steering
        self._table = table
        self._now = now
        self._rooms: dict[str, Created] = {}
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        """Read what was kept before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        for text in await self._table.read_all():
            room = _DECODER.decode(text)
            self._rooms[room.id] = room

    def find(self, name: str) -> Created | None:
        """Give a room that was created and is not closed."""
        room = self._rooms.get(name)
        return None if room is None or room.closed_at is not None else room

    def all(self) -> Iterator[Created]:
        """Give every room that was created and is not closed."""
        return (room for room in self._rooms.values() if room.closed_at is None)

    def count(self) -> int:
        """Say how many rooms are held, those closed within a day included."""
        return len(self._rooms)

    async def create(self, room: Created) -> None:
        """Keep a new room; one that was closed may be created again.

        Raises:
            RoomExists: There is one of that name.
            StoreUnavailable: It could not be written down; all is as it was.

        *Cancellation:* it is kept, or all is as it was.
        """
        async with self._one_at_a_time:
            if self.find(room.id) is not None:
                raise RoomExists
            await self._put(room)

    async def change(self, name: str, change: Callable[[Created], Created]) -> Created:
        """Keep a room changed.

        Args:
            name: Of a room that was created.
            change: Gives the room as it shall be; what it raises leaves all as it was.

        Raises:
            NotFound: No such room was created.
            StoreUnavailable: It could not be written down; all is as it was.

        *Cancellation:* it is changed, or all is as it was.
        """
        async with self._one_at_a_time:
            room = self.find(name)
            if room is None:
                raise no_such_room()
            changed = change(room)
            await self._put(changed)
            return changed

    async def close(self, name: str) -> None:
        """Close a room for good, whether it was created or opened by a token.

        Raises:
            NotFound: No such room was created, and none is open.
            StoreUnavailable: It could not be written down; all is as it was.

        *Cancellation:* it is closed, or all is as it was.
        """
        async with self._one_at_a_time:
            now = self._now()
            room = self.find(name)
            if room is None:
                if self._steering.room(RoomId(name)) is None:
                    raise no_such_room()
                room = Created(id=name, created_at=now)
            await self._put(msgspec.structs.replace(room, closed_at=now))
            self._steering.close(RoomId(name))

    def admit(self, grant: Grant) -> Grant:
        """Hold a join against its room, and give what it may go on with.

        Raises:
            UnknownRoom: The room is closed, or does not open yet.
            RoomFull: It holds as many as its platform wants.

        """
        room = self._rooms.get(grant.room)
        if room is None:
            return grant
        now = self._now()
        if room.closed_at is not None or (room.closes_at is not None and now >= room.closes_at):
            raise UnknownRoom(
                "This consultation has ended.",
                action="Ask for a new link if there is another one.",
            )
        if room.opens_at is not None and now < room.opens_at:
            raise UnknownRoom(
                "This room is not open yet.",
                action="Come back at the time of your appointment.",
                retry_after_s=(room.opens_at - now).total_seconds(),
            )
        self._require_place(room, grant)
        return replace(grant, open_room=True)

    async def keep_hours(self, clock: Clock) -> None:
        """Close rooms when their time is over, and forget those closed a day ago, until cancelled.

        *Cancellation:* what is due is done in the next life.
        """
        while True:
            await clock.sleep(ROUND_S)
            try:
                await self._keep_hours_once()
            except StoreUnavailable:
                await clock.sleep(STORE_PAUSE_S)  # what is due stays due; the database has said why

    async def _put(self, room: Created) -> None:
        await self._table.write(room.id, msgspec.json.encode(room))
        self._rooms[room.id] = room

    async def _keep_hours_once(self) -> None:
        now = self._now()
        for room in list(self._rooms.values()):
            if room.closed_at is None:
                if room.closes_at is not None and now >= room.closes_at:
                    await self.close(room.id)
            elif (now - room.closed_at).total_seconds() > CLOSED_KEPT_S:
                await self._table.delete(room.id)
                del self._rooms[room.id]

    def _require_place(self, room: Created, grant: Grant) -> None:
        if room.max_participants is None or self._steering.holds(grant.room, grant.identity):
            return
        view = self._steering.room(grant.room)
        if view is not None and view.participants >= room.max_participants:
            raise RoomFull


def no_such_room() -> NotFound:
    """Say that a room is neither created nor open."""
    return NotFound(
        "There is no such room: nobody created it, or it is closed.",
        action="Check its name, or create it with POST /v1/rooms.",
    )


def draw_room_name() -> str:
    """Draw a name nobody can guess (128 bits)."""
    return f"r-{secrets.token_hex(16)}"


_DECODER: Final = msgspec.json.Decoder(Created)
