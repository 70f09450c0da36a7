"""Consultations, as a platform knows them: each opening of a room gets a name, each event a time.

Listens to the relay (`relay.rooms.happenings`) and tells reports and webhooks, at once and in
order. Called by `signalling.platform`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from relay.ids import ConsultationId, ParticipantId, RoomId, new_consultation_id
from relay.precall import CheckResult
from relay.rooms.events import Direction, Silence
from relay.rooms.happenings import Happening, HappeningKind
from relay.rooms.permissions import Role
from relay.units import NS_PER_US


class Document(NamedTuple):
    """A report as a webhook carries it."""

    text: bytes
    """JSON; empty where all of it is lacking."""
    lacks: Literal["courses", "document"] | None = None
    """What was left out because it would have been too large."""


WriteDocument = Callable[[int], Document]
"""Writes a report of so many bytes at most. Hours take a while: not on the event loop."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened in a consultation."""

    type: str
    at: datetime
    consultation: ConsultationId
    room: RoomId = field(repr=False)
    participant: ParticipantId | None = None
    identity: str | None = field(default=None, repr=False)
    role: Role | None = None
    reason: str | None = None
    direction: Direction | None = None
    silence: Silence | None = None
    receiver_identity: str | None = field(default=None, repr=False)
    precall: CheckResult | None = None
    since: datetime | None = None
    """When it happened, where that was sure only later; `None` is `at`."""
    kept_until: datetime | None = None
    """Of a report that is ready; `None` where it is not kept."""
    write_document: WriteDocument | None = field(default=None, repr=False)
    """Of a report that is ready."""


Observe = Callable[[Occurrence], None]
"""Returns at once and raises nothing."""


class Consultations:
    """Those that go on."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.observers: list[Observe] = []
        self._now = now
        self._going_on: dict[RoomId, _Course] = {}

    def of(self, room: RoomId) -> ConsultationId | None:
        """Name the consultation that goes on in a room."""
        course = self._going_on.get(room)
        return None if course is None else course.name

    def hear(self, happening: Happening) -> None:
        """Take what the relay says, and tell it on."""
        course = self._going_on.setdefault(happening.room, _Course())
        reason = happening.reason
        match happening.kind:
            case "left":
                course.ended_by = reason
            case "moved":
                course.ended_by = "moved"
            case "room_closed":
                reason = course.ended_by
                del self._going_on[happening.room]
            case _:
                pass
        at = self._now()
        occurrence = Occurrence(
            type=TYPES[happening.kind],
            at=at,
            consultation=course.name,
            room=happening.room,
            participant=happening.participant,
            identity=happening.identity,
            role=happening.role,
            reason=reason,
            direction=happening.direction,
            silence=happening.silence,
            receiver_identity=happening.receiver_identity,
            precall=happening.precall,
            since=at - timedelta(microseconds=happening.ago_ns // NS_PER_US),
        )
        for observe in self.observers:
            observe(occurrence)


@dataclass(slots=True)
class _Course:
    name: ConsultationId = field(default_factory=new_consultation_id)
    ended_by: str | None = "room_closed"
    """Why the last one went: why the room closes, if it closes now."""


TYPES: Final[Mapping[HappeningKind, str]] = {
    "room_opened": "room.opened",
    "room_closed": "room.closed",
    "locked": "room.locked",
    "unlocked": "room.unlocked",
    "extended": "room.extended",
    "waiting": "participant.waiting",
    "admitted": "participant.admitted",
    "sent_back": "participant.sent_back",
    "joined": "participant.joined",
    "moved": "participant.moved",
    "ejected": "participant.ejected",
    "left": "participant.left",
    "degraded": "quality.degraded",
    "recovered": "quality.recovered",
    "silence_began": "silence.began",
    "silence_refined": "silence.refined",
    "silence_ended": "silence.ended",
    "checked": "participant.checked",
}
"""The words of webhooks and reports."""

SILENCE_REFINED: Final = "silence.refined"
"""Another cause is known. For reports only: clients' claims can make it change once a second, and
no webhook tells it (docs/webhooks.md)."""

REPORT_READY: Final = "report.ready"
"""Said by whoever keeps reports, when a consultation is over."""
