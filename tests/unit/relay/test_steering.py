"""What a platform sees of open rooms and does to them, without an engine."""

from __future__ import annotations

import json

import pytest

from relay.errors import NotFound, TooLarge
from relay.ids import RoomId
from relay.messages import MAX_MESSAGE_BYTES, Message
from relay.rooms.events import Closing
from relay.rooms.happenings import Happening, HappeningType
from relay.rooms.permissions import Role
from relay.rooms.seat_states import SeatInput
from relay.steering import Steering
from tests.unit.relay.conftest import House

ROOM = RoomId("room")
NOWHERE = RoomId("nowhere")


def observed(house: House) -> list[Happening]:
    """Write down what happens from now on."""
    told: list[Happening] = []
    house.seating.observe = told.append
    return told


async def test_a_room_and_its_people_are_described_to_whoever_sent_them(house: House) -> None:
    steering = Steering(house.seating)
    assert list(steering.rooms()) == []
    assert steering.room(ROOM) is None
    person = house.enters("pseudonym-1", Role.PATIENT)
    await person.connect()
    house.clock.move(5)
    (room,) = steering.rooms()
    assert (room.room, room.participants) == (ROOM, 1)
    assert steering.room(ROOM) == room
    (seen,) = steering.participants(ROOM)
    assert (seen.identity, seen.participant) == ("pseudonym-1", person.seat.participant)
    assert seen.media is not None
    assert seen.media.value == "connected"
    assert seen.present_s == 5
    assert {track.source.value for track in seen.tracks} == {"microphone", "camera"}
    assert seen.quality["from"].verdict == "good"
    assert seen.quality["from"].loss_ratio is None, "nothing has been judged yet"
    assert steering.holds(ROOM, "pseudonym-1")
    assert not steering.holds(ROOM, "pseudonym-2")
    assert steering.participants(NOWHERE) == ()


async def test_the_platform_writes_to_those_it_addresses(house: House) -> None:
    steering = Steering(house.seating)
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


async def test_closing_ends_every_seat_and_the_room(house: House) -> None:
    told = observed(house)
    steering = Steering(house.seating)
    one, other = house.enters("a"), house.enters("b", Role.PATIENT)
    steering.close(ROOM)
    assert steering.room(ROOM) is None
    for person in (one, other):
        last = person.hears()[-1]
        assert isinstance(last, Closing)
        assert last.code == "room_closed"
    steering.close(ROOM)
    closings = [h for h in told if h.type is HappeningType.ROOM_CLOSED]
    assert [h.reason for h in closings] == ["room_closed"]


async def test_what_happens_is_told_in_order_with_one_name_for_the_whole_consultation(
    house: House,
) -> None:
    told = observed(house)
    house.enters("a")
    patient = house.enters("b", Role.PATIENT)
    house.seating.end(patient.place, SeatInput.LEAVE, "left")
    Steering(house.seating).close(ROOM)
    house.enters("a")
    types = [(h.type.value, h.who.identity if h.who else None, h.reason) for h in told]
    assert types == [
        ("room.opened", None, None),
        ("participant.joined", "a", None),
        ("participant.joined", "b", None),
        ("participant.left", "b", "left"),
        ("participant.left", "a", "room_closed"),
        ("room.closed", None, "room_closed"),
        ("room.opened", None, None),
        ("participant.joined", "a", None),
    ]
    assert len({h.consultation for h in told[:6]}) == 1
    assert told[6].consultation != told[0].consultation
