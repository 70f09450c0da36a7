"""Put out, locked out, muted, moved, closed: what people are told, and what media does."""

from __future__ import annotations

import pytest

from relay.errors import Conflict, Ejected, NotAdmitted, RoomFull, RoomLocked, UnknownRoom
from relay.ids import RoomId, TrackId
from relay.moderating import moderation
from relay.rooms.closings import closing
from relay.rooms.events import ParticipantLeft, SlotsChanged, TrackMuted
from relay.rooms.moderation import Moderation
from relay.rooms.permissions import Arrival, Right, Role, Source
from relay.rooms.seat_states import SeatInput
from relay.rooms.settings import RoomSettings
from relay.rooms.standing import Standing
from relay.rooms.standing_events import (
    HeldBackChanged,
    MovedTo,
    RoomStateChanged,
)
from tests.unit.relay.conftest import House, Person, grant
from tests.unit.relay.fakes import settle

WAITS = Arrival(waits=True)


def commands(person: Person) -> Moderation:
    return person.seat.moderation()


async def test_whoever_is_ejected_is_told_and_their_token_is_refused(house: House) -> None:
    doctor = house.enters("a")
    patient = house.enters("b", Role.PATIENT, arrival=Arrival(age_s=5.0, token="one"))
    await patient.connect()
    leg = patient.leg
    commands(doctor).eject(patient.seat.participant)
    await settle()
    assert leg.removed
    assert patient.hears()[-1] == closing("ejected")
    assert ParticipantLeft(patient.seat.participant, "ejected") in doctor.hears()
    house.clock.move(60)
    for arrival in (
        Arrival(age_s=65.0, token="one"),
        Arrival(age_s=60.0, token="another that was issued before"),
        Arrival(age_s=0.0, token="one"),
    ):
        with pytest.raises(Ejected):
            house.enters("b", Role.PATIENT, arrival=arrival)
    assert house.counted("visavis_joins")[("ejected",)] == 3
    issued_anew = house.enters("b", Role.PATIENT, arrival=Arrival(age_s=1.0, token="two"))
    assert issued_anew.seat.standing is Standing.ADMITTED


async def test_a_room_that_was_closed_is_not_opened_by_the_tokens_of_before(house: House) -> None:
    doctor = house.enters("a", arrival=Arrival(age_s=5.0))
    patient = house.enters("b", Role.PATIENT, arrival=WAITS)
    commands(doctor).close()
    assert doctor.hears()[-1] == patient.hears()[-1] == closing("room_closed")
    assert not any(isinstance(event, ParticipantLeft) for event in doctor.told + patient.told)
    assert house.seating.rooms == {}
    house.clock.move(10)
    with pytest.raises(UnknownRoom):
        house.enters("a", arrival=Arrival(age_s=15.0))
    assert house.enters("a", arrival=Arrival(age_s=1.0)).seat.standing is Standing.ADMITTED


async def test_a_locked_room_takes_nobody_else_but_those_who_may_unlock_it(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    commands(doctor).lock()
    assert any(isinstance(e, RoomStateChanged) and e.state.locked for e in patient.hears())
    for arrival in (WAITS, Arrival()):
        with pytest.raises(RoomLocked):
            house.enters("c", Role.CARER, arrival=arrival)
    patient.seat.detach()
    house.enters("b", Role.PATIENT)
    house.enters("d", Role.ASSISTANT)


async def test_a_mute_is_enforced_told_and_outlives_a_new_join(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    doctor.hears()
    patient.hears()
    voice = patient.track(Source.MICROPHONE)
    commands(doctor).mute(patient.seat.participant)
    assert patient.place.leg is not None
    track = patient.place.leg.track_of(voice)
    assert patient.leg.held_back == {track}
    assert patient.hears() == [HeldBackChanged((Source.MICROPHONE,))]
    assert doctor.hears() == [TrackMuted(patient.seat.participant, voice, muted=True)]
    patient.seat.mute(voice, True)
    patient.seat.mute(voice, False)
    assert patient.leg.held_back == {track}
    await patient.seat.leave("left")
    again = house.enters("b", Role.PATIENT)
    assert again.hears() == [HeldBackChanged((Source.MICROPHONE,))]
    await again.connect()
    assert again.place.leg is not None
    assert again.leg.held_back == {again.place.leg.track_of(again.track(Source.MICROPHONE))}
    commands(doctor).unmute(again.seat.participant)
    assert again.leg.held_back == set()


async def test_somebody_moved_goes_on_in_the_other_room_with_their_seat(house: House) -> None:
    doctor, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await doctor.connect()
    await patient.connect()
    house.seating.open(RoomId("next door"), RoomSettings())
    other = house.holds(house.seating.join(grant("c", room="next door"), takeover=False))
    await other.connect()
    before, seat = patient.seat.participant, patient.seat.id
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
    await patient.connect()
    assert set(other.leg.carried_by_mid().values()) > {TrackId(0)}
    assert any(isinstance(event, SlotsChanged) for event in other.hears())


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


async def test_a_token_from_before_an_ejection_does_not_take_over_the_seat_of_a_newer_one(
    house: House,
) -> None:
    doctor = house.enters("a")
    patient = house.enters("b", Role.PATIENT, arrival=Arrival(age_s=5.0, token="one"))
    commands(doctor).eject(patient.seat.participant)
    house.clock.move(60)
    again = house.enters("b", Role.PATIENT, arrival=Arrival(age_s=1.0, token="two"))
    with pytest.raises(Ejected):
        house.enters("b", Role.PATIENT, takeover=True, arrival=Arrival(age_s=65.0, token="one"))
    assert again.seat.standing is Standing.ADMITTED


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


async def test_who_waits_and_may_not_let_themselves_in_commands_nobody(house: House) -> None:
    doctor = house.enters("a")
    narrowed = grant("b", rights=frozenset({Right.MODERATE}), arrival=WAITS)
    aside = house.holds(house.seating.join(narrowed, takeover=False))
    with pytest.raises(NotAdmitted):
        commands(aside).eject(doctor.seat.participant)
