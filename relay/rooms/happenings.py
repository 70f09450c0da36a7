"""What happens in rooms, for whoever embeds the relay: its webhooks, its own log.

Pure data. Told at once and in the order it happened, by `relay.seats.seating`,
`relay.moderation.moderating`, `relay.monitoring.measuring`, `relay.monitoring.telling_silences` and
`relay.checks`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from relay.ids import ParticipantId, RoomId
from relay.precall import CheckResult
from relay.rooms.events import Direction, Silence
from relay.rooms.participant import Participant
from relay.rooms.permissions import Role
from relay.rooms.room import Room

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
    "silence_began",
    "silence_refined",
    "silence_ended",
    "checked",
]
SilenceKind = Literal["silence_began", "silence_refined", "silence_ended"]


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; who it happened to is left out where it is the room itself."""

    kind: HappeningKind
    room: RoomId = field(repr=False)
    participant: ParticipantId | None = None
    identity: str | None = field(default=None, repr=False)
    role: Role | None = None
    reason: str | None = None
    """Why somebody left or is not heard, or how well the media travels that degraded or recovered,
    in the protocol's words."""
    direction: Direction | None = None
    """Of whose media: what comes from the participant, or what goes towards them."""
    silence: Silence | None = None
    """What of the participant is not heard or seen."""
    receiver_identity: str | None = field(default=None, repr=False)
    """Of who does not hear or see them; `None` where nobody does."""
    precall: CheckResult | None = None
    """What somebody's check before the consultation came to."""
    ago_ns: int = 0
    """How long before it was told it happened: a silence is sure only after a while."""


def about(
    kind: HappeningKind, room: RoomId, participant: Participant, reason: str | None = None
) -> Happening:
    """Say what happened to somebody."""
    who = participant
    return Happening(kind, room, who.id, who.identity, who.role, reason)


def about_silence(kind: SilenceKind, room: Room, silence: Silence) -> Happening | None:
    """Say that somebody is not heard or seen, why by now, or is again.

    `None` once one of the two has left.
    """
    publisher = room.participants.get(silence.publisher)
    receiver = None if silence.receiver is None else room.participants.get(silence.receiver)
    if publisher is None or (receiver is None and silence.receiver is not None):
        return None
    return replace(
        about(kind, room.id, publisher, silence.cause),
        silence=silence,
        receiver_identity=None if receiver is None else receiver.identity,
    )


def about_check(room: RoomId, participant: Participant, precall: CheckResult) -> Happening:
    """Say what somebody's check before the consultation came to."""
    return replace(about("checked", room, participant, precall.verdict), precall=precall)
