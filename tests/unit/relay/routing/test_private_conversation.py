"""A private conversation, looked at where it counts: the engine's routes and the data channels."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.errors import ServerError
from relay.ids import ParticipantId, TrackId
from relay.legs.leg import NO_TRACK
from relay.moderation.moderating import leaks
from relay.rooms.events import (
    MessageRefused,
    ParticipantChanged,
    SpeakingChanged,
    TrackMuted,
    TrackPublished,
    TrackUnpublished,
)
from relay.rooms.permissions import Role, Source
from relay.rooms.settings import RoomSettings
from relay.routing.bindings import rebind
from relay.routing.picture_routes import routes_of
from relay.seats.witness import RoomWitness
from tests.unit.relay.conftest import House, Person
from tests.unit.relay.fakes import KEYS, settle

ROOMY = RoomSettings(max_participants=9)


async def tele_expertise(house: House) -> tuple[Person, Person, Person]:
    """A practitioner, an expert and a patient, who all see and hear one another."""
    people = (
        house.enters("a"),
        house.enters("b", Role.EXPERT),
        house.enters("c", Role.PATIENT),
    )
    for person in people:
        await person.connect()
    for person in people:
        person.hears()
    return people


def carried(person: Person) -> set[TrackId]:
    """Give the tracks that the engine was told to carry to somebody, on any of their legs."""
    return {
        track
        for leg in person.place.legs()
        for track in leg.engine.bound.values()  # type: ignore[attr-defined]
        if track != NO_TRACK
    }


def tracks_of(person: Person) -> set[TrackId]:
    """Give the engine's tracks of somebody, on any of their legs."""
    return {sending.track for leg in person.place.legs() for sending in leg.sending.values()}


async def test_nothing_of_those_who_confer_has_a_route_to_the_patient(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    assert carried(patient) == tracks_of(doctor) | tracks_of(expert)
    commands = doctor.seat.moderation()
    commands.open_private([doctor.seat.participant, expert.seat.participant])
    assert carried(patient) == set()
    assert carried(doctor) == tracks_of(expert) | tracks_of(patient)
    assert carried(expert) == tracks_of(doctor) | tracks_of(patient)
    pictures = routes_of(doctor.place.room)
    hidden = tracks_of(doctor) | tracks_of(expert)
    for line, track in pictures.carried.items():
        if pictures.lines[line].place is patient.place:
            assert track not in hidden
    commands.close_private()
    assert carried(patient) == tracks_of(doctor) | tracks_of(expert)


async def test_the_patient_is_told_that_others_confer_and_not_what(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    members = [doctor.seat.participant, expert.seat.participant]
    doctor.seat.moderation().open_private(members)
    told = patient.hears()
    assert {e.track for e in told if isinstance(e, TrackUnpublished)} == {
        person.track(source)
        for person in (doctor, expert)
        for source in (Source.MICROPHONE, Source.CAMERA)
    }
    changes = [event for event in told if isinstance(event, ParticipantChanged)]
    assert {each.participant for each in changes if each.private} == set(members)
    doctor.seat.mute(doctor.track(Source.CAMERA), True)
    RoomWitness(doctor.place)._speaks(speaking=True)
    doctor.seat.unpublish(doctor.track(Source.CAMERA))
    private = (TrackMuted, TrackPublished, TrackUnpublished, SpeakingChanged)
    assert not any(isinstance(event, private) for event in patient.hears())
    assert any(isinstance(event, SpeakingChanged) for event in expert.hears())
    doctor.seat.moderation().close_private()
    published = [event for event in patient.hears() if isinstance(event, TrackPublished)]
    assert {each.track.source for each in published if each.participant == members[0]} == {
        Source.MICROPHONE
    }


async def test_messages_stay_among_those_who_confer(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    channels = {each: each.place.leg.channels for each in (doctor, expert, patient)}  # type: ignore[union-attr]
    doctor.seat.moderation().open_private([doctor.seat.participant, expert.seat.participant])
    says = channels[doctor]
    for to in ("all", "patients", patient.seat.participant, "experts"):
        await says.incoming.put(("visavis", json.dumps({"to": to, "type": to})))  # type: ignore[union-attr]
    await channels[patient].incoming.put(("visavis", json.dumps({"to": "all", "type": "cry"})))  # type: ignore[union-attr]
    await settle()
    assert channels[patient].sent == []  # type: ignore[union-attr]
    heard = [json.loads(text)["type"] for text in channels[expert].sent]  # type: ignore[union-attr]
    assert heard == ["all", "experts", "cry"]
    refused = [event.code for event in doctor.hears() if isinstance(event, MessageRefused)]
    assert refused == ["not_found", "not_found"]


async def test_a_reload_or_a_newcomer_opens_no_route(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    doctor.seat.moderation().open_private([doctor.seat.participant, expert.seat.participant])
    await patient.offer()  # the old leg still receives, until the new one has its keys
    assert carried(patient) == set()
    patient.transport.handshake.set_result(KEYS)
    await settle()
    await doctor.connect()
    assert carried(patient) == set()
    assert not leaks(doctor.place.room)


async def test_it_takes_hold_on_the_leg_of_before_a_reload_too(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    await patient.offer()
    assert carried(patient) == tracks_of(doctor) | tracks_of(expert)
    doctor.seat.moderation().open_private([doctor.seat.participant, expert.seat.participant])
    assert carried(patient) == set()


async def test_a_conversation_that_the_engine_cannot_keep_private_is_not_opened(
    house: House,
) -> None:
    doctor, expert, patient = await tele_expertise(house)
    patient.leg.full = True
    with pytest.raises(ServerError):
        doctor.seat.moderation().open_private([doctor.seat.participant, expert.seat.participant])
    assert doctor.place.room.model.private == frozenset()
    assert not any(isinstance(event, ParticipantChanged) for event in patient.hears())
    patient.leg.full = False
    rebind(doctor.place.room)
    assert carried(doctor) == tracks_of(expert) | tracks_of(patient)


async def test_it_is_not_ended_by_one_of_two_leaving(house: House) -> None:
    doctor, expert, patient = await tele_expertise(house)
    doctor.seat.moderation().open_private([doctor.seat.participant, expert.seat.participant])
    await expert.seat.leave("left")
    assert carried(patient) == set()
    again = house.enters("b", Role.EXPERT)
    await again.connect()
    assert carried(again) == tracks_of(patient)
    assert carried(patient) == tracks_of(again)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sets(st.integers(0, 3)), min_size=1, max_size=5))
async def test_routes_are_those_that_may_be(house: House, groups: list[set[int]]) -> None:
    house.seating.rooms.clear()
    house.seating.places.clear()
    house.seating.settings = ROOMY
    roles = (Role.PRACTITIONER, Role.EXPERT, Role.INTERPRETER, Role.ASSISTANT, Role.PATIENT)
    people = [house.enters(role.value, role) for role in roles]
    for person in people:
        await person.connect()
    commands = people[0].seat.moderation()
    for group in groups:
        members = {ParticipantId(people[index].seat.participant) for index in group}
        if members:
            commands.open_private(members)
        else:
            commands.close_private()
        for receiver in people:
            for publisher in people:
                who = publisher.seat.participant
                may = who not in members or receiver.seat.participant in members
                if not may:
                    assert not carried(receiver) & tracks_of(publisher)
        assert not leaks(people[0].place.room)
