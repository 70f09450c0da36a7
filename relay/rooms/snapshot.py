"""What somebody in a room is told of it at once.

Pure data. Made by `relay.rooms.room`.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.rooms.participant import ParticipantInfo


@dataclass(frozen=True, slots=True)
class RoomState:
    """How a room stands, besides who is in it."""

    locked: bool = False
    ends_in_s: int | None = None


@dataclass(frozen=True, slots=True)
class RoomSnapshot:
    """The others in a room, as one participant sees them, and how the room stands."""

    participants: tuple[ParticipantInfo, ...]
    state: RoomState = RoomState()
