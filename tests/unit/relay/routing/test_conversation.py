"""Data messages between participants."""

from __future__ import annotations

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.rooms.events import MessageRefused
from relay.rooms.permissions import Role
from relay.routing.conversation import converse_untrusted
from relay.seats.witness import RoomWitness
from tests.unit.relay.conftest import House, Person
from tests.unit.relay.fakes import FakeChannels, settle


async def talks(house: House, identity: str, role: Role) -> tuple[Person, FakeChannels]:
    person = house.enters(identity, role)
    await person.connect(tracks={})
    return person, person.transport.channels


async def say(channels: FakeChannels, message: object) -> None:
    await channels.incoming.put(("visavis", json.dumps(message)))
    await settle()


def refusals(person: Person) -> list[str]:
    return [event.code for event in person.hears() if isinstance(event, MessageRefused)]


async def test_a_message_carries_the_senders_name_as_the_relay_knows_it(house: House) -> None:
    practitioner, says = await talks(house, "a", Role.PRACTITIONER)
    _, hears = await talks(house, "b", Role.PATIENT)
    await say(says, {"to": "patients", "type": "note", "body": {"text": "hello"}})
    assert json.loads(hears.sent[0]) == {
        "from": practitioner.seat.participant,
        "role": "practitioner",
        "type": "note",
        "body": {"text": "hello"},
    }
    assert says.sent == []


async def test_messages_go_to_all_to_a_role_or_to_one(house: House) -> None:
    _, says = await talks(house, "a", Role.PRACTITIONER)
    patient, hears = await talks(house, "b", Role.PATIENT)
    _, carer = await talks(house, "c", Role.CARER)
    await say(says, {"to": "all", "type": "one"})
    await say(says, {"to": "carers", "type": "two"})
    await say(says, {"to": patient.seat.participant, "type": "three"})
    assert [json.loads(text)["type"] for text in hears.sent] == ["one", "three"]
    assert [json.loads(text)["type"] for text in carer.sent] == ["one", "two"]


async def test_a_forged_sender_or_a_reserved_type_is_refused(house: House) -> None:
    person, says = await talks(house, "a", Role.PRACTITIONER)
    _, hears = await talks(house, "b", Role.PATIENT)
    await say(says, {"to": "all", "type": "x", "from": "p-somebody"})
    await say(says, {"to": "all", "type": "relay.closing"})
    assert refusals(person) == ["invalid_message", "not_allowed"]
    assert hears.sent == []
    counted = house.counted("visavis_bad_input")
    assert counted == {("message", "invalid_message"): 1, ("message", "not_allowed"): 1}


async def test_an_observer_neither_sends_nor_receives(house: House) -> None:
    observer, observes = await talks(house, "a", Role.OBSERVER)
    practitioner, says = await talks(house, "b", Role.PRACTITIONER)
    await say(observes, {"to": "all", "type": "x"})
    assert refusals(observer) == ["not_allowed"]
    await say(says, {"to": "all", "type": "x"})
    assert observes.sent == []
    assert refusals(practitioner) == ["not_found"]


async def test_a_message_nobody_can_take_is_refused_to_its_sender(house: House) -> None:
    person, says = await talks(house, "a", Role.PRACTITIONER)
    _, hears = await talks(house, "b", Role.PATIENT)
    hears.is_full = True
    await say(says, {"to": "patients", "type": "x"})
    await say(says, {"to": "carers", "type": "x"})
    assert refusals(person) == ["overloaded", "not_found"]
    assert house.counted("visavis_messages_undelivered") == {("overloaded",): 1}


async def test_another_channel_has_no_meaning(house: House) -> None:
    person, says = await talks(house, "a", Role.PRACTITIONER)
    _, hears = await talks(house, "b", Role.PATIENT)
    await says.incoming.put(("chat", '{"to": "all", "type": "x"}'))
    await settle()
    assert hears.sent == []
    assert refusals(person) == []


async def test_who_sends_too_fast_is_told_now_and_then_and_reaches_nobody(house: House) -> None:
    person, _ = await talks(house, "a", Role.PRACTITIONER)
    _, hears = await talks(house, "b", Role.PATIENT)
    text = json.dumps({"to": "all", "type": "x"})
    for _ in range(150):
        converse_untrusted(person.place, text)
    assert len(hears.sent) == 100
    assert refusals(person) == ["limit_reached"]
    assert house.counted("visavis_bad_input") == {("message", "limit_reached"): 50}
    house.clock.move(1.0)
    for _ in range(21):
        converse_untrusted(person.place, text)
    assert len(hears.sent) == 120
    assert refusals(person) == ["limit_reached"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text() | st.binary())
async def test_whatever_is_said_is_delivered_or_refused(house: House, said: str | bytes) -> None:
    """`converse_untrusted` by way of `handle_message_untrusted`: it never raises."""
    person = next(map(house.holds, house.seating.places.values()), None) or house.enters("a")
    if person.place.leg is None:
        await person.connect(tracks={})
    assert person.place.leg is not None
    person.hears()
    house.clock.move(1.0)  # the pace is another test's
    converse_untrusted(person.place, said)
    RoomWitness(person.place).handle_message_untrusted(person.place.leg, said)
    assert len(refusals(person)) == 2
