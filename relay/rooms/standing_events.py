"""What a seat is told of the waiting room and of what moderators do.

Pure data, part of `relay.rooms.events`; apart because those who only carry media need none of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.ids import ParticipantId
from relay.rooms.effects import BackReason
from relay.rooms.participant import WaitingInfo
from relay.rooms.permissions import Source
from relay.rooms.snapshot import RoomSnapshot, RoomState
from relay.rooms.standing import Standing
from relay.rooms.track import TrackInfo


@dataclass(frozen=True, slots=True)
class WaitingChanged:
    """The participant waits: their place, which is 1 for whoever is next, and what to read.

    The reason is given where they were in the room before.
    """

    place: int
    notice: str = field(repr=False)
    reason: BackReason | None = None


@dataclass(frozen=True, slots=True)
class CameIn:
    """The participant has been admitted: who is there, and how the room stands."""

    room: RoomSnapshot


@dataclass(frozen=True, slots=True)
class MovedTo:
    """The participant goes on in another room, under another id."""

    participant: ParticipantId
    standing: Standing
    room: RoomSnapshot
    tracks: tuple[TrackInfo, ...]
    """Their own, by the ids they have there."""
    keeps_leg: bool
    """Whether a leg goes with them; otherwise whoever is in offers afresh."""
    ticket: str | None = field(default=None, repr=False)
    """Of the relocation whose second leg it is; `None`: the present one."""


@dataclass(frozen=True, slots=True)
class RelocationAsked:
    """The participant should open a second leg, to go on by it."""

    ticket: str = field(repr=False)
    """What its offer names; for another relay, the token to join there with."""
    url: str | None = None
    """Of the other relay's WebSocket; `None`: it is this relay's own move."""


@dataclass(frozen=True, slots=True)
class WaitingRoomChanged:
    """Who waits, by their places: for those who may admit."""

    people: tuple[WaitingInfo, ...]
    total: int
    """How many wait; the first of them are described."""
    notice: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldBackChanged:
    """What a moderator lets nobody have of the participant; the whole of it each time."""

    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class RoomStateChanged:
    """How the room stands."""

    state: RoomState


StandingEvent = (
    WaitingChanged
    | CameIn
    | MovedTo
    | RelocationAsked
    | WaitingRoomChanged
    | HeldBackChanged
    | RoomStateChanged
)
