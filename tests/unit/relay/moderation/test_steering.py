"""What a platform sees of media and says, and how rooms are opened for those who come."""

from __future__ import annotations

import json

import pytest

from relay.errors import NotFound, TooLarge, UnknownRoom
from relay.ids import ParticipantId, RoomId
from relay.messages.message import MAX_MESSAGE_BYTES, Message
from relay.moderation.steering import Steering
from relay.monitoring.silences import Silences
from relay.rooms.closings import Closing
from relay.rooms.events import ParticipantLeft
from relay.rooms.happenings import Happening
from relay.rooms.permissions import Right, Role
from relay.rooms.settings import RoomSettings
from relay.rooms.standing_events import RelocationAsked
from relay.workers.engine_leg import Reports
from tests.unit.relay.conftest import House

ROOM = RoomId("room")
NOWHERE = RoomId("nowhere")


def steering_of(house: House) -> Steering:
    return Steering(house.seating, Silences(Reports(), house.tally))


async def test_the_media_of_those_who_are_in_is_described(house: House) -> None:
    steering = steering_of(house)
    assert steering.media(ROOM) == {}
    person = house.enters("pseudonym-1", Role.PATIENT)
    await person.connect()
    seen = steering.media(ROOM)[person.seat.participant]
    assert seen.state is not None
    assert seen.state.value == "connected"
    assert not seen.speaking
    assert seen.paths["from"].verdict == "good"
    assert seen.paths["from"].loss_ratio is None, "nothing has been judged yet"


async def test_the_platform_writes_to_those_it_addresses(house: House) -> None:
    steering = steering_of(house)
    house.enters("a")
    patient = house.enters("b", Role.PATIENT)
    await patient.connect(tracks={})
    assert steering.send(ROOM, Message("patients", "notice", {"text": "soon"})) == 1
    assert json.loads(patient.transport.channels.sent[0]) == {
        "from": "platform",
        "role": "platform",
        "type": "notice",
        "body": {"text": "soon"},
    }
    assert steering.send(ROOM, Message("all", "notice", None)) == 2, "who connects gets it then"
    with pytest.raises(NotFound):
        steering.send(ROOM, Message("carers", "notice", None))
    with pytest.raises(NotFound):
        steering.send(NOWHERE, Message("all", "notice", None))
    with pytest.raises(TooLarge):
        steering.send(ROOM, Message("all", "notice", "x" * MAX_MESSAGE_BYTES))


async def test_a_room_is_opened_for_whoever_comes_and_closed_if_they_do_not(house: House) -> None:
    steering = steering_of(house)
    settings = RoomSettings(max_participants=1)
    steering.open_for_newcomer(ROOM, settings, "soon", 60)
    assert house.seating.rooms[ROOM].model.settings == settings
    assert house.seating.rooms[ROOM].model.notice == "soon"
    assert house.seating.rooms[ROOM].model.state(house.clock.now_ns()).ends_in_s == 60
    steering.open_for_newcomer(ROOM, RoomSettings(), "", None)
    assert house.seating.rooms[ROOM].model.settings == settings, "it was open"
    steering.settle(ROOM)
    steering.settle(ROOM)
    assert house.seating.rooms == {}
    house.enters("a")
    steering.settle(ROOM)
    assert ROOM in house.seating.rooms, "somebody is in"


async def test_commands_may_be_given_in_somebodys_name_with_their_rights(house: House) -> None:
    steering = steering_of(house)
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    commands = steering.moderation_as(ROOM, practitioner.seat.participant)
    assert commands.actor is practitioner.place.participant
    with pytest.raises(NotFound):
        steering.moderation_as(ROOM, ParticipantId("p-nobody"))
    with pytest.raises(UnknownRoom):
        steering.moderation_as(NOWHERE, patient.seat.participant)
    assert not patient.place.participant.may(Right.ADMIT)


async def test_at_the_end_everybody_is_told_that_the_relay_stops_and_nothing_else(
    house: House,
) -> None:
    told: list[tuple[str, str | None]] = []
    house.seating.happened = lambda happening: told.append((happening.kind, happening.reason))
    people = [house.enters("a"), house.enters("b", Role.PATIENT)]
    told.clear()
    steering_of(house).end_all()
    for person in people:
        heard = person.hears()
        assert isinstance(heard[-1], Closing)
        assert heard[-1].code == "draining"
        assert not any(isinstance(event, ParticipantLeft) for event in heard)
    assert told == [("left", "draining"), ("left", "draining"), ("room_closed", None)]


async def test_whoever_is_sent_back_is_not_sent_on_any_more(house: House) -> None:
    steering, doctor = steering_of(house), house.enters("a")
    patient = house.enters("b", Role.PATIENT)
    steering.send_on(ROOM, patient.seat.participant, "wss://other.example/v1/ws", "token")
    doctor.seat.moderation().send_back(patient.seat.participant)
    house.seating.resume(patient.seat.id, patient.seat.resume_secret)
    patient = house.holds(patient.place)
    assert not any(isinstance(event, RelocationAsked) for event in patient.hears())
    told: list[Happening] = []
    house.seating.happened = told.append
    await patient.seat.leave("left")
    assert [each.reason for each in told if each.kind == "left"] == ["left"]
