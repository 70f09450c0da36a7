"""Whoever conferred comes back private: after an absence, elsewhere, at a relay that forgot."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.ids import RoomId
from relay.moderation.moderating import leaks, moderation
from relay.rooms.events import ParticipantChanged, ParticipantJoined
from relay.rooms.permissions import Arrival, Role
from relay.rooms.settings import RoomSettings
from relay.rooms.standing_events import MovedTo
from tests.unit.relay.conftest import House, Person, grant
from tests.unit.relay.routing.test_private_conversation import (
    ROOMY,
    carried,
    tele_expertise,
    tracks_of,
)

KEY = "the key of before"
CONFERRED = Arrival(group=KEY)


def confers(doctor: Person, *others: Person) -> str:
    """Have some confer, and give the key that they were told."""
    members = [each.seat.participant for each in (doctor, *others)]
    doctor.seat.moderation().open_private(members)
    (key,) = {each.seat.group for each in (doctor, *others)}
    for each in (doctor, *others):
        own = [e for e in each.hears() if isinstance(e, ParticipantChanged) and e.group is not None]
        assert [(e.participant, e.private, e.group) for e in own] == [
            (each.seat.participant, True, key)
        ]
    return key


async def test_the_key_is_told_to_members_alone_and_drawn_anew_each_time(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    first = confers(doctor, expert)
    second = confers(doctor)
    assert first != second
    assert [e.group for e in expert.hears() if isinstance(e, ParticipantChanged)][-1:] == [""]
    told = [e for e in patient.hears() if isinstance(e, ParticipantChanged)]
    assert told
    assert {each.group for each in told} == {None}


async def test_an_expert_whose_seat_expired_is_still_not_heard_by_the_patient(
    house: House,
) -> None:
    doctor, expert, patient = await tele_expertise(house)
    confers(doctor, expert)
    expert.seat.detach()
    house.clock.move(121)
    house.seating.expire(doctor.place.room)
    assert len(doctor.place.room.places) == 2
    patient.hears()
    again = house.enters("b", Role.EXPERT)
    await again.connect()
    assert again.seat.confers
    assert carried(patient) == set()
    assert carried(again) == tracks_of(doctor) | tracks_of(patient)
    (joined,) = [e for e in patient.hears() if isinstance(e, ParticipantJoined)]
    assert (joined.participant.private, joined.participant.tracks) == (True, ())


async def test_at_a_relay_that_forgot_those_who_conferred_find_each_other_alone(
    house: House,
) -> None:
    patient = house.enters("c", Role.PATIENT)
    doctor = house.enters("a", arrival=CONFERRED)
    expert = house.enters("b", Role.EXPERT, arrival=CONFERRED)
    for person in (patient, doctor, expert):
        await person.connect()
    assert carried(patient) == set()
    assert carried(doctor) == tracks_of(expert) | tracks_of(patient)
    assert carried(expert) == tracks_of(doctor) | tracks_of(patient)
    doctor.seat.moderation().close_private()
    assert carried(patient) == tracks_of(doctor) | tracks_of(expert)


async def test_who_says_that_they_conferred_hears_nothing_by_it(house: House) -> None:
    house.seating.settings = ROOMY
    doctor, expert, patient = await tele_expertise(house)
    confers(doctor, expert)
    liar = house.enters("d", Role.EXPERT, arrival=CONFERRED)
    await liar.connect()
    assert carried(liar) == tracks_of(patient)
    assert not tracks_of(liar) & carried(patient)


async def test_a_patient_who_says_that_they_conferred_is_not_believed(house: House) -> None:
    doctor = house.enters("a", arrival=CONFERRED)
    patient = house.enters("c", Role.PATIENT, arrival=CONFERRED)
    for person in (doctor, patient):
        await person.connect()
    assert not patient.seat.confers
    assert carried(patient) == set()


async def test_who_comes_back_after_the_end_is_public_and_is_told_so(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    key = confers(doctor, expert)
    expert.seat.detach()
    house.clock.move(121)
    house.seating.expire(doctor.place.room)
    doctor.seat.moderation().close_private()
    again = house.enters("b", Role.EXPERT, arrival=Arrival(group=key))
    await again.connect()
    assert (again.seat.confers, again.seat.group) == (False, "")
    assert carried(patient) == tracks_of(doctor) | tracks_of(again)


async def test_one_who_is_away_while_others_open_another_comes_back_alone(house: House) -> None:
    house.seating.settings = ROOMY
    doctor, expert, patient = await tele_expertise(house)
    confers(doctor, expert)
    expert.seat.detach()
    house.clock.move(121)
    house.seating.expire(doctor.place.room)
    nurse = house.enters("d", Role.ASSISTANT)
    await nurse.connect()
    confers(doctor, nurse)
    again = house.enters("b", Role.EXPERT)
    await again.connect()
    assert carried(patient) == set()
    assert carried(again) == tracks_of(patient)
    assert carried(doctor) == tracks_of(nurse) | tracks_of(patient)


async def test_who_confers_and_is_moved_is_not_heard_there(house: House) -> None:
    doctor, expert, _ = await tele_expertise(house)
    confers(doctor, expert)
    house.seating.open(RoomId("next door"), RoomSettings())
    other = house.holds(
        house.seating.join(grant("d", Role.PATIENT, room="next door"), takeover=False)
    )
    await other.connect()
    other.hears()
    desk = moderation(house.seating, doctor.place.room, None)
    desk.move(expert.seat.participant, RoomId("next door"))
    assert carried(other) == set()
    (joined,) = [e for e in other.hears() if isinstance(e, ParticipantJoined)]
    assert (joined.participant.private, joined.participant.tracks) == (True, ())
    told = [e for e in expert.hears() if isinstance(e, MovedTo | ParticipantChanged)]
    assert [type(each) for each in told] == [MovedTo, ParticipantChanged]
    assert told[-1] == ParticipantChanged(
        expert.seat.participant, connected=True, private=True, group=expert.seat.group
    )
    moderation(house.seating, other.place.room, None).close_private()
    assert carried(other) == tracks_of(expert)


@pytest.mark.parametrize("ends", [False, True])
async def test_who_waits_meanwhile_is_private_once_admitted_unless_it_is_over(
    house: House, *, ends: bool
) -> None:
    doctor, patient = house.enters("a"), house.enters("c", Role.PATIENT)
    for person in (doctor, patient):
        await person.connect()
    expert = house.enters("b", Role.EXPERT, arrival=Arrival(waits=True, group=KEY))
    commands = doctor.seat.moderation()
    if ends:
        commands.close_private()
    commands.admit(expert.seat.participant)
    await expert.connect()
    assert carried(patient) == tracks_of(doctor) | (tracks_of(expert) if ends else set())


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["", "x", "y"])), max_size=8))
async def test_whatever_is_said_only_those_with_one_key_hear_it(
    house: House, comings: list[tuple[int, str]]
) -> None:
    house.seating.rooms.clear()
    house.seating.places.clear()
    house.seating.settings = ROOMY
    roles = (Role.PRACTITIONER, Role.EXPERT, Role.INTERPRETER, Role.ASSISTANT)
    patient = house.enters("patient", Role.PATIENT)
    await patient.connect()
    people = [patient]
    for number, (role, key) in enumerate(comings[:6]):
        person = house.enters(f"p{number}", roles[role], arrival=Arrival(group=key))
        await person.connect()
        people.append(person)
    for receiver in people:
        for publisher in people:
            if publisher.seat.group and publisher.seat.group != receiver.seat.group:
                assert not carried(receiver) & tracks_of(publisher)
    assert not leaks(patient.place.room)
