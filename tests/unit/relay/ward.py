"""A house whose flows are watched: what the engine tells of them is a test's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relay.ids import Mid, SlotId, TrackId
from relay.monitoring.silences import LOOK_S, SilenceNews, Silences
from relay.rooms.events import SilencesChanged
from relay.rooms.permissions import Kind, Role, Source
from relay.trouble import Cause, Stage
from relay.workers.engine_leg import Reports

if TYPE_CHECKING:
    from tests.unit.relay.conftest import House, Person

TRANSIENT_MS = 250


class Ward:
    """A house whose flows are watched: what the engine tells is a test's."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.reports = Reports()
        self.silences = Silences(self.reports, house.tally)
        self.news: list[SilenceNews] = []
        self.silences.observe(self.news.append)
        house.seating.rerouted = self.silences.disturb
        self._looks = 0

    async def two(self) -> tuple[Person, Person]:
        """A practitioner and a patient who hear and see each other."""
        practitioner = self.house.enters("a")
        patient = self.house.enters("b", Role.PATIENT)
        await practitioner.connect()
        await patient.connect()
        self.passes(5)
        practitioner.hears()
        patient.hears()
        return practitioner, patient

    def passes(self, seconds: float = LOOK_S) -> None:
        """Let time pass, looking as the relay does."""
        for _ in range(round(seconds / LOOK_S)):
            self.house.clock.move(LOOK_S)
            for still in (self.reports.still_tracks, self.reports.still_slots):
                for key, row in still.items():
                    still[key] = _aged(row)  # type: ignore[index, assignment]
            rooms = list(self.house.seating.rooms.values())
            for room in self.silences.restless(rooms):
                self.silences.look(room)
            self._looks += 1
            if self._looks % round(1 / LOOK_S) == 0:
                for room in rooms:
                    self.silences.look_after(room)

    def stops(self, person: Person, source: Source, *, ended: bool = False) -> None:
        """Let the engine tell that nothing comes any more."""
        track = track_of(person, source)
        self.reports.still_tracks[track] = (track, 0, -1, ended)

    def hushes(self, person: Person) -> None:
        """Let somebody's microphone give digital silence."""
        track = track_of(person, Source.MICROPHONE)
        self.reports.still_tracks[track] = (track, 0, 0, False)

    def comes_back(self) -> None:
        """Let everything flow."""
        self.reports.still_tracks.clear()
        self.reports.still_slots.clear()


def _aged(row: tuple[int, ...]) -> tuple[int, ...]:
    """Ages grow; names, and what is not known, stay."""
    name, *ages = row
    older = (age + TRANSIENT_MS if type(age) is int and age >= 0 else age for age in ages)
    return (name, *older)


def track_of(person: Person, source: Source) -> TrackId:
    return person.place.track_of(person.track(source))


def slot_of(person: Person, kind: Kind) -> tuple[Mid, SlotId]:
    """The slot in which somebody receives the other's voice or face."""
    assert person.place.leg is not None
    return next(
        (mid, slot.id)
        for mid, slot in person.place.leg.slots.items()
        if slot.kind is kind and slot.track
    )


def told(person: Person) -> list[tuple[Stage, Cause]]:
    """What somebody was last told of silences, since this was last asked."""
    lists = [event for event in person.hears() if isinstance(event, SilencesChanged)]
    return [(each.stage, each.cause) for each in lists[-1].silences] if lists else []
