"""Faults under a virtual clock, each written down apart, and what the consultation's report says.

The media plane's own watch, charts and reports over the fakes; only the engine's figures are made
here. What is reported agrees with what was done to within one slot of five seconds.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal

import pytest

from relay.ids import ConsultationId, ParticipantId, RoomId, TrackId
from relay.monitoring.charting import Charting
from relay.monitoring.silences import LOOK_S, Silences
from relay.monitoring.telling_silences import pass_on
from relay.rooms.permissions import Role, Source
from relay.units import NS_PER_US
from relay.workers.engine_leg import Reports
from signalling.api.schemas import Report
from signalling.consultations import Consultations
from signalling.reports.keeper import ReportKeeper
from tests.unit.relay.conftest import House, Person

OPENED = datetime(2026, 9, 21, 10, 0, tzinfo=UTC)
SLOT = timedelta(seconds=5)
LOOKS_A_SECOND = round(1 / LOOK_S)
STILL_AFTER_S = 1.0
"""As `codecs/forward/src/control/stillness.rs`."""
LOST_RATIO = 0.10
PACKETS_A_SECOND = 50

Kind = Literal["cut", "silence", "loss"]
KINDS: tuple[Kind, ...] = ("cut", "silence", "loss")


@dataclass(frozen=True)
class Fault:
    """What was done, to whom, and when: the log that the report is held against."""

    kind: Kind
    who: ParticipantId
    began: datetime
    ended: datetime


class Emulated:
    """Two people whose packets a test lets come, or not."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.began_ns = house.clock.now_ns()
        self.figures = Reports()
        self.silences = Silences(self.figures, house.tally)
        self.charting = Charting(self.figures)
        self.consultations = Consultations(self.now)
        self.keeper = ReportKeeper(self.now, house.clock.now_ns, house.tally, keep_s=3_600)
        self.consultations.observers.append(self.keeper.observe)
        self.charting.chart_of = self.keeper.chart_of
        house.seating.happened = self.consultations.hear
        house.seating.rerouted = self.silences.disturb
        self.silences.observe(partial(pass_on, house.seating))
        self.people: list[Person] = []
        self.stopped: set[TrackId] = set()
        self.lossy: set[TrackId] = set()
        self.came_s: dict[TrackId, float] = {}
        self.counted: dict[TrackId, tuple[int, int]] = {}
        self.looks = 0

    def now(self) -> datetime:
        passed_us = (self.house.clock.now_ns() - self.began_ns) // NS_PER_US
        return OPENED + timedelta(microseconds=passed_us)

    @property
    def consultation(self) -> ConsultationId:
        name = self.consultations.of(RoomId("room"))
        assert name is not None
        return name

    async def meet(self) -> None:
        """Let two people come, and hear and see each other."""
        for identity, role in (("a", Role.PRACTITIONER), ("b", Role.PATIENT)):
            person = self.house.enters(identity, role)
            await person.connect()
            self.people.append(person)
        self.passes(8)

    def passes(self, seconds: float) -> None:
        """Let time pass: the engine tells what it sees, and the relay looks as it does."""
        for _ in range(round(seconds / LOOK_S)):
            self.house.clock.move(LOOK_S)
            self._tell_stillness()
            self.looks += 1
            rooms = list(self.house.seating.rooms.values())
            for room in self.silences.restless(rooms):
                self.silences.look(room)
            if self.looks % LOOKS_A_SECOND:
                continue
            self._count()
            for room in rooms:
                self.silences.look_after(room)
                self.charting.look(room)
            for person in self.people:
                person.hears()

    def suffers(self, kind: Kind, person: Person, duration_s: float) -> Fault:
        """Do something to somebody for a while, and write it down."""
        who, began = person.seat.participant, self.now()
        voice, face = self._tracks(person)
        affected = {"cut": {voice, face}, "silence": {voice}, "loss": {voice}}[kind]
        harmed = self.lossy if kind == "loss" else self.stopped
        harmed |= affected
        self.passes(duration_s)
        harmed -= affected
        return Fault(kind, who, began, self.now())

    async def over(self) -> Report:
        """Let both leave; give the report."""
        name = self.consultation
        for person in self.people:
            await person.seat.leave("left")
        report = await self.keeper.find(name)
        assert report is not None
        return report

    def _tracks(self, person: Person) -> tuple[TrackId, TrackId]:
        place = person.place
        microphone = place.track_of(person.track(Source.MICROPHONE))
        return microphone, place.track_of(person.track(Source.CAMERA))

    def _tell_stillness(self) -> None:
        now_s = self.house.clock.now_ns() / 1e9
        for person in self.people:
            for track in self._tracks(person):
                if track not in self.stopped:
                    self.came_s[track] = now_s
                still_s = now_s - self.came_s.setdefault(track, now_s)
                self.figures.still_tracks.pop(track, None)
                if still_s >= STILL_AFTER_S:
                    row = (track, round(still_s * 1_000), -1, False)
                    self.figures.still_tracks[track] = row

    def _count(self) -> None:
        for person in self.people:
            for track in self._tracks(person):
                packets, lost = self.counted.get(track, (0, 0))
                if track not in self.stopped:
                    packets += PACKETS_A_SECOND
                    lost += PACKETS_A_SECOND // 4 if track in self.lossy else 0
                self.counted[track] = (packets, lost)
                self.figures.tracks[track] = [
                    (track, 0, packets, packets * 100, lost, 5_000, 0, 10, [])
                ]


@pytest.mark.parametrize("seed", range(12))
async def test_a_report_agrees_with_the_log_to_within_a_slot(seed: int) -> None:
    async with asyncio.TaskGroup() as tasks:
        house = House(tasks)
        report, log = await a_consultation(house, random.Random(seed))
        for task in house.running:
            task.cancel()
    assert report.slots.width_s == SLOT.seconds
    held_against(cuts_of(report), [fault for fault in log if fault.kind == "cut"])
    held_against(silences_of(report, log), [fault for fault in log if fault.kind == "silence"])
    held_against(losses_of(report), [fault for fault in log if fault.kind == "loss"])
    assert len(report.summary.en) == 1 + len(log)


async def test_a_long_silence_with_a_cut_in_it_is_told() -> None:
    async with asyncio.TaskGroup() as tasks:
        house = House(tasks)
        emulated = Emulated(house)
        await emulated.meet()
        _, patient = emulated.people
        who, began = patient.seat.participant, emulated.now()
        voice, _ = emulated._tracks(patient)
        emulated.stopped.add(voice)
        emulated.passes(10)
        cut = emulated.suffers("cut", patient, 4)
        emulated.stopped.add(voice)
        emulated.passes(20)
        emulated.stopped.discard(voice)
        log = [cut, Fault("silence", who, began, emulated.now())]
        emulated.passes(10)
        report = await emulated.over()
        for task in house.running:
            task.cancel()
    held_against(cuts_of(report), [cut])
    held_against(silences_of(report, log), log[1:])
    told = [words for words in report.summary.en if "did not hear the patient" in words]
    assert len(told) == 1


async def a_consultation(house: House, chance: random.Random) -> tuple[Report, list[Fault]]:
    """Let two people meet and suffer eight faults; give what is told, and the log."""
    emulated = Emulated(house)
    await emulated.meet()
    log: list[Fault] = []
    for _ in range(8):
        kind = chance.choice(KINDS)
        # Of what is lost at least one slot has to be full.
        quarters = chance.randrange(48, 100) if kind == "loss" else chance.randrange(14, 80)
        log.append(emulated.suffers(kind, chance.choice(emulated.people), quarters / 4))
        emulated.passes(chance.randrange(60, 160) / 4)
    return await emulated.over(), log


Spans = list[tuple[str, datetime, datetime]]


def held_against(told: Spans, log: list[Fault]) -> None:
    """Hold what was told against what was done: the same in number, and none a slot away."""
    assert len(told) == len(log), (told, log)
    for (who, began, ended), fault in zip(sorted(told, key=lambda each: each[1]), log, strict=True):
        assert who == fault.who
        assert abs(began - fault.began) <= SLOT, (began, fault)
        assert abs(ended - fault.ended) <= SLOT, (ended, fault)


def cuts_of(report: Report) -> Spans:
    return [(cut.participant, cut.began_at, cut.ended_at or OPENED) for cut in report.cuts]


def silences_of(report: Report, log: list[Fault]) -> Spans:
    """Give the silences that are no part of a cut, as the log of what was done has it."""
    cuts = [fault for fault in log if fault.kind == "cut"]
    return [
        (silence.participant, silence.began_at, silence.ended_at or OPENED)
        for silence in report.silences
        if not any(
            cut.who == silence.participant
            and cut.began - SLOT <= silence.began_at
            and (silence.ended_at or OPENED) <= cut.ended + SLOT
            for cut in cuts
        )
    ]


def losses_of(report: Report) -> Spans:
    """Give the runs of slots in which much of a sound was lost."""
    spans: Spans = []
    for course in report.courses:
        if (course.direction, course.medium) != ("from", "sound"):
            continue
        for index, ratio in enumerate(course.loss_ratio, start=course.first):
            began = report.slots.begins_at + index * SLOT
            if ratio is None or ratio < LOST_RATIO:
                continue
            if spans and spans[-1][0] == course.participant and spans[-1][2] == began:
                spans[-1] = (course.participant, spans[-1][1], began + SLOT)
            else:
                spans.append((course.participant, began, began + SLOT))
    return spans
