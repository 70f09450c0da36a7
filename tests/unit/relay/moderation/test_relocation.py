"""Moves by a second leg, on another worker; and to another relay."""

from __future__ import annotations

import pytest

from relay.errors import (
    Conflict,
    HandshakeFailed,
    NotFound,
)
from relay.ids import RoomId, SlotId, TrackId, WorkerIndex
from relay.moderation.moderating import moderation
from relay.moderation.steering import Steering
from relay.monitoring.silences import Silences
from relay.places.open_rooms import OpenRoom
from relay.rooms.admission import Limits
from relay.rooms.events import (
    ConnectionChanged,
    ParticipantLeft,
)
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Role, Source
from relay.rooms.seat_states import SeatInput
from relay.rooms.settings import RoomSettings
from relay.rooms.standing_events import (
    MovedTo,
    RelocationAsked,
)
from relay.workers.engine_leg import Reports
from tests.unit.relay.conftest import CHROMIUM, MICROPHONE_AND_CAMERA, House, Person, grant
from tests.unit.relay.fakes import KEYS, settle


def next_door(house: House, worker: int = 1) -> OpenRoom:
    """Open another room, for somebody who is about to come, on a worker."""
    opened = house.seating.open(RoomId("next door"), RoomSettings())
    opened.model.worker = WorkerIndex(worker)
    return opened


async def asked_to_relocate(house: House) -> tuple[Person, Person, str]:
    """A patient who is being moved to another worker's room, where somebody is; and the ticket."""
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    next_door(house)
    there = house.holds(house.seating.join(grant("c", room="next door"), takeover=False))
    await there.connect()
    desk = moderation(house.seating, doctor.place.room, None)
    desk.move(patient.seat.participant, RoomId("next door"))
    desk.move(patient.seat.participant, RoomId("next door"))
    (asked,) = [event for event in patient.hears() if isinstance(event, RelocationAsked)]
    return patient, there, asked.ticket


async def test_a_second_leg_comes_up_on_the_other_worker_before_one_goes(house: House) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    first, room = patient.leg, patient.place.room
    doctor = next(iter(room.places.values()))
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    second = house.engine.legs[-1]
    assert (patient.leg, patient.place.room, second.worker) == (first, room, 1)
    assert not first.removed
    assert second.bound == {}
    assert doctor.slots is not None
    patient.transport.handshake.set_result(KEYS)
    await settle()
    moved = next(event for event in patient.hears() if isinstance(event, MovedTo))
    assert moved.keeps_leg
    assert (patient.leg, bool(first.removed), second.removed) == (second, True, 0)
    assert patient.place.room is there.place.room
    assert set(second.carried_by_mid().values()) == {TrackId(0), *there.leg.published}
    assert set(there.leg.carried_by_mid().values()) == {TrackId(0), *second.published}
    assert patient.place.connection == ConnectionChanged(LegState.CONNECTED)


async def test_a_ticket_is_good_for_its_relocation_alone(house: House) -> None:
    patient, _, ticket = await asked_to_relocate(house)
    legs = len(house.engine.legs)
    for wrong in ("", ticket[:-1], ticket + "x"):
        with pytest.raises(Conflict):
            await patient.seat.negotiate(CHROMIUM, {}, fresh=True, ticket=wrong)
    doctor = next(iter(patient.place.room.places.values()))
    stranger = house.holds(doctor)
    with pytest.raises(Conflict):
        await stranger.seat.negotiate(CHROMIUM, {}, fresh=True, ticket=ticket)
    assert len(house.engine.legs) == legs


async def test_whoever_brings_no_second_leg_in_time_goes_without(house: House) -> None:
    patient, there, _ = await asked_to_relocate(house)
    first, room = patient.leg, patient.place.room
    house.clock.move(9)
    house.seating.expire(room)
    assert patient.place.room is room
    house.clock.move(1)
    house.seating.expire(room)
    await settle()
    moved = next(event for event in patient.hears() if isinstance(event, MovedTo))
    assert (moved.keeps_leg, moved.tracks) == (False, ())
    assert first.removed
    assert patient.place.leg is None
    await patient.connect()
    assert patient.leg.worker == 1
    assert set(there.leg.carried_by_mid().values()) > {TrackId(0)}


async def test_a_second_leg_that_fails_is_not_waited_for(house: House) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    patient.transport.handshake.set_exception(HandshakeFailed("timed_out"))
    await settle()
    assert patient.place.room is there.place.room
    assert patient.place.leg is None
    assert all(leg.removed for leg in house.engine.legs if leg.worker == 1 and leg is not there.leg)


async def test_a_room_that_filled_meanwhile_leaves_everybody_where_they_are(house: House) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    first, room = patient.leg, patient.place.room
    there.place.room.model.settings = RoomSettings(max_participants=1)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    second = house.engine.legs[-1]
    patient.transport.handshake.set_result(KEYS)
    await settle()
    assert (patient.place.room, patient.leg, first.removed, bool(second.removed)) == (
        room,
        first,
        0,
        True,
    )
    assert not any(isinstance(event, MovedTo) for event in patient.hears())


@pytest.mark.parametrize("ends", ["left", "ejected", "sent back"])
async def test_whoever_goes_meanwhile_leaves_no_leg_behind(house: House, ends: str) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    doctor = next(iter(patient.place.room.places.values()))
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    commands = moderation(house.seating, doctor.room, doctor.participant)
    if ends == "left":
        await patient.seat.leave("left")
    else:
        (commands.eject if ends == "ejected" else commands.send_back)(patient.seat.participant)
    await settle()
    of_others = {doctor.leg.engine if doctor.leg else None, there.leg}
    assert all(leg.removed for leg in house.engine.legs if leg not in of_others)
    assert patient.place.relocation is None


async def test_what_the_engine_cannot_unroute_goes_with_the_leg(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    next_door(house, worker=0)
    leg = patient.leg
    doctor.leg.full = True
    moderation(house.seating, doctor.place.room, None).move(
        patient.seat.participant, RoomId("next door")
    )
    await settle()
    moved = next(event for event in patient.hears() if isinstance(event, MovedTo))
    assert not moved.keeps_leg
    assert leg.removed


async def test_another_workers_leg_is_bound_to_nothing_of_the_room_it_leaves(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    second, bound = house.engine.legs[-1], set[TrackId]()
    bind = second.bind

    def noting(slot: SlotId, track: TrackId) -> None:
        bound.add(track)
        bind(slot, track)

    monkeypatch.setattr(second, "bind", noting)
    patient.transport.handshake.set_result(KEYS)
    await settle()
    assert bound - {TrackId(0)} == set(there.leg.published)


async def test_whoever_is_moved_elsewhere_meanwhile_goes_there_alone(house: House) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    second, first = house.engine.legs[-1], patient.leg
    house.seating.limits = Limits(max_rooms=3)
    third = house.seating.open(RoomId("across the hall"), RoomSettings())
    third.model.worker = WorkerIndex(0)
    desk = moderation(house.seating, patient.place.room, None)
    desk.move(patient.seat.participant, RoomId("across the hall"))
    await settle()
    assert (patient.place.room, patient.place.relocation) == (third, None)
    assert (first.removed, bool(second.removed)) == (0, True)
    assert there.place.room.expected == 0
    moved = next(event for event in patient.hears() if isinstance(event, MovedTo))
    assert (moved.keeps_leg, moved.ticket) == (True, None)


async def test_a_takeover_meanwhile_is_moved_all_the_same(house: House) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    place = house.seating.join(grant("b", Role.PATIENT), takeover=True)
    taken = house.holds(place)
    assert place is patient.place
    (asked,) = [event for event in taken.hears() if isinstance(event, RelocationAsked)]
    assert asked.ticket != ticket
    house.clock.move(10)
    house.seating.expire(place.room)
    assert place.room is there.place.room


async def test_a_room_opened_for_somebody_who_does_not_come_closes(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    opened = house.seating.open(RoomId("next door"), RoomSettings())
    opened.model.worker = WorkerIndex(1)
    desk = moderation(house.seating, doctor.place.room, None)
    desk.move(patient.seat.participant, RoomId("next door"))
    passer_by = house.seating.join(grant("c", room="next door"), takeover=False)
    house.seating.end(passer_by, SeatInput.LEAVE, "left")
    assert RoomId("next door") in house.seating.rooms
    await patient.seat.leave("left")
    assert RoomId("next door") not in house.seating.rooms


async def test_a_room_that_closes_meanwhile_leaves_everybody_where_they_are(house: House) -> None:
    patient, there, ticket = await asked_to_relocate(house)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    room, first, second = patient.place.room, patient.leg, house.engine.legs[-1]
    house.seating.close(there.place.room)
    assert RoomId("next door") not in house.seating.rooms
    patient.transport.handshake.set_result(KEYS)
    await settle()
    assert (patient.place.room, patient.leg, first.removed) == (room, first, 0)
    assert second.removed


async def test_a_track_the_second_leg_does_not_bring_is_published_anew(house: House) -> None:
    patient, _, ticket = await asked_to_relocate(house)
    voice = {mid: each for mid, each in MICROPHONE_AND_CAMERA.items() if each == Source.MICROPHONE}
    await patient.seat.negotiate(CHROMIUM, voice, fresh=True, ticket=ticket)
    await settle()
    patient.transport.handshake.set_result(KEYS)
    await settle()
    moved = next(event for event in patient.hears() if isinstance(event, MovedTo))
    assert [own.source for own in moved.tracks] == [Source.MICROPHONE]
    assert moved.ticket == ticket


async def test_an_offer_of_the_second_leg_may_come_before_and_after_the_move(house: House) -> None:
    patient, _, ticket = await asked_to_relocate(house)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=True, ticket=ticket)
    await settle()
    first, legs = patient.leg, len(house.engine.legs)
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=False, ticket=ticket)
    assert first.removed == 0
    patient.transport.handshake.set_result(KEYS)
    await settle()
    await patient.seat.negotiate(CHROMIUM, MICROPHONE_AND_CAMERA, fresh=False, ticket=ticket)
    assert (bool(first.removed), len(house.engine.legs)) == (True, legs)


async def test_whoever_leaves_for_another_relay_has_moved(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    room, who = patient.place.room.model.id, patient.seat.participant
    steering = Steering(house.seating, Silences(Reports(), house.tally))
    steering.send_on(room, who, "wss://other.example/v1/ws", "token")
    asked = RelocationAsked("token", "wss://other.example/v1/ws")
    assert asked in patient.hears()
    house.seating.resume(patient.seat.id, patient.seat.resume_secret)
    patient = house.holds(patient.place)
    assert asked in patient.hears()
    await patient.seat.leave("left")
    assert ParticipantLeft(who, "moved") in doctor.hears()
    with pytest.raises(NotFound):
        steering.send_on(room, who, "wss://other.example/v1/ws", "token")
