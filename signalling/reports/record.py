"""One consultation as it is written down: who came and went, what happened, and its chart.

Bounded in memory; the figures are the chart's own (`relay.charts`). Pure: each occurrence brings
its time. Called by `signalling.reports.keeper`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sized
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from relay.charts.chart import Chart
from relay.ids import ConsultationId, ParticipantId, RoomId
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from relay.units import NS_PER_US
from signalling.api.schemas import Incident
from signalling.consultations import Occurrence

MAX_INCIDENTS: Final = 200
"""Of one consultation: a path that degrades and recovers every minute for more than an hour."""
MAX_ATTENDANCES: Final = 200
"""Of those of one consultation that are over: whoever comes and goes more often has been seen
coming and going. Beyond, the shortest is left out, of which there is the least to tell."""
MAX_SPELLS: Final = 200
"""Of one consultation, as its incidents."""

EMPTY_BYTES: Final = 4_000
"""What one takes in which nothing happened, and the next two for each thing in it: a test holds
them against what Python allocates."""
ITEM_BYTES: Final = 600
FLOW_BYTES: Final = 400


@dataclass(slots=True)
class Stay:
    """Somebody's time in a consultation."""

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


class Unheard(NamedTuple):
    """Who is not heard or seen, and by whom; `None`: by nobody."""

    participant: ParticipantId
    source: Source
    receiver: ParticipantId | None


@dataclass(frozen=True, slots=True)
class Spell:
    """For how long that was so."""

    who: Unheard
    began_at: datetime
    ended_at: datetime | None
    stage: Stage
    cause: Cause


@dataclass(slots=True)
class Record:
    """One consultation."""

    consultation: ConsultationId
    room: RoomId = field(repr=False)
    opened_at: datetime
    chart: Chart
    closed_at: datetime | None = None
    present: dict[ParticipantId, Stay] = field(default_factory=dict)
    past: list[Stay] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    _over: list[Spell] = field(default_factory=list)
    _lasting: dict[Unheard, Spell] = field(default_factory=dict)
    _left_out: int = 0

    @property
    def size_bytes(self) -> int:
        """What it takes of memory, rather too much than too little; it grows until it is over."""
        chart = self.chart
        many: tuple[Sized, ...] = (
            self.present,
            self.past,
            self.incidents,
            self._over,
            self._lasting,
            chart.cuts.over,
            chart.passed,
            chart.adapted,
            chart.checked,
        )
        items_bytes = ITEM_BYTES * sum(len(each) for each in many)
        return EMPTY_BYTES + FLOW_BYTES * len(chart.flows) + items_bytes + chart.size_bytes

    @property
    def left_out(self) -> int:
        """How much more there was to write down than is kept."""
        return self._left_out + self.chart.left_out

    def note(self, occurrence: Occurrence, now_ns: int) -> None:
        """Write down what happened, and when by the chart's clock."""
        match occurrence.type:
            case "room.opened" | "participant.checked":
                pass  # what a check came to is the chart's
            case "room.closed":
                self._end(list(self._lasting), self.moment(now_ns))
                self.chart.freeze(now_ns)
                self.closed_at = occurrence.at
            case "participant.waiting" | "participant.joined":
                self._note_coming(occurrence)
            case "participant.left" | "participant.moved":
                self._note_leaving(occurrence, self.moment(now_ns))
            case "silence.refined":
                self._refine(occurrence)
            case _:
                self._note_incident(occurrence, self.moment(now_ns))

    def stays(self) -> list[Stay]:
        """Give who came, in that order."""
        return sorted((*self.past, *self.present.values()), key=lambda stay: stay.came_at)

    def spells(self) -> list[Spell]:
        """Give who was not heard or seen and when, by its beginning."""
        every = (*self._over, *self._lasting.values())
        return sorted(every, key=lambda spell: spell.began_at)

    def moment(self, monotonic_ns: int) -> datetime:
        """Give the time of day of a moment of the chart, by the clock of the beginning."""
        passed_us = (monotonic_ns - self.chart.began_ns) // NS_PER_US
        return self.opened_at + timedelta(microseconds=passed_us)

    def _note_coming(self, occurrence: Occurrence) -> None:
        """Note that somebody waits or is in; who was sent back and comes in again came in once."""
        assert occurrence.participant is not None
        assert occurrence.identity is not None
        assert occurrence.role is not None
        stay = self.present.get(occurrence.participant)
        if stay is None:
            stay = Stay(occurrence.identity, occurrence.participant, occurrence.role)
            self.present[stay.participant] = stay
        if occurrence.type == "participant.waiting":
            stay.waited_from = stay.waited_from or occurrence.at
        else:
            stay.joined_at = stay.joined_at or occurrence.at

    def _note_leaving(self, occurrence: Occurrence, now: datetime) -> None:
        assert occurrence.participant is not None
        self._end(list(self._about(occurrence.participant)), now)
        stay = self.present.pop(occurrence.participant, None)
        if stay is None:
            return
        stay.left_at = occurrence.at
        stay.reason = "moved" if occurrence.type == "participant.moved" else occurrence.reason
        self.past.append(stay)
        if len(self.past) > MAX_ATTENDANCES:
            self.past.remove(min(self.past, key=_weight))
            self._left_out += 1

    def _note_incident(self, occurrence: Occurrence, now: datetime) -> None:
        if occurrence.silence is not None:
            self._note_silence(occurrence, now)
        elif occurrence.type == "participant.sent_back" and occurrence.participant is not None:
            self._end(list(self._about(occurrence.participant)), now)
        if len(self.incidents) >= MAX_INCIDENTS:
            self._left_out += 1
            return
        silence = occurrence.silence
        self.incidents.append(
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

    def _note_silence(self, occurrence: Occurrence, now: datetime) -> None:
        silence = occurrence.silence
        assert silence is not None, "asked of silences"
        since = now - (occurrence.at - (occurrence.since or occurrence.at))
        who = Unheard(silence.publisher, silence.source, silence.receiver)
        if occurrence.type == "silence.began":
            self._lasting[who] = Spell(who, since, None, silence.stage, silence.cause)
        else:
            self._end([who], since)

    def _refine(self, occurrence: Occurrence) -> None:
        """Take the cause that people are told by now: what was found first may be too little."""
        silence = occurrence.silence
        assert silence is not None, "asked of silences"
        who = Unheard(silence.publisher, silence.source, silence.receiver)
        spell = self._lasting.get(who)
        if spell is not None:
            self._lasting[who] = replace(spell, stage=silence.stage, cause=silence.cause)

    def _about(self, participant: ParticipantId) -> Iterator[Unheard]:
        return (who for who in self._lasting if participant in (who.participant, who.receiver))

    def _end(self, whose: list[Unheard], at: datetime) -> None:
        for who in whose:
            spell = self._lasting.pop(who, None)
            if spell is None:
                continue
            if len(self._over) >= MAX_SPELLS:
                self._left_out += 1
                continue
            ended_at = max(spell.began_at, at)
            self._over.append(Spell(who, spell.began_at, ended_at, spell.stage, spell.cause))


def _weight(stay: Stay) -> tuple[bool, timedelta]:
    """Say how much there is to tell of a stay: nothing of a wait, and else as long as it was."""
    assert stay.left_at is not None, "it is over"
    return stay.joined_at is not None, stay.left_at - stay.came_at
