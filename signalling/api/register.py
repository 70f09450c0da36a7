"""The rooms a platform has created: kept across restarts, and held against whoever joins.

A room that was created opens for whoever joins it first, between its times and set as its platform
wants it; one that was closed lets nobody in with a token from before. Rooms that nobody created are
as their tokens say. Called by `signalling.api.rooms` and, for each join, by
`signalling.websocket.reception`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct

from relay.clock import Clock
from relay.errors import NotFound, RelayError, UnknownRoom
from relay.ids import RoomId
from relay.room_desk import RoomDesk
from relay.rooms.permissions import Grant
from relay.rooms.settings import Priority, RoomSettings
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
    created_at: datetime | None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    """Of a room that is closed: nobody may come, and it is forgotten in a day."""
    void_before: datetime | None = None
    """Of a room that was closed and created again: older tokens stay void."""
    notice: str = ""
    """What those who wait read."""
    waiting_room: bool | None = None
    """Of this and what follows, `None` is what the relay's configuration says."""
    max_participants: int | None = None
    max_publishing: int | None = None
    max_waiting: int | None = None
    max_duration_s: float | None = None
    priority: Priority | None = None

    def settings(self, usual: RoomSettings) -> RoomSettings:
        """Say how the room is set, where the platform says nothing as usual."""
        wanted = {name: getattr(self, name) for name in _SETTINGS}
        return replace(
            usual, **{name: value for name, value in wanted.items() if value is not None}
        )


class Register:
    """All rooms that were created, and those closed within a day."""

    def __init__(
        self,
        desk: RoomDesk,
        steering: Steering,
        table: Table,
        now: Callable[[], datetime],
        *,
        usual: RoomSettings,
    ) -> None:
        self._desk = desk
        self._steering = steering
        self._usual = usual
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
            before = self._rooms.get(room.id)
            if before is not None and before.closed_at is None:
                raise RoomExists
            void_before = None if before is None else before.closed_at
            await self._put(msgspec.structs.replace(room, void_before=void_before))

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
            if RoomId(name) in self._desk.rooms():
                self._desk.set_room(RoomId(name), changed.settings(self._usual))
                if changed.notice != room.notice:
                    self._desk.moderation(RoomId(name)).set_notice(changed.notice)
            return changed

    async def close(self, name: str) -> None:
        """Close a room for good, whether it was created or opened by a token.

        Raises:
            NotFound: No such room was created, and none is open.
            StoreUnavailable: It could not be written down; all is as it was.

        *Cancellation:* it is closed, or all is as it was.
        """
        async with self._one_at_a_time:
            room = self.find(name)
            is_open = RoomId(name) in self._desk.rooms()
            if room is None and not is_open:
                raise no_such_room()
            now = self._now()
            room = room or Created(id=name, created_at=now)
            await self._put(msgspec.structs.replace(room, closed_at=now))
            if RoomId(name) in self._desk.rooms():  # it may have ended meanwhile
                self._desk.moderation(RoomId(name)).close()

    @contextmanager
    def passing(self, grant: Grant) -> Iterator[None]:
        """Hold a join against its room, and open the room for it where it was created.

        Raises:
            UnknownRoom: The room is closed, does not open yet, or the token is from before its end.
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        room = self._rooms.get(grant.room)
        if room is None:
            yield
            return
        self._require_open(room, grant)
        self.open(room, grant.arrival.priority)
        try:
            yield
        except RelayError:
            self._steering.settle(grant.room)
            raise

    def open(self, room: Created, priority: Priority | None = None) -> None:
        """Open a room that was created, for somebody who comes; nothing happens if it is open.

        Raises:
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        settings = room.settings(self._usual)
        if room.priority is None and priority is not None:
            settings = replace(settings, priority=priority)
        self._steering.open_for_newcomer(RoomId(room.id), settings, room.notice)

    def _require_open(self, room: Created, grant: Grant) -> None:
        now = self._now()
        issued_at = now - timedelta(seconds=grant.arrival.age_s)
        is_over = room.closed_at is not None or (
            room.closes_at is not None and now >= room.closes_at
        )
        if is_over or (room.void_before is not None and issued_at < room.void_before):
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


def no_such_room() -> NotFound:
    """Say that a room is neither created nor open."""
    return NotFound(
        "There is no such room: nobody created it, or it is closed.",
        action="Check its name, or create it with POST /v1/rooms.",
    )


def draw_room_name() -> str:
    """Draw a name nobody can guess (128 bits)."""
    return f"r-{secrets.token_hex(16)}"


_SETTINGS: Final = (
    "waiting_room",
    "max_participants",
    "max_publishing",
    "max_waiting",
    "max_duration_s",
    "priority",
)
_DECODER: Final = msgspec.json.Decoder(Created)
