"""What is known of a consultation while it goes on and for a while after: who, when, how it went.

In memory, bounded, and forgotten after its time: a relay keeps no history of patients. It hears
what happens (`signalling.consultations`) and changes nothing. Called by `signalling.platform`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from relay.ids import ConsultationId, ParticipantId, RoomId
from relay.rooms.permissions import Role
from signalling.api.schemas import Attendance, Incident, Report
from signalling.consultations import Occurrence

MAX_CLOSED: Final = 10_000
"""Ended consultations; a few kilobytes each."""
MAX_INCIDENTS: Final = 200
"""Of one consultation: a path that degrades and recovers every minute for more than an hour."""
MAX_ATTENDANCES: Final = 200
"""Of one consultation: whoever comes and goes more often has been seen coming and going."""


@dataclass(slots=True)
class _Stay:
    identity: str = field(repr=False)
    participant: ParticipantId
    role: Role
    waited_from: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    reason: str | None = None

    @property
    def came_at(self) -> datetime:
        """When they came to the room or its waiting room."""
        came = self.waited_from or self.joined_at
        assert came is not None, "a stay begins by one or the other"
        return came


@dataclass(slots=True)
class _Record:
    consultation: ConsultationId
    room: RoomId = field(repr=False)
    opened_at: datetime
    closed_at: datetime | None = None
    present: dict[ParticipantId, _Stay] = field(default_factory=dict)
    past: list[_Stay] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    left_out: int = 0


class ReportKeeper:
    """Every consultation that is open, and those that ended a while ago."""

    def __init__(
        self, now: Callable[[], datetime], *, keep_s: float, max_closed: int = MAX_CLOSED
    ) -> None:
        self._now = now
        self._keep = timedelta(seconds=keep_s)
        self._max_closed = max_closed
        self._open: dict[ConsultationId, _Record] = {}
        self._closed: OrderedDict[ConsultationId, _Record] = OrderedDict()

    def observe(self, occurrence: Occurrence) -> None:
        """Write down what happened."""
        record = self._open.get(occurrence.consultation)
        if record is None:
            record = _Record(occurrence.consultation, occurrence.room, occurrence.at)
            self._open[occurrence.consultation] = record
        match occurrence.type:
            case "room.opened":
                pass
            case "room.closed":
                record.closed_at = occurrence.at
                self._closed[record.consultation] = self._open.pop(record.consultation)
                self._forget_old(occurrence.at)
            case "participant.waiting" | "participant.joined":
                _note_coming(record, occurrence)
            case "participant.left" | "participant.moved":
                _note_leaving(record, occurrence)
            case _:
                _note_incident(record, occurrence)

    def find(self, consultation: ConsultationId) -> Report | None:
        """Report on a consultation; `None` where it is unknown or forgotten."""
        self._forget_old(self._now())
        record = self._open.get(consultation) or self._closed.get(consultation)
        return None if record is None else _report(record)

    def _forget_old(self, now: datetime) -> None:
        while self._closed:
            oldest = next(iter(self._closed.values()))
            assert oldest.closed_at is not None
            if len(self._closed) <= self._max_closed and now - oldest.closed_at <= self._keep:
                return
            del self._closed[oldest.consultation]


def _note_coming(record: _Record, occurrence: Occurrence) -> None:
    """Note that somebody waits or is in; who was sent back and comes in again came in once."""
    assert occurrence.participant is not None
    assert occurrence.identity is not None
    assert occurrence.role is not None
    stay = record.present.get(occurrence.participant)
    if stay is None:
        stay = _Stay(occurrence.identity, occurrence.participant, occurrence.role)
        record.present[stay.participant] = stay
    if occurrence.type == "participant.waiting":
        stay.waited_from = stay.waited_from or occurrence.at
    else:
        stay.joined_at = stay.joined_at or occurrence.at


def _note_leaving(record: _Record, occurrence: Occurrence) -> None:
    assert occurrence.participant is not None
    stay = record.present.pop(occurrence.participant, None)
    if stay is None:
        return
    stay.left_at = occurrence.at
    stay.reason = "moved" if occurrence.type == "participant.moved" else occurrence.reason
    if len(record.past) < MAX_ATTENDANCES:
        record.past.append(stay)
    else:
        record.left_out += 1


def _note_incident(record: _Record, occurrence: Occurrence) -> None:
    if len(record.incidents) >= MAX_INCIDENTS:
        record.left_out += 1
        return
    silence = occurrence.silence
    record.incidents.append(
        Incident(
            at=occurrence.at,
            type=occurrence.type,
            participant=occurrence.participant,
            direction=occurrence.direction,
            reason=occurrence.reason,
            source=None if silence is None else silence.source,
            receiver=None if silence is None else silence.receiver,
        )
    )


def _report(record: _Record) -> Report:
    stays = sorted((*record.past, *record.present.values()), key=lambda stay: stay.came_at)
    return Report(
        consultation=record.consultation,
        room=record.room,
        opened_at=record.opened_at,
        closed_at=record.closed_at,
        participants=tuple(
            Attendance(
                identity=stay.identity,
                participant=stay.participant,
                role=stay.role,
                waited_from=stay.waited_from,
                joined_at=stay.joined_at,
                left_at=stay.left_at,
                reason=stay.reason,
            )
            for stay in stays
        ),
        incidents=tuple(record.incidents),
        left_out=record.left_out,
    )
