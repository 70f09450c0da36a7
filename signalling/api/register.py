"""The rooms a platform has created: kept across restarts, and held against whoever joins.

A room that was created opens for whoever joins it first, between its times and set as its platform
wants it; one that was closed lets nobody in with a token from before. Rooms that nobody created are
as their tokens say. Called by `signalling.api.rooms` and, for each join, by
`signalling.websocket.reception`.
"""

from __future__ import annotations

import asyncio
import heapq
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from relay.clock import Clock
from relay.errors import NotFound, RelayError, UnknownRoom
from relay.ids import RoomId
from relay.moderation.room_desk import RoomDesk
from relay.moderation.steering import Steering
from relay.rooms.names_in_order import NamesInOrder
from relay.rooms.permissions import Grant
from relay.rooms.settings import Priority, RoomSettings
from signalling.api.created_room import Created
from signalling.api.errors import RoomExists
from signalling.database import StoreUnavailable, Table
from signalling.tokens import LEEWAY_S, MAX_LIFETIME_S

ROUND_S: Final = 1.0
STORE_PAUSE_S: Final = 30.0
"""Between two tries to write down what is due, where the disk refuses."""
CLOSED_KEPT_S: Final = MAX_LIFETIME_S + LEEWAY_S
"""No token lives longer, so nobody can come back to a closed room with an old one."""
MAX_CLOSED: Final = 500_000
"""Rooms of a day of ten million consultations a week, on three relays; beyond, the oldest are
forgotten, and the relay's own memory of what it closed remains."""


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
        self._names = NamesInOrder()
        self._closed: OrderedDict[str, Created] = OrderedDict()
        """In the order they were closed."""
        self._closings: list[tuple[datetime, str]] = []
        """A heap; an entry counts while its room still wants to close then."""
        self._one_at_a_time = asyncio.Lock()

    async def load(self) -> None:
        """Read what was kept before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        rooms = [_DECODER.decode(text) for text in await self._table.read_all()]
        for room in sorted(rooms, key=lambda room: room.closed_at or _LAST):
            self._hold(room)

    def find(self, name: str) -> Created | None:
        """Give a room that was created and is not closed."""
        return self._rooms.get(name)

    def names_after(self, name: str, limit: int) -> list[str]:
        """Give the first rooms that were created, and are not closed, after a name, in order."""
        return self._names.after(name, limit)

    def count(self) -> int:
        """Say how many rooms were created and are not closed."""
        return len(self._rooms)

    async def create(self, room: Created) -> None:
        """Keep a new room; one that was closed may be created again.

        Raises:
            RoomExists: There is one of that name.
            StoreUnavailable: It could not be written down; all is as it was.

        *Cancellation:* it is kept, or all is as it was.
        """
        async with self._one_at_a_time:
            if room.id in self._rooms:
                raise RoomExists
            before = self._closed.get(room.id)
            void_before = None if before is None else before.closed_at
            await self._put(msgspec.structs.replace(room, void_before=void_before))
            self._set(room)

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
            self._set(changed)
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
            if room is None and not self._steering.is_open(RoomId(name)):
                raise no_such_room()
            await self._close(room or Created(id=name, created_at=self._now()))

    async def _close(self, room: Created) -> None:
        await self._put(msgspec.structs.replace(room, closed_at=self._now()))
        if self._steering.is_open(RoomId(room.id)):  # it may have ended meanwhile
            self._desk.moderation(RoomId(room.id)).close()

    @contextmanager
    def passing(self, grant: Grant) -> Iterator[None]:
        """Hold a join against its room, and open the room for it where it was created.

        Raises:
            UnknownRoom: The room is closed, does not open yet, or the token is from before its end.
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        room = self._rooms.get(grant.room) or self._closed.get(grant.room)
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
        closes_in_s = room.closes_in_s(self._now())
        self._steering.open_for_newcomer(RoomId(room.id), settings, room.notice, closes_in_s)

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

    def _set(self, room: Created) -> None:
        """Set a room that is open as it is wanted now."""
        name = RoomId(room.id)
        if self._steering.is_open(name):
            self._desk.set_room(name, room.settings(self._usual), room.closes_in_s(self._now()))
            self._desk.moderation(name).set_notice(room.notice)

    async def _put(self, room: Created) -> None:
        await self._table.write(room.id, msgspec.json.encode(room))
        self._hold(room)

    def _hold(self, room: Created) -> None:
        self._closed.pop(room.id, None)
        if room.closed_at is not None:
            self._rooms.pop(room.id, None)
            self._names.remove(room.id)
            self._closed[room.id] = room
            return
        known = self._rooms.get(room.id)
        self._rooms[room.id] = room
        self._names.add(room.id)
        if room.closes_at is not None and (known is None or known.closes_at != room.closes_at):
            heapq.heappush(self._closings, (room.closes_at, room.id))

    async def _keep_hours_once(self) -> None:
        now = self._now()
        while self._closings and self._closings[0][0] <= now:
            due = heapq.heappop(self._closings)
            async with self._one_at_a_time:
                # Whoever had the table until now may have closed the room, or moved its end.
                room = self._rooms.get(due[1])
                if room is not None and room.closes_at == due[0]:
                    try:
                        await self._close(room)
                    except StoreUnavailable:
                        heapq.heappush(self._closings, due)
                        raise
        while self._closed:
            name, room = next(iter(self._closed.items()))
            assert room.closed_at is not None
            kept_s = (now - room.closed_at).total_seconds()
            if kept_s <= CLOSED_KEPT_S and len(self._closed) <= MAX_CLOSED:
                return
            async with self._one_at_a_time:
                if self._closed.get(name) is room:
                    await self._table.delete(name)
                    del self._closed[name]


def no_such_room() -> NotFound:
    """Say that a room is neither created nor open."""
    return NotFound(
        "There is no such room: nobody created it, or it is closed.",
        action="Check its name, or create it with POST /v1/rooms.",
    )


def draw_room_name() -> str:
    """Draw a name nobody can guess (128 bits)."""
    return f"r-{secrets.token_hex(16)}"


_LAST: Final = datetime.max.replace(tzinfo=UTC)
_DECODER: Final = msgspec.json.Decoder(Created)
