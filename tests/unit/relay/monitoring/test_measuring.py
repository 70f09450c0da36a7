"""Verdicts from the engine's figures."""

from __future__ import annotations

import pytest

from relay.ids import SlotId, TrackId
from relay.metrics.table import LOSS, RTT
from relay.monitoring.measuring import Measuring
from relay.rooms.events import (
    EncodingChoice,
    EncodingsChosen,
    QualityChanged,
    SpeakingChanged,
)
from relay.rooms.happenings import Happening
from relay.rooms.permissions import Role, Source
from relay.workers.engine_leg import Reports
from relay.workers.rows import SlotReport
from tests.unit.relay.conftest import House, Person


class Ward:
    """Two people, and the figures of one of them second by second."""

    def __init__(self, house: House, watched: Person, other: Person) -> None:
        self.house, self.watched, self.other = house, watched, other
        self.reports = Reports()
        self.measuring = Measuring(self.reports, house.tally, self.happened)
        self.packets = self.lost = self.sent = 0

    @classmethod
    async def open(cls, house: House) -> Ward:
        watched, other = house.enters("a"), house.enters("b", Role.PATIENT)
        await watched.connect()
        await other.connect()
        ward = cls(house, watched, other)
        other.hears()
        return ward

    def happened(self, happening: Happening) -> None:
        self.house.seating.happened(happening)

    def second(
        self,
        *,
        packets: int = 50,
        lost: int = 0,
        voice_silent_ms: int = 10,
        face_silent_ms: int = 10,
        fraction_lost_q8: int = 0,
        rtt_us: int = 40_000,
        rr_age_ms: int = 500,
    ) -> list[object]:
        """Let one second pass with these figures; give the verdicts told."""
        self.house.clock.move(1)
        self.packets += packets
        self.lost += lost
        self.sent += 50
        assert self.watched.place.leg is not None
        leg = self.watched.place.leg
        voice, face = (
            leg.track_of(self.watched.track(source))
            for source in (Source.MICROPHONE, Source.CAMERA)
        )
        self.reports.tracks[voice] = [
            (voice, 0, self.packets, 0, self.lost, 0, 0, voice_silent_ms, [])
        ]
        self.reports.tracks[face] = [(face, 0, self.packets, 0, 0, 0, 0, face_silent_ms, [])]
        self.reports.slots = {
            slot.id: (
                slot.id, self.sent, 0, fraction_lost_q8, 0, 0, rtt_us, rr_age_ms, 0, 0, 0
            )
            for slot in leg.slots.values()
        }  # fmt: skip
        self.measuring.judge(self.watched.place.room)
        mine = self.watched.seat.participant
        return [
            (event.direction, event.verdict) if isinstance(event, QualityChanged) else event
            for event in self.other.hears()
            if isinstance(event, QualityChanged | SpeakingChanged) and event.participant == mine
        ]


async def test_a_good_connection_is_not_talked_about(house: House) -> None:
    ward = await Ward.open(house)
    assert [ward.second() for _ in range(10)] == [[]] * 10


async def test_one_bad_second_is_a_burst_and_two_are_a_verdict(house: House) -> None:
    ward = await Ward.open(house)
    ward.second()
    assert ward.second(lost=20) == []
    assert ward.second() == []
    assert ward.second(lost=20) == []
    assert ward.second(lost=20) == [("from", "poor")]


async def test_loss_on_the_way_to_somebody_is_theirs(house: House) -> None:
    ward = await Ward.open(house)
    ward.second()
    ward.second(fraction_lost_q8=13)
    assert ward.second(fraction_lost_q8=13) == [("towards", "weak")]


async def test_a_long_round_trip_is_weak_both_ways(house: House) -> None:
    ward = await Ward.open(house)
    ward.second(rtt_us=400_000)
    assert ward.second(rtt_us=400_000) == [("from", "weak"), ("towards", "weak")]


async def test_a_silent_voice_is_told_within_three_seconds_though_the_picture_moves(
    house: House,
) -> None:
    ward = await Ward.open(house)
    for _ in range(3):
        ward.second()
    assert ward.second(voice_silent_ms=2_900) == []
    assert ward.second(voice_silent_ms=3_000) == [("from", "silent")]
    assert ward.second() == [("from", "good")]


async def test_a_track_that_never_began_is_silent_from_its_publication_on(house: House) -> None:
    ward = await Ward.open(house)
    assert ward.second(packets=0) == []
    assert ward.second(packets=0) == []
    assert ward.second(packets=0) == [("from", "silent")]


async def test_a_muted_voice_is_not_silence(house: House) -> None:
    ward = await Ward.open(house)
    for source in (Source.MICROPHONE, Source.CAMERA):
        ward.watched.seat.mute(ward.watched.track(source), True)
    ward.other.hears()
    assert [ward.second(voice_silent_ms=9_000, face_silent_ms=9_000) for _ in range(5)] == [[]] * 5


async def test_somebody_who_reports_nothing_may_not_hear(house: House) -> None:
    ward = await Ward.open(house)
    ward.second()
    assert ward.second(rr_age_ms=8_000) == [("towards", "silent")]
    assert ward.second() == [("towards", "good")]


async def test_a_lost_leg_is_silence_and_ends_speech(house: House) -> None:
    ward = await Ward.open(house)
    ward.second()
    ward.watched.place.speaking = True
    assert ward.watched.place.leg is not None
    assert ward.watched.place.leg.task is not None
    ward.watched.place.leg = None
    ward.measuring.judge(ward.watched.place.room)
    told = [e for e in ward.other.hears() if isinstance(e, QualityChanged | SpeakingChanged)]
    who = ward.watched.seat.participant
    assert told == [
        QualityChanged(who, "from", "silent", loss_ratio=0.0, rtt_ms=None),
        SpeakingChanged(who, speaking=False),
    ]


async def test_everybody_hears_a_verdict_its_subject_included(house: House) -> None:
    ward = await Ward.open(house)
    ward.watched.hears()
    for _ in range(3):
        ward.second(voice_silent_ms=5_000)
    who = ward.watched.seat.participant
    (told,) = [
        event
        for event in ward.watched.hears()
        if isinstance(event, QualityChanged) and event.participant == who
    ]
    assert (told.direction, told.verdict) == ("from", "silent")


async def test_figures_of_things_unknown_are_ignored(house: House) -> None:
    ward = await Ward.open(house)
    ward.reports.tracks[TrackId(999)] = [(999, 0, 1, 1, 500, 0, 0, 9_999, [])]
    ward.reports.slots[SlotId(999)] = (999, 1, 1, 255, 9, 0, 1, 1, 0, 0, 0)
    assert ward.second() == []


async def test_a_new_leg_is_not_held_against_the_counts_of_the_one_before(house: House) -> None:
    ward = await Ward.open(house)
    for _ in range(20):
        ward.second()
    await ward.watched.connect()
    ward.other.hears()
    ward.packets = ward.lost = ward.sent = 0
    losses = house.tally.distribution(LOSS, direction="ingress")
    before = losses.total
    assert [ward.second(lost=1) for _ in range(3)] == [[]] * 3
    # One of 51 of the voice and none of 50 of the face, three times.
    assert losses.total - before == pytest.approx(3 / 101)


async def test_the_freshest_report_says_how_long_the_round_trip_is(house: House) -> None:
    ward = await Ward.open(house)
    ward.second()
    assert ward.watched.place.leg is not None
    stale, fresh, *_ = [s.id for s in ward.watched.place.leg.slots.values() if s.track]
    reports: dict[SlotId, SlotReport] = {
        stale: (stale, 50, 0, 0, 0, 0, 900_000, 4_000, 0, 0, 0),
        fresh: (fresh, 50, 0, 0, 0, 0, 20_000, 100, 0, 0, 0),
    }
    ward.reports.slots = reports
    ward.measuring.judge(ward.watched.place.room)
    ward.reports.slots = {slot: (slot, 100, *row[2:]) for slot, row in reports.items()}
    ward.measuring.judge(ward.watched.place.room)
    assert [e for e in ward.other.hears() if isinstance(e, QualityChanged)] == []
    rtt = house.tally.histograms[RTT][()]
    assert rtt.total == pytest.approx(0.04 + 2 * 0.02)


async def test_a_picture_nobody_asks_for_is_not_missed(house: House) -> None:
    ward = await Ward.open(house)
    camera = ward.watched.track(Source.CAMERA)
    ward.watched.seat.mute(ward.watched.track(Source.MICROPHONE), muted=True)
    ward.watched.place.ask_to_send(EncodingsChosen(camera, (EncodingChoice("h", active=False),)))
    ward.other.hears()
    told = [ward.second(voice_silent_ms=4_000, face_silent_ms=4_000) for _ in range(5)]
    assert told == [[]] * 5


async def test_the_platform_is_told_of_trouble_and_of_its_end_once_each(house: House) -> None:
    told: list[tuple[str, str | None, str | None]] = []

    def tell(happening: Happening) -> None:
        if happening.identity == "a":
            told.append((happening.kind, happening.direction, happening.reason))

    house.seating.happened = tell
    ward = await Ward.open(house)
    told.clear()
    for _ in range(6):
        ward.second(lost=5)  # 9 %: weak, which is no trouble yet
    assert told == []
    for _ in range(6):
        ward.second(lost=20)
    assert told == [("degraded", "from", "poor")]
    ward.second(voice_silent_ms=5_000)
    assert len(told) == 1, "worse trouble is the same trouble"
    for _ in range(12):
        ward.second()
    assert told[1:] == [("recovered", "from", "good")]
