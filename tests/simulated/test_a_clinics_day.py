"""Hours of consultations under a virtual clock: people come, reload, lose their network, leave.

The whole policy of the media plane over the fakes; a seed makes a day, and whatever happened, what
everybody was told must add up to what there is.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from relay.adaptation.adapting import Adapting
from relay.engine import Event
from relay.errors import HandshakeFailed, RelayError
from relay.ids import Mid, ParticipantId, PublicationId
from relay.monitoring.measuring import Measuring
from relay.rooms.admission import Limits
from relay.rooms.events import (
    ParticipantJoined,
    ParticipantLeft,
    SeatEvent,
    SlotCarries,
    SlotsChanged,
    TrackPublished,
    TrackUnpublished,
)
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Role, Source
from relay.rooms.seat_states import SeatState
from relay.rooms.settings import RoomSettings
from relay.routing.bindings import rebind
from relay.workers.engine_leg import Reports
from tests.unit.relay.conftest import CHROMIUM, House, Person, grant, restarted
from tests.unit.relay.fakes import KEYS, settle

EVENTS_IN_A_DAY = 250
ROOMS = ("r1", "r2", "r3")
ROLES = (Role.PRACTITIONER, Role.PATIENT, Role.CARER, Role.OBSERVER)


@dataclass
class View:
    """The room as one participant's page believes it to be."""

    people: dict[ParticipantId, set[PublicationId]] = field(default_factory=dict)
    slots: SlotsChanged | None = None

    def see(self, event: SeatEvent) -> None:
        match event:
            case ParticipantJoined(participant=info):
                assert info.id not in self.people, "nobody joins twice"
                self.people[info.id] = {track.id for track in info.tracks}
            case ParticipantLeft(participant=who):
                del self.people[who]
            case TrackPublished(participant=who, track=track):
                assert track.id not in self.people[who], "nothing is published twice"
                self.people[who].add(track.id)
            case TrackUnpublished(participant=who, track=track):
                self.people[who].remove(track)
            case SlotsChanged():
                self.slots = event
            case _:
                pass


class Day:
    """One clinic, and what a seed does to it."""

    def __init__(self, house: House, seed: int) -> None:
        self.house = house
        house.seating.limits = Limits(max_rooms=3)
        house.seating.settings = RoomSettings(max_participants=4)
        self.random = random.Random(seed)
        reports = Reports()
        self.adapting = Adapting(house.clock, reports, house.tally)
        house.seating.rerouted = self.adapting.follow
        self.measuring = Measuring(reports, house.tally, lambda _: None)
        self.present: dict[Person, View] = {}
        self.visitors = 0

    async def happen(self) -> None:
        """Let one thing happen, to somebody or to the clock."""
        acts = [self.come] * 2 + [self.offer] * 3 + [self.secure] * 2 + [self.fail, self.wait]
        acts += [self.publish, self.unpublish, self.mute, self.want]
        acts += [self.lose_socket, self.resume, self.lose_path, self.leave]
        act = self.random.choice(acts)
        await act()
        await settle()
        self.read()
        self.check()

    async def come(self) -> None:
        self.visitors += 1
        wish = grant(
            f"visitor {self.visitors}",
            self.random.choice(ROLES),
            room=self.random.choice(ROOMS),
        )
        try:
            place = self.house.seating.join(wish, takeover=False)
        except RelayError:
            return
        self.sit_down(self.house.holds(place))

    async def offer(self) -> None:
        if person := self.somebody():
            tracks = {
                Mid(mid): source
                for mid, source in (("0", Source.MICROPHONE), ("1", Source.CAMERA))
                if source in person.place.participant.permissions.publish
                and self.random.random() < 0.7
            }
            sdp = self.random.choice([CHROMIUM, restarted(CHROMIUM)])
            fresh = person.place.leg is None or self.random.random() < 0.5
            await person.seat.negotiate(sdp, tracks, fresh=fresh)

    async def secure(self) -> None:
        waiting = [t for t in self.house.transports.opened if not t.handshake.done()]
        if waiting:
            self.random.choice(waiting).handshake.set_result(KEYS)

    async def fail(self) -> None:
        waiting = [t for t in self.house.transports.opened if not t.handshake.done()]
        if waiting:
            self.random.choice(waiting).handshake.set_exception(HandshakeFailed("timeout"))

    async def publish(self) -> None:
        person = self.somebody()
        if person and person.place.leg:
            try:
                person.seat.publish({Mid("1"): Source.CAMERA})
            except RelayError:
                assert person.place.participant.role is Role.OBSERVER

    async def unpublish(self) -> None:
        person = self.somebody()
        if person and (tracks := list(person.place.participant.publications.values())):
            person.seat.unpublish(self.random.choice(tracks).id)

    async def mute(self) -> None:
        person = self.somebody()
        if person and (tracks := list(person.place.participant.publications.values())):
            person.seat.mute(self.random.choice(tracks).id, self.random.random() < 0.5)

    async def want(self) -> None:
        person = self.somebody()
        if person:
            seen = [track for tracks in self.present[person].people.values() for track in tracks]
            if seen:
                person.seat.subscribe(self.random.choice(sorted(seen)), self.random.random() < 0.6)

    async def lose_socket(self) -> None:
        if person := self.somebody():
            person.seat.detach()
            del self.present[person]

    async def resume(self) -> None:
        kept = [p for p in self.house.seating.all_places() if p.state is SeatState.KEPT]
        if kept:
            place = self.random.choice(kept)
            self.house.seating.resume(place.id, place.secret)
            self.sit_down(self.house.holds(place))

    async def lose_path(self) -> None:
        person = self.somebody()
        if person and person.place.leg:
            person.leg.happens(Event.ConsentLost(leg=person.leg.id))

    async def leave(self) -> None:
        if person := self.somebody():
            await person.seat.leave("left")
            del self.present[person]

    async def wait(self) -> None:
        self.house.clock.move(self.random.choice([1.0, 5.0, 30.0, 125.0]))
        for room in list(self.house.seating.rooms.values()):
            self.house.seating.expire(room)
            rebind(room)
            self.measuring.judge(room)
            self.adapting.measure(room)

    def somebody(self) -> Person | None:
        return self.random.choice(list(self.present)) if self.present else None

    def sit_down(self, person: Person) -> None:
        snapshot = person.seat.snapshot().participants
        view = View({info.id: {track.id for track in info.tracks} for info in snapshot})
        self.present[person] = view

    def read(self) -> None:
        for person, view in self.present.items():
            for event in person.hears():
                view.see(event)

    def check(self) -> None:
        """What everybody believes is what there is, in the model and in the engine."""
        for person, view in self.present.items():
            place, room = person.place, person.place.room
            others = {p.id: p for p in room.model.others(place.participant.id)}
            assert view.people == {
                who: {publication.id for publication in other.publications.values()}
                for who, other in others.items()
            }
            if place.leg is None:
                continue
            assert view.slots is not None
            told = {slot.mid: slot for slot in view.slots.bindings}
            wanted = {
                publication.id: publication
                for publication in room.model.wanted_by(place.participant.id)
            }
            for mid, track in person.leg.carried_by_mid().items():
                slot = told[Mid(mid)]
                if isinstance(slot, SlotCarries):
                    assert track == room.track_of(wanted[slot.track])
                else:
                    assert track == 0
        self.check_legs()

    def check_legs(self) -> None:
        """Every leg that is open belongs to a place, and every other one has left the engine."""
        owned = {leg.id for place in self.house.seating.all_places() for leg in place.legs()}
        for leg in self.house.engine.legs:
            assert (leg.id in owned) != bool(leg.removed)
        for place in self.house.seating.all_places():
            assert place.previous is None or place.previous.state is not LegState.CLOSED
            for own in place.participant.publications.values():
                for each in place.legs():
                    if own.id in each.sending:
                        fake = next(f for f in self.house.engine.legs if f.id == each.id)
                        assert (each.track_of(own.id) in fake.held_back) == own.muted


@pytest.mark.parametrize("seed", range(6))
async def test_a_day_adds_up_and_leaves_nothing_behind(seed: int) -> None:
    async with asyncio.TaskGroup() as tasks:
        house = House(tasks)
        day = Day(house, seed)
        for _ in range(EVENTS_IN_A_DAY):
            await day.happen()
        assert day.visitors > 10
        assert house.engine.legs
        for person in list(day.present):
            await person.seat.leave("left")
        house.clock.move(125)
        for room in list(house.seating.rooms.values()):
            house.seating.expire(room)
        await settle()
        assert house.seating.rooms == {}
        assert house.seating.places == {}
        assert all(leg.removed for leg in house.engine.legs)
        assert all(task.done() for task in house.running)
