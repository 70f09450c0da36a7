"""What happens in a consultation, as the platform that embeds the relay is told of it.

Pure data. Unlike `relay.rooms.events`, which go to participants and name nobody, these name people
by the pseudonyms of their tokens, for they go to whoever gave these out. The relay emits them and
never waits for their observers; webhooks and reports are made of them in `signalling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from relay.ids import ConsultationId, ParticipantId, RoomId
from relay.rooms.events import Direction
from relay.rooms.permissions import Role


class HappeningType(StrEnum):
    """The vocabulary; the words are the webhooks' event types."""

    ROOM_OPENED = "room.opened"
    ROOM_CLOSED = "room.closed"
    WAITING = "participant.waiting"
    ADMITTED = "participant.admitted"
    JOINED = "participant.joined"
    LEFT = "participant.left"
    DEGRADED = "quality.degraded"
    RECOVERED = "quality.recovered"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody, as the others know them and as the platform does."""

    participant: ParticipantId
    identity: str = field(repr=False)
    role: Role


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; whoever is told knows when."""

    type: HappeningType
    room: RoomId = field(repr=False)
    consultation: ConsultationId
    who: Who | None = None
    reason: str | None = None
    """Why somebody left, or how well the media travels that degraded or recovered."""
    direction: Direction | None = None
    """Of whose media: what comes from the participant, or what goes towards them."""


Observe = Callable[[Happening], None]
"""Returns at once and raises nothing."""


def nobody_observes(_: Happening) -> None:
    """Who is told where nobody asked to be."""


def tell_each(observers: Iterable[Observe]) -> Observe:
    """Tell several; those that are added later, too.

    Args:
        observers: Looked at each time something happens.

    """

    def tell(happening: Happening) -> None:
        for observe in observers:
            observe(happening)

    return tell
