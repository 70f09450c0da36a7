"""What is known of a consultation while it goes on and for a while after: who, when, how it went.

In memory, bounded, and forgotten after its time: a relay keeps no history of patients. It hears
what the relay tells (`relay.rooms.happenings`) and changes nothing. Called by `signalling.api.app`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from relay.ids import ConsultationId, ParticipantId, RoomId
from relay.rooms.happenings import Happening, HappeningType
from relay.rooms.permissions import Role
from signalling.api.schemas import Attendance, Incident, Report

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
    joined_at: datetime
    left_at: datetime | None = None
    reason: str | None = None


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

    def observe(self, happening: Happening) -> None:
        """Write down what happened."""
        now = self._now()
        if happening.type is HappeningType.ROOM_OPENED:
            self._open[happening.consultation] = _Record(
                happening.consultation, happening.room, now
            )
            return
        record = self._open.get(happening.consultation)
        if record is None:
            return  # of a consultation that was open before there was an API
        who = happening.who
        match happening.type:
            case HappeningType.ROOM_CLOSED:
                record.closed_at = now
                self._closed[record.consultation] = self._open.pop(record.consultation)
                self._forget_old(now)
            case HappeningType.JOINED if who is not None:
                stay = _Stay(who.identity, who.participant, who.role, now)
                record.present[who.participant] = stay
            case HappeningType.LEFT if who is not None:
                _note_leaving(record, who.participant, now, happening.reason)
            case _:
                _note_incident(record, happening, now)

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


def _note_leaving(
    record: _Record, participant: ParticipantId, now: datetime, reason: str | None
) -> None:
    stay = record.present.pop(participant, None)
    if stay is None:
        return
    stay.left_at, stay.reason = now, reason
    if len(record.past) < MAX_ATTENDANCES:
        record.past.append(stay)
    else:
        record.left_out += 1


def _note_incident(record: _Record, happening: Happening, now: datetime) -> None:
    if len(record.incidents) >= MAX_INCIDENTS:
        record.left_out += 1
        return
    record.incidents.append(
        Incident(
            at=now,
            type=happening.type.value,
            participant=None if happening.who is None else happening.who.participant,
            direction=happening.direction,
            reason=happening.reason,
        )
    )


def _report(record: _Record) -> Report:
    stays = sorted((*record.past, *record.present.values()), key=lambda stay: stay.joined_at)
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
                joined_at=stay.joined_at,
                left_at=stay.left_at,
                reason=stay.reason,
            )
            for stay in stays
        ),
        incidents=tuple(record.incidents),
        left_out=record.left_out,
    )
