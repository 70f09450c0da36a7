"""Who may come in: the limits a join is held against.

Pure. Refusing is by raising; nothing has changed when it does.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.errors import LimitReached, RoomFull, RoomLocked, UnknownRoom
from relay.rooms.permissions import Grant, Right, permissions_of
from relay.rooms.room import Room
from relay.rooms.settings import Priority


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows."""

    max_rooms: int
    reserved_rooms: int = 0
    """How many of them only urgent consultations may open."""


def require_room_to_open(priority: Priority, *, rooms: int, limits: Limits) -> None:
    """Hold a new room against the limit: those that are open are never made worse for it.

    Raises:
        LimitReached: It would be one too many.

    """
    reserved = 0 if priority is Priority.URGENT else limits.reserved_rooms
    if rooms >= limits.max_rooms - reserved:
        raise LimitReached("The relay has as many rooms open as it may have.")


def admit(grant: Grant, room: Room | None, *, rooms: int, limits: Limits) -> None:
    """Hold a newcomer against the limits.

    Somebody whose seat is kept is no newcomer and is not asked again.

    Args:
        grant: What the newcomer's token says.
        room: The room as it stands; `None` where it is not open.
        rooms: How many rooms are open.
        limits: What the operator allows.

    Raises:
        UnknownRoom: The room is not open and the token may not open it.
        LimitReached: The room would be one too many.
        RoomLocked: A moderator lets nobody else come.
        RoomFull: The newcomer would be one too many.

    """
    if room is None:
        if not grant.open_room:
            raise UnknownRoom
        require_room_to_open(grant.arrival.priority, rooms=rooms, limits=limits)
    elif room.locked and not _has_the_key(grant, room):
        raise RoomLocked
    elif room.lets_in(grant):
        require_place(room)
    elif len(room.waiting) >= room.settings.max_waiting:
        raise RoomFull("The waiting room is full.")


def _has_the_key(grant: Grant, room: Room) -> bool:
    """Whether somebody comes into a locked room.

    A moderator whose seat was lost must not be locked out of what they have locked, nor whoever was
    there before the relay was started again.
    """
    may_moderate = Right.MODERATE in permissions_of(grant).rights
    return may_moderate or grant.identity in room.readmitted


def require_place(room: Room) -> None:
    """Hold one more in the room against how many it may hold.

    Raises:
        RoomFull: They would be one too many.

    """
    if len(room.participants) >= room.settings.max_participants:
        raise RoomFull
