"""From one room to another, within a worker."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.errors import (
    Conflict,
    Ejected,
    RoomFull,
    RoomLocked,
    ServerError,
    UnknownRoom,
)
from relay.ids import RoomId, TrackId
from relay.moderation.moderating import moderation
from relay.rooms.events import (
    ParticipantLeft,
    SlotsChanged,
)
from relay.rooms.moderation import Moderation
from relay.rooms.permissions import Arrival, Role, Source
from relay.rooms.seat_states import SeatInput
from relay.rooms.settings import RoomSettings
from relay.rooms.standing import Standing
from relay.rooms.standing_events import (
    HeldBackChanged,
    MovedTo,
    WaitingChanged,
)
from tests.unit.relay.conftest import House, Person, grant
from tests.unit.relay.fakes import settle

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
    opened = house.seating.open(RoomId("next door"), RoomSettings(max_participants=1))
    opened.expected = 1  # so that it does not close meanwhile
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


async def test_whoever_is_put_out_after_a_move_comes_in_nowhere_by_their_link(house: House) -> None:
    doctor = house.enters("a")
    token = Arrival(age_s=5.0, token="one")
    patient = house.enters("b", Role.PATIENT, arrival=token)
    house.seating.open(RoomId("next door"), RoomSettings())
    there = house.holds(house.seating.join(grant("c", room="next door"), takeover=False))
    desk = moderation(house.seating, doctor.place.room, None)
    desk.move(patient.seat.participant, RoomId("next door"))
    commands(there).eject(patient.seat.participant)
    house.clock.move(10)
    with pytest.raises(Ejected):
        house.enters("b", Role.PATIENT, arrival=replace(token, age_s=15.0))
    assert house.seating.ejections.holds(RoomId("next door"), "b")
    again = house.enters("b", Role.PATIENT, arrival=Arrival(age_s=1.0, token="two"))
    assert again.seat.standing is Standing.ADMITTED
