"""What a room's chart is filled with: counters, cuts, and what clients and the relay say."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from relay.charts.chart import Chart
from relay.charts.facts import Cut, Network
from relay.charts.growth import FlowKey, Heard, Reading
from relay.charts.rows import Row
from relay.ids import RoomId
from relay.monitoring.charting import CUT_AFTER_MS, Charting
from relay.precall import CheckResult, KeptCheck, PrecallVerdict
from relay.rooms.events import SubscriptionsChanged
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Role, Source
from relay.trouble import Sending
from relay.units import NS_PER_MS, NS_PER_S
from relay.workers.engine_leg import Reports
from tests.unit.relay.conftest import House, Person


class Charted:
    """Two people whose media flow, and what the engine counts of them."""

    def __init__(self, house: House, practitioner: Person, patient: Person) -> None:
        self.house, self.practitioner, self.patient = house, practitioner, patient
        self.reports = Reports()
        self.chart = Chart(house.clock.now_ns())
        self.charting = Charting(self.reports)
        self.charting.chart_of = lambda room: self.chart if room == RoomId("room") else None
        self.seconds = 0

    @classmethod
    async def open(cls, house: House) -> Charted:
        practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
        await practitioner.connect()
        await patient.connect()
        return cls(house, practitioner, patient)

    def passes(self, seconds: int) -> None:
        """Let time pass: voices of 40 kbit/s, of which a tenth is lost, and pictures of 400."""
        for _ in range(seconds):
            self.house.clock.move(1)
            self.seconds += 1
            for person in (self.practitioner, self.patient):
                self._count(person)
            for track, row in self.reports.still_tracks.items():
                self.reports.still_tracks[track] = (row[0], row[1] + 1_000, row[2], row[3])
            self.look()

    def look(self) -> None:
        self.charting.look(self.patient.place.room)

    def stops(self, person: Person, *sources: Source, silent_ms: int = 0) -> None:
        """Let the engine tell that nothing comes any more."""
        for source in sources:
            track = person.place.track_of(person.track(source))
            self.reports.still_tracks[track] = (track, silent_ms, -1, False)

    def flow(self, person: Person, direction: str, medium: str) -> list[Row]:
        """Give the slots of a flow that are over."""
        (rows,) = (
            rows
            for flow, rows in self.chart.flows.items()
            if flow[1:] == (direction, medium) and flow.participant == person.seat.participant
        )
        return list(rows)

    def _count(self, person: Person) -> None:
        leg, n = person.place.leg, self.seconds
        if leg is None:
            return
        for source, size_bytes in ((Source.MICROPHONE, 5_000), (Source.CAMERA, 50_000)):
            track = leg.track_of(person.track(source))
            self.reports.tracks[track] = [
                (track, 0, 45 * n, size_bytes * n, 5 * n, 7_000, 0, 10, [])
            ]
        for slot in leg.slots.values():
            size_bytes = 5_000 if slot.kind.value == "audio" else 50_000
            self.reports.slots[slot.id] = (
                slot.id,
                50 * n,
                size_bytes * n,
                0,
                10 * n,
                11_000,
                40_000,
                500,
                0,
                0,
                0,
            )


@pytest.fixture
async def charted(house: House) -> Charted:
    return await Charted.open(house)


async def test_each_ones_sound_and_picture_both_ways_are_charted(charted: Charted) -> None:
    charted.passes(11)
    for person in (charted.practitioner, charted.patient):
        who = person.seat.participant
        mine = {flow for flow in charted.chart.flows if flow.participant == who}
        assert mine == {
            FlowKey(who, "from", "sound"),
            FlowKey(who, "from", "picture"),
            FlowKey(who, "towards", "sound"),
            FlowKey(who, "towards", "picture"),
        }
        assert charted.flow(person, "from", "sound")[-1] == Row(40, 100, 7, None)
        assert charted.flow(person, "from", "picture")[-1] == Row(400, 100, 7, None)
        assert charted.flow(person, "towards", "sound")[-1] == Row(40, 200, 11, None)
        assert charted.flow(person, "towards", "picture")[-1] == Row(400, 200, 11, None)


async def test_a_room_for_which_nobody_keeps_a_chart_is_left_alone(charted: Charted) -> None:
    charted.charting.chart_of = lambda _: None
    charted.passes(11)
    assert charted.chart.flows == {}
    charted.charting.chart_of = lambda _: charted.chart
    charted.chart.freeze(charted.house.clock.now_ns())
    charted.passes(11)
    assert charted.chart.flows == {}, "it is over"


async def test_figures_are_read_once_in_five_seconds(
    charted: Charted, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    look = Chart.look

    def counted(
        chart: Chart, readings: Iterable[Reading], heard: Iterable[Heard], now_ns: int
    ) -> None:
        looks.append(now_ns)
        look(chart, readings, heard, now_ns)

    monkeypatch.setattr(Chart, "look", counted)
    charted.passes(31)
    assert len(looks) == 7, "the first at once"


async def test_nothing_that_comes_from_somebody_is_a_cut_from_the_last_packet_on(
    charted: Charted,
) -> None:
    charted.passes(10)
    now_ns = charted.house.clock.now_ns()
    charted.stops(charted.patient, Source.MICROPHONE, Source.CAMERA)
    charted.passes(1)
    assert charted.chart.cuts.every() == [], "that may be a moment's"
    charted.passes(5)
    who = charted.patient.seat.participant
    assert charted.chart.cuts.every() == [Cut(who, now_ns, None, "network")]
    charted.reports.still_tracks.clear()
    charted.passes(1)
    assert charted.chart.cuts.every() == [Cut(who, now_ns, now_ns + 7 * NS_PER_S, "network")]


async def test_it_lasts_while_nobody_is_there_to_miss_anything(charted: Charted) -> None:
    """What nobody is to receive the engine does not tell to be still."""
    charted.stops(charted.patient, Source.MICROPHONE, Source.CAMERA)
    charted.passes(4)
    charted.reports.still_tracks.clear()
    for silent_ms, is_over in ((9_000, False), (10, True)):
        for source in (Source.MICROPHONE, Source.CAMERA):
            track = charted.patient.place.track_of(charted.patient.track(source))
            charted.reports.tracks[track] = [(track, 0, 90, 9_000, 0, 0, 0, silent_ms, [])]
        charted.house.clock.move(1)
        charted.look()
        (cut,) = charted.chart.cuts.every()
        assert (cut.ended_ns is not None) is is_over


async def test_a_voice_alone_that_stops_is_no_cut(charted: Charted) -> None:
    charted.stops(charted.patient, Source.MICROPHONE, silent_ms=5_000)
    charted.passes(5)
    assert charted.chart.cuts.every() == []


@pytest.mark.parametrize("why", ["muted", "ended", "idle", "digital silence"])
async def test_what_is_silent_on_purpose_is_no_cut(charted: Charted, why: str) -> None:
    patient = charted.patient
    sources = (Source.MICROPHONE, Source.CAMERA)
    charted.stops(patient, *sources, silent_ms=CUT_AFTER_MS)
    tracks = [patient.track(source) for source in sources]
    if why == "muted":
        for track in tracks:
            patient.seat.mute(track, True)
    elif why == "ended":
        for number, row in charted.reports.still_tracks.items():
            charted.reports.still_tracks[number] = (row[0], row[1], row[2], True)
    elif why == "idle":
        patient.seat.report(dict.fromkeys(tracks, Sending.IDLE), {})
    else:
        for number, row in charted.reports.still_tracks.items():
            charted.reports.still_tracks[number] = (row[0], -2_000, 9_000, False)
    charted.passes(1)
    assert charted.chart.cuts.every() == []


@pytest.mark.parametrize(
    ("camera", "cause"), [(Sending.NO_PICTURE, "device"), (Sending.IDLE, "network")]
)
async def test_a_cut_has_its_cause_from_what_the_client_says_of_all_its_devices(
    charted: Charted, camera: Sending, cause: str
) -> None:
    patient = charted.patient
    charted.stops(patient, Source.MICROPHONE, Source.CAMERA)
    charted.passes(4)
    (cut,) = charted.chart.cuts.every()
    assert (cut.ended_ns, cut.cause) == (None, "network"), "nothing is said yet"
    said = {Source.MICROPHONE: Sending.MUTED, Source.CAMERA: camera}
    patient.seat.report({patient.track(source): each for source, each in said.items()}, {})
    charted.passes(1)
    (cut,) = charted.chart.cuts.every()
    assert (cut.ended_ns is not None, cut.cause) == (True, cause)
    patient.seat.note_stood(5_000, 500)
    charted.look()
    (cut,) = charted.chart.cuts.every()
    assert cut.cause == "device", "its page stood still from then on"


async def test_a_connection_that_is_lost_is_a_cut_and_another_one_ends_it(
    charted: Charted,
) -> None:
    charted.passes(3)
    patient = charted.patient
    assert patient.place.leg is not None
    patient.place.leg.state = LegState.INTERRUPTED
    charted.passes(4)
    (cut,) = charted.chart.cuts.every()
    assert cut.ended_ns is None
    await patient.connect()
    charted.passes(1)
    (cut,) = charted.chart.cuts.every()
    assert (cut.participant, cut.cause) == (patient.seat.participant, "new_connection")
    assert cut.ended_ns is not None
    assert cut.ended_ns - cut.began_ns == 4 * NS_PER_S


async def test_who_leaves_while_cut_off_did_not_come_back(charted: Charted) -> None:
    charted.stops(charted.patient, Source.MICROPHONE, Source.CAMERA, silent_ms=3_000)
    charted.passes(2)
    await charted.patient.seat.leave("left")
    charted.house.clock.move(1)
    charted.charting.look(charted.practitioner.place.room)
    (cut,) = charted.chart.cuts.every()
    assert cut.cause == "gone"


async def test_somebody_who_has_never_been_connected_is_not_cut_off(house: House) -> None:
    person = house.enters("a")
    charted = Charted(house, person, person)
    for _ in range(5):
        house.clock.move(1)
        charted.look()
    assert charted.chart.cuts.every() == []
    assert charted.chart.flows == {}


async def test_what_a_client_says_of_what_it_received_is_charted_as_its_own(
    charted: Charted,
) -> None:
    way = Network("tcp", relayed=False, ip=6)
    charted.passes(1)
    charted.patient.seat.note_received(way, 0, 0)
    charted.passes(5)
    charted.patient.seat.note_received(None, 400, 100)
    charted.patient.seat.note_received(None, 100, 2_400)
    charted.passes(5)
    assert [row.flawed_percent for row in charted.flow(charted.patient, "towards", "sound")] == [
        0,
        10,
    ]
    pictures = charted.flow(charted.patient, "towards", "picture")
    assert [row.flawed_percent for row in pictures] == [0, 50]
    theirs = charted.flow(charted.practitioner, "towards", "sound")
    assert [row.flawed_percent for row in theirs] == [None, None]
    (passed,) = charted.chart.passed
    assert (passed.participant, passed.network) == (charted.patient.seat.participant, way)


async def test_what_is_sent_of_pictures_and_checks_before_are_noted_once(
    charted: Charted,
) -> None:
    place = charted.patient.place
    result = CheckResult(verdict=PrecallVerdict.LIMITED, findings=())
    place.participant.check = KeptCheck(result, 0)
    place.subscriptions = SubscriptionsChanged("audio_only", 90_000, ())
    charted.passes(11)
    place.subscriptions = SubscriptionsChanged("full", 900_000, ())
    charted.passes(5)
    assert [each.state for each in charted.chart.adapted] == ["audio_only", "full"]
    assert [each.result for each in charted.chart.checked] == [result]
    late_ms = (charted.chart.adapted[0].at_ns - charted.chart.began_ns) // NS_PER_MS
    assert late_ms <= 1_000
