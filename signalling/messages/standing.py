"""What the relay sends of the waiting room and of what moderators do.

Pure, part of `signalling.messages.from_relay`; the events are `relay.rooms.standing_events`.
"""

from __future__ import annotations

from relay.rooms.effects import BackReason
from relay.rooms.participant import WaitingInfo
from relay.rooms.permissions import Source
from relay.rooms.standing import Standing
from relay.rooms.track import TrackInfo
from signalling.messages.parts import RelaySide, RoomInfo


class Waiting(RelaySide, frozen=True):
    """The participant waits: told at the join, and whenever their place or the notice changes."""

    place: int
    """1 for whoever is next."""
    notice: str = ""
    """Plain text of the moderators for those who wait."""
    reason: BackReason | None = None
    """Why, where they were in the room before: what their connection carried has ended."""


class Admitted(RelaySide, frozen=True):
    """The participant has been let in, and may offer."""

    room: RoomInfo


class Moved(RelaySide, frozen=True):
    """The participant goes on in another room, under another id."""

    participant: str
    room: RoomInfo
    standing: Standing = Standing.ADMITTED
    tracks: tuple[TrackInfo, ...] = ()
    """One's own, by the ids they have there."""
    keeps_leg: bool = False
    """Whether a leg goes on; otherwise whoever is in the room offers afresh."""
    ticket: str | None = None
    """Of the `relocate` whose second leg goes on; without it, the present one does."""


class Relocate(RelaySide, frozen=True):
    """Open a second connection, whose offer names the ticket; `moved` says when to go over.

    With `url` it is to another relay: join there too, with the ticket as the token, and leave here
    once sound and picture flow there.
    """

    ticket: str
    url: str | None = None
    """Of the other relay's WebSocket."""


class WaitingRoom(RelaySide, frozen=True):
    """Who waits, by their places, for those who may admit: the whole state, when it changes."""

    people: tuple[WaitingInfo, ...]
    """The first fifty."""
    total: int
    notice: str = ""


class HeldBack(RelaySide, frozen=True):
    """What moderators let nobody have of the participant: the whole state, when it changes."""

    sources: tuple[Source, ...]


class RoomChanged(RelaySide, frozen=True):
    """The room was locked, unlocked or extended, closes at another hour, or soon ends."""

    locked: bool
    ends_in_s: int | None = None


StandingMessage = Waiting | Admitted | Moved | Relocate | WaitingRoom | HeldBack | RoomChanged
