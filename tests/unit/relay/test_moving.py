"""From one room to another, within a worker and between two."""

from __future__ import annotations

import pytest

from relay.engine_leg import Reports
from relay.errors import (
    Conflict,
    HandshakeFailed,
    NotFound,
    RoomFull,
    RoomLocked,
    ServerError,
    UnknownRoom,
)
from relay.ids import RoomId, SlotId, TrackId, WorkerIndex
from relay.moderating import moderation
from relay.open_rooms import OpenRoom
from relay.rooms.admission import Limits
from relay.rooms.events import (
    ConnectionChanged,
    ParticipantLeft,
    SlotsChanged,
)
from relay.rooms.leg_states import LegState
from relay.rooms.moderation import Moderation
from relay.rooms.permissions import Arrival, Role, Source
from relay.rooms.seat_states import SeatInput
from relay.rooms.settings import RoomSettings
from relay.rooms.standing import Standing
from relay.rooms.standing_events import (
    HeldBackChanged,
    MovedTo,
    RelocationAsked,
    WaitingChanged,
)
from relay.silences import Silences
from relay.steering import Steering
from tests.unit.relay.conftest import CHROMIUM, MICROPHONE_AND_CAMERA, House, Person, grant
from tests.unit.relay.fakes import KEYS, settle

WAITS = Arrival(waits=True)


def commands(person: Person) -> Moderation:
    return person.seat.moderation()


async def test_somebody_moved_goes_on_in_the_other_room_with_their_seat(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    house.seating.open(RoomId("next door"), RoomSettings())
    other = house.holds(house.seating.join(grant("c", room="next door"), takeover=False))
    await other.connect()
    before, seat, leg = patient.seat.participant, patient.seat.id, patient.leg
    tracks = {own.id for own in patient.seat.tracks()}
    desk = moderation(house.seating, doctor.place.room, None)
    desk.move(before, RoomId("next door"))
    await settle()
    assert ParticipantLeft(before, "moved") in doctor.hears()
    assert patient.seat.id == seat
    assert patient.seat.participant != before
    moved = next(event for event in patient.hears() if isinstance(event, MovedTo))
    assert moved.participant == patient.seat.participant
    assert [each.id for each in moved.room.participants] == [other.seat.participant]
    assert set(doctor.leg.carried_by_mid().values()) == {TrackId(0)}
    assert (moved.keeps_leg, patient.leg, leg.removed) == (True, leg, 0)
    assert {each.id for each in moved.tracks}.isdisjoint(tracks)
    assert set(leg.carried_by_mid().values()) == {TrackId(0), *other.leg.published}
    assert set(other.leg.carried_by_mid().values()) == {TrackId(0), *leg.published}
    patient.seat.mute(patient.track(Source.MICROPHONE), True)
    assert len(leg.held_back) == 1
    assert any(isinstance(event, SlotsChanged) for event in other.hears())


async def test_somebody_who_waits_is_moved_to_wait_there(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT, arrival=WAITS)
    house.seating.open(RoomId("next door"), RoomSettings())
    there = house.holds(house.seating.join(grant("c", room="next door"), takeover=False))
    moderation(house.seating, doctor.place.room, None).move(
        patient.seat.participant, RoomId("next door")
    )
    assert [type(event) for event in patient.hears()] == [WaitingChanged, MovedTo, WaitingChanged]
    assert patient.seat.standing is Standing.WAITING
    there.seat.moderation().admit(patient.seat.participant)
    await patient.connect()


async def test_a_move_that_finds_no_place_changes_nothing(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    desk = moderation(house.seating, doctor.place.room, None)
    with pytest.raises(UnknownRoom):
        desk.move(patient.seat.participant, RoomId("next door"))
    house.seating.open(RoomId("next door"), RoomSettings(max_participants=1))
    there = house.seating.join(grant("b", room="next door"), takeover=False)
    with pytest.raises(Conflict):
        desk.move(patient.seat.participant, RoomId("next door"))
    house.seating.end(there, SeatInput.LEAVE, "left")
    house.seating.join(grant("c", room="next door"), takeover=False)
    with pytest.raises(RoomFull):
        desk.move(patient.seat.participant, RoomId("next door"))
    assert patient.place.room is doctor.place.room
    assert patient.seat.standing is Standing.ADMITTED


async def test_a_mute_of_the_other_room_holds_from_the_first_packet(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    house.seating.open(RoomId("next door"), RoomSettings())
    there = house.holds(house.seating.join(grant("c", room="next door"), takeover=False))
    same = grant("b", Role.PATIENT, room="next door")
    before = house.holds(house.seating.join(same, takeover=False))
    there.seat.moderation().mute(before.seat.participant)
    await before.seat.leave("left")
    commands(doctor).mute(patient.seat.participant, {Source.CAMERA})
    desk = moderation(house.seating, doctor.place.room, None)
    patient.leg.full = True
    with pytest.raises(ServerError):
        desk.move(patient.seat.participant, RoomId("next door"))
    assert patient.place.room is doctor.place.room
    patient.leg.full = False
    desk.move(patient.seat.participant, RoomId("next door"))
    assert patient.place.leg is not None
    assert patient.leg.held_back == set(patient.leg.published)
    sources = (Source.CAMERA, Source.MICROPHONE)
    assert patient.hears()[-2:] == [HeldBackChanged(sources), patient.place.slots]


def next_door(house: House, worker: int = 1) -> OpenRoom:
    """Open another room, with somebody in it, on a worker."""
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


async def test_who_is_moved_stays_muted_and_comes_into_no_room_that_does_not_want_them(
    house: House,
) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    desk = moderation(house.seating, doctor.place.room, None)
    there = house.seating.open(RoomId("next door"), RoomSettings())
    there.model.locked = True
    with pytest.raises(RoomLocked):
        desk.move(patient.seat.participant, RoomId("next door"))
    there.model.locked = False
    house.seating.ejections.note(RoomId("next door"), "b", house.clock.now_ns())
    with pytest.raises(Conflict):
        desk.move(patient.seat.participant, RoomId("next door"))
    house.clock.move(2 * 86_400)
    house.seating.ejections.note(RoomId("elsewhere"), "z", house.clock.now_ns())
    there.model.must_wait.add("b")
    desk.mute(patient.seat.participant)
    desk.move(patient.seat.participant, RoomId("next door"))
    assert patient.seat.standing is Standing.WAITING
    moved_at = next(i for i, each in enumerate(patient.hears()) if isinstance(each, MovedTo))
    assert HeldBackChanged((Source.MICROPHONE,)) in patient.told[moved_at:]


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
    opened = house.seating.open(RoomId("next door"), RoomSettings(), persistent=False)
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
