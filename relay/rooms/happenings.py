"""What happens in rooms, for whoever embeds the relay: its webhooks, its own log.

Pure data. Told at once and in the order it happened, by `relay.seating` and `relay.moderating`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from relay.ids import ParticipantId, RoomId
from relay.rooms.events import Direction
from relay.rooms.participant import Participant
from relay.rooms.permissions import Role

HappeningKind = Literal[
    "room_opened",
    "room_closed",
    "waiting",
    "admitted",
    "sent_back",
    "joined",
    "left",
    "ejected",
    "moved",
    "locked",
    "unlocked",
    "extended",
    "degraded",
    "recovered",
]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; who it happened to is left out where it is the room itself."""

    kind: HappeningKind
    room: RoomId = field(repr=False)
    participant: ParticipantId | None = None
    identity: str | None = field(default=None, repr=False)
    role: Role | None = None
    reason: str | None = None
    """Why somebody left, or how well the media travels that degraded or recovered, in the
    protocol's words."""
    direction: Direction | None = None
    """Of whose media: what comes from the participant, or what goes towards them."""


def about(
    kind: HappeningKind, room: RoomId, participant: Participant, reason: str | None = None
) -> Happening:
    """Say what happened to somebody."""
    who = participant
    return Happening(kind, room, who.id, who.identity, who.role, reason)
