"""Put out, locked out, muted, moved, closed: what people are told, and what media does."""

from __future__ import annotations

import pytest

from relay.errors import Ejected, NotAdmitted, RoomLocked, UnknownRoom
from relay.rooms.closings import closing
from relay.rooms.events import ParticipantLeft, TrackMuted
from relay.rooms.moderation import Moderation
from relay.rooms.permissions import Arrival, Right, Role, Source
from relay.rooms.standing import Standing
from relay.rooms.standing_events import (
    HeldBackChanged,
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


async def test_who_waits_and_may_not_let_themselves_in_commands_nobody(house: House) -> None:
    doctor = house.enters("a")
    narrowed = grant("b", rights=frozenset({Right.MODERATE}), arrival=WAITS)
    aside = house.holds(house.seating.join(narrowed, takeover=False))
    with pytest.raises(NotAdmitted):
        commands(aside).eject(doctor.seat.participant)
