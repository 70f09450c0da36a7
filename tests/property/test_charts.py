"""Whatever happens in a consultation, its slots tile its time, and its report is valid."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.charts.chart import MAX_FIGURES_BYTES, Chart
from relay.charts.facts import Network
from relay.charts.growth import FlowKey, Heard, Line, Reading
from relay.charts.rows import Row, Rows
from relay.ids import ConsultationId, ParticipantId, PublicationId, RoomId
from relay.precall import Checked, CheckResult, Finding, Outcome, PrecallVerdict
from relay.rooms.events import Silence
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from relay.units import NS_PER_MS, NS_PER_S
from signalling.api.schemas import Language, Report
from signalling.consultations import Occurrence
from signalling.reports.page import page_of
from signalling.reports.record import Record
from signalling.reports.schema import document
from signalling.reports.telling import report_of

OPENED = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
CONSULTATION = ConsultationId("c-" + "0" * 32)
PEOPLE = [ParticipantId(f"p-{n}") for n in range(3)]
WHO = st.sampled_from(PEOPLE)
COUNTS = st.integers(0, 10_000_000)
FINDINGS = st.builds(
    Finding, of=st.sampled_from(Checked), outcome=st.sampled_from(Outcome), code=st.just("fine")
)
CHECKS = st.builds(
    CheckResult,
    verdict=st.sampled_from(PrecallVerdict),
    findings=st.lists(FINDINGS, max_size=16).map(tuple),
    from_kbps=st.none() | st.integers(0, 1_000_000),
)
ROWS = st.builds(
    Row,
    st.none() | st.integers(0, 60_000),
    st.none() | st.integers(0, 1_000),
    st.none() | st.integers(0, 254),
    st.none() | st.integers(0, 100),
)


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema: dict[str, Any] = document()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@given(st.integers(0, 50), st.lists(ROWS, max_size=60))
def test_rows_come_out_as_they_went_in_frozen_or_not(first: int, given_rows: list[Row]) -> None:
    rows = Rows(first)
    for slot, row in enumerate(given_rows, start=first):
        rows.put(slot, row)
    assert list(rows) == given_rows
    rows.freeze()
    assert list(rows) == given_rows
    assert rows.count == len(given_rows)


@given(st.integers(0, 9), st.lists(ROWS, min_size=1, max_size=40))
def test_joined_slots_cover_what_they_are_joined_of(first: int, given_rows: list[Row]) -> None:
    rows = Rows(first)
    for slot, row in enumerate(given_rows, start=first):
        rows.put(slot, row)
    end = rows.end
    rows.halve()
    assert rows.first == first // 2
    assert rows.end == (end + 1) // 2
    joined = list(rows)
    for slot, row in enumerate(given_rows, start=first):
        over = joined[slot // 2 - rows.first]
        assert (over.kbps is None) <= (row.kbps is None)
        assert (over.jitter_ms or 0) >= (row.jitter_ms or 0)


class Events:
    """A consultation to which anything happens."""

    def __init__(self) -> None:
        self.now_ns = 5 * NS_PER_S
        self.record = Record(CONSULTATION, RoomId("room"), OPENED, Chart(self.now_ns))

    @property
    def chart(self) -> Chart:
        return self.record.chart

    def at(self) -> datetime:
        return self.record.moment(self.now_ns)

    def do(self, act: Act) -> None:
        match act:
            case ("passes", int(duration_ms)):
                self.now_ns += duration_ms * NS_PER_MS
            case ("happens", what, who, source):
                self.happens(what, who, source)
            case ("is measured", who, counts):
                self.measure(who, counts)
            case ("is noted", who, relayed, found):
                self.note(who, relayed=relayed, found=found)
            case ("is quiet", who, leg):
                self.chart.cuts.quiet(who, self.now_ns, leg)
            case ("is back", who, leg):
                self.chart.cuts.back(who, leg, self.now_ns)
            case _:
                raise AssertionError(act)

    def happens(self, what: str, who: ParticipantId, source: Source = Source.MICROPHONE) -> None:
        silence = None
        if what.startswith("silence."):
            other = PEOPLE[(PEOPLE.index(who) + 1) % 3] if source is Source.CAMERA else None
            track = PublicationId("t-1")
            silence = Silence(track, who, source, other, Stage.NOT_ARRIVING, Cause.STOPPED)
        occurrence = Occurrence(
            type=what,
            at=self.at(),
            consultation=CONSULTATION,
            room=RoomId("room"),
            participant=who,
            identity=f"<{who}>",
            role=Role.PATIENT,
            reason="left",
            silence=silence,
        )
        self.record.note(occurrence, self.now_ns)

    def measure(self, who: ParticipantId, counts: tuple[int, int, int]) -> None:
        size_bytes, packets, lost = counts
        sent = FlowKey(who, "from", "sound")
        heard = FlowKey(who, "towards", "picture")
        readings = [
            Reading(sent, Line("from", PEOPLE.index(who)), size_bytes, packets, lost, 4_000),
            Reading(heard, Line("towards", PEOPLE.index(who)), lost, packets, size_bytes, 9_000),
        ]
        self.chart.look(readings, [Heard(heard, lost % 9_000)], self.now_ns)

    def note(self, who: ParticipantId, *, relayed: bool, found: CheckResult) -> None:
        self.chart.went_by(who, Network("tls" if relayed else "udp", relayed), self.now_ns)
        self.chart.was_sent(who, "audio_only" if relayed else "full", self.now_ns)
        self.chart.was_checked(who, found, self.now_ns)


WORDS = st.sampled_from(
    (
        "participant.waiting",
        "participant.joined",
        "participant.left",
        "participant.moved",
        "participant.sent_back",
        "participant.ejected",
        "quality.degraded",
        "silence.began",
        "silence.refined",
        "silence.ended",
    )
)
Act = tuple[Any, ...]


def acts(most_ms: int) -> st.SearchStrategy[list[Act]]:
    """Anything that may happen, with so much time between at the most."""
    each: st.SearchStrategy[Act] = st.one_of(
        st.tuples(st.just("passes"), st.integers(0, most_ms)),
        st.tuples(st.just("happens"), WORDS, WHO, st.sampled_from(Source)),
        st.tuples(st.just("is measured"), WHO, st.tuples(COUNTS, COUNTS, COUNTS)),
        st.tuples(st.just("is noted"), WHO, st.booleans(), CHECKS),
        st.tuples(st.just("is quiet"), WHO, st.none() | st.integers(1, 3)),
        st.tuples(st.just("is back"), WHO, st.integers(1, 3)),
    )
    return st.lists(each, max_size=50)


LANGUAGES: tuple[Language, ...] = ("en", "fr")


@settings(max_examples=25, deadline=None)
@given(acts(200_000), st.booleans(), st.integers(-840, 840))
def test_any_course_of_events_is_a_valid_report_whose_slots_tile_its_time(
    validator: jsonschema.Draft202012Validator,
    happened: list[Act],
    is_over: bool,
    utc_offset_min: int,
) -> None:
    course = Events()
    for act in happened:
        course.do(act)
    if is_over:
        course.happens("room.closed", PEOPLE[0])
    report = report_of(course.record, utc_offset_min=utc_offset_min)
    sent = msgspec.json.encode(report)
    validator.validate(json.loads(sent))
    assert msgspec.json.decode(sent, type=Report) == report
    tile(report, course)
    spans = [(each.began_at, each.ended_at) for each in report.silences]
    spans += [(each.began_at, each.ended_at) for each in report.cuts]
    for began_at, ended_at in spans:
        assert OPENED <= began_at <= (ended_at or course.at())
        assert (ended_at is None) <= (not is_over)
    assert report.summary.en
    assert len(report.summary.en) == len(report.summary.fr)
    for lang in LANGUAGES:
        page = page_of(report, lang, utc_offset_min)
        assert "<p-0>" not in page, "what a platform wrote is escaped"
        assert page.count("<svg") == page.count('role="img"')


@settings(max_examples=50, deadline=None)
@given(acts(6_000_000), st.booleans())
def test_days_of_anything_are_slots_that_tile_them(happened: list[Act], is_over: bool) -> None:
    course = Events()
    for act in happened:
        course.do(act)
    if is_over:
        course.happens("room.closed", PEOPLE[0])
    tile(report_of(course.record), course)


def tile(report: Report, course: Events) -> None:
    """Hold slots against time: one behind the other, none missing, none too many."""
    slots, passed = report.slots, course.at() - OPENED
    width = timedelta(seconds=slots.width_s)
    assert slots.begins_at == report.opened_at
    assert slots.width_s % 5 == 0
    assert course.chart.size_bytes <= MAX_FIGURES_BYTES
    if report.closed_at is not None:
        assert slots.count * width >= passed
        assert (slots.count - 1) * width < passed or slots.count == 0
    else:
        assert slots.count * width <= passed
    for each in report.courses:
        lengths = {
            len(each.kbps),
            len(each.loss_ratio),
            len(each.jitter_ms),
            len(each.flawed_ratio),
        }
        assert len(lengths) == 1
        assert 0 <= each.first <= each.first + lengths.pop() <= slots.count
        assert all(ratio is None or 0 <= ratio <= 1 for ratio in each.loss_ratio)
        assert all(ratio is None or 0 <= ratio <= 1 for ratio in each.flawed_ratio)
