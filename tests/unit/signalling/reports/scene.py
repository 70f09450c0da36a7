"""A consultation that a test writes down by the second, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from relay.charts.chart import Chart
from relay.charts.facts import Network
from relay.charts.growth import FlowKey, Heard, Line, Reading
from relay.ids import ConsultationId, ParticipantId, PublicationId, RoomId
from relay.precall import Checked, CheckResult, Finding, Outcome, PrecallVerdict
from relay.rooms.events import Silence
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from relay.units import NS_PER_S
from signalling.api.schemas import Report
from signalling.consultations import Occurrence
from signalling.reports.record import Record
from signalling.reports.telling import report_of

OPENED = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
DOCTOR, PATIENT = ParticipantId("p-doctor"), ParticipantId("p-patient")
CARER, SECOND = ParticipantId("p-carer"), ParticipantId("p-second")
ROLES = {
    DOCTOR: Role.PRACTITIONER,
    PATIENT: Role.PATIENT,
    CARER: Role.CARER,
    SECOND: Role.CARER,
}
CONSULTATION = ConsultationId("c-" + "1" * 32)
LIMITED = CheckResult(
    verdict=PrecallVerdict.LIMITED,
    findings=(
        Finding(of=Checked.CLOCK, outcome=Outcome.WEAK, code="clock_wrong"),
        Finding(of=Checked.CAMERA, outcome=Outcome.GOOD, code="fine"),
    ),
    clock_offset_s=300,
)


@dataclass
class Scene:
    """One consultation; times are seconds from its opening on."""

    record: Record = field(
        default_factory=lambda: Record(CONSULTATION, RoomId("room-1"), OPENED, Chart(0))
    )
    counted: int = 0

    def happens(
        self, what: str, seconds: float, who: ParticipantId | None = None, **more: Any
    ) -> None:
        """Write something down."""
        at = OPENED + timedelta(seconds=seconds)
        occurrence = Occurrence(
            type=what,
            at=at,
            consultation=CONSULTATION,
            room=RoomId("room-1"),
            participant=who,
            identity=None if who is None else f"pseudonym of {who}",
            role=None if who is None else ROLES[who],
            **more,
        )
        self.record.note(occurrence, round(seconds * NS_PER_S))

    def silence(
        self,
        who: ParticipantId,
        began: float,
        ended: float | None,
        *,
        by: ParticipantId | None = None,
        source: Source = Source.MICROPHONE,
        cause: Cause = Cause.LOST,
    ) -> None:
        """Let somebody not be heard or seen; it is sure two seconds later, as with the relay."""
        silence = Silence(PublicationId("t-1"), who, source, by, Stage.NOT_RECEIVED, cause)
        since = OPENED + timedelta(seconds=began)
        self.happens("silence.began", began + 2, who, silence=silence, since=since)
        if ended is not None:
            since = OPENED + timedelta(seconds=ended)
            self.happens("silence.ended", ended + 1.5, who, silence=silence, since=since)

    def slot(
        self, seconds: float, flow: FlowKey, *, packets: int, lost: int, flawed_ms: int = 0
    ) -> None:
        """Let a slot end in which so much more was counted of one flow."""
        chart = self.record.chart
        self.counted += 1
        totals = self.counted * 100_000
        line = Line(flow.direction, self.counted)
        before = Reading(flow, line, totals, totals, totals, 4_000)
        after = Reading(flow, line, totals + 25_000, totals + packets, totals + lost, 4_000)
        began_ns, ended_ns = round(seconds * NS_PER_S), round((seconds + 5) * NS_PER_S)
        chart.look([before], [], began_ns)
        chart.look([after], [Heard(flow, flawed_ms)], ended_ns)

    def report(self) -> Report:
        """Tell it."""
        return report_of(self.record)


def two(*, carer: bool = False) -> Scene:
    """A practitioner and a patient, and a carer who comes with them."""
    scene = Scene()
    scene.happens("room.opened", 0)
    scene.happens("participant.waiting", 0, PATIENT)
    scene.happens("participant.joined", 2, DOCTOR)
    scene.happens("participant.joined", 4, PATIENT)
    if carer:
        scene.happens("participant.joined", 5, CARER)
    return scene


def eventful() -> Scene:
    """Two in whose consultation much happened."""
    scene = two()
    chart = scene.record.chart
    for seconds, lost in ((0, 0), (5, 50)):
        scene.slot(seconds, FlowKey(PATIENT, "from", "sound"), packets=200, lost=lost)
    scene.slot(10, FlowKey(DOCTOR, "towards", "sound"), packets=200, lost=0, flawed_ms=1_000)
    chart.cuts.quiet(DOCTOR, 4 * NS_PER_S, 3)
    chart.cuts.back(DOCTOR, 3, 9 * NS_PER_S)
    scene.silence(PATIENT, 6, 9, by=DOCTOR)
    chart.went_by(PATIENT, Network("tls", relayed=True), 3 * NS_PER_S)
    for seconds, state in ((1, "followed"), (11, "video_paused"), (14, "followed")):
        chart.was_sent(DOCTOR, state, seconds * NS_PER_S)
    chart.was_checked(PATIENT, LIMITED, 3 * NS_PER_S)
    return scene
