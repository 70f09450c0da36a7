"""Who may come in: the limits a join is held against.

Pure. Refusing is by raising; nothing has changed when it does.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.errors import LimitReached, RoomFull, UnknownRoom
from relay.rooms.permissions import Grant
from relay.rooms.room import Room


@dataclass(frozen=True, slots=True)
class Limits:
    """What the operator allows."""

    max_participants: int
    max_rooms: int


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
        RoomFull: The newcomer would be one too many.

    """
    if room is None:
        if not grant.open_room:
            raise UnknownRoom
        if rooms >= limits.max_rooms:
            raise LimitReached("The relay has as many rooms open as it may have.")
    elif len(room.participants) >= limits.max_participants:
        raise RoomFull
