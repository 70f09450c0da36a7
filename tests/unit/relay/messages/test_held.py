"""Messages to somebody who cannot be reached just now wait for them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config import RelayConfig
from relay.engine import Event
from relay.errors import HandshakeFailed, LimitReached, TooLarge
from relay.messages.held import MAX_BYTES, MAX_MESSAGES, HeldMessages
from relay.rooms.events import MessageRefused
from relay.rooms.permissions import Role
from relay.routing.conversation import deliver_all_held
from relay.service import Relay
from tests.unit.relay.conftest import CHROMIUM, House, Person, grant
from tests.unit.relay.fakes import KEYS, FakeChannels, FakeTransports, HandClock, settle
from tests.unit.relay.whole_engine import WholeEngine

UNDELIVERED, HELD = "visavis_messages_undelivered", "visavis_messages_held"


async def speaker(house: House) -> tuple[Person, FakeChannels]:
    person = house.enters("speaker")
    await person.connect(tracks={})
    return person, person.transport.channels


async def say(channels: FakeChannels, *numbers: int, body: object = None) -> None:
    for number in numbers:
        message = {"to": "all", "type": f"n{number}", "body": body}
        await channels.incoming.put(("visavis", json.dumps(message)))
    await settle()


def heard(channels: FakeChannels) -> list[int]:
    return [int(json.loads(text)["type"][1:]) for text in channels.sent]


def refusals(person: Person) -> list[str]:
    return [event.code for event in person.hears() if isinstance(event, MessageRefused)]


async def test_who_is_still_joining_gets_everything_in_order_when_the_channel_opens(
    house: House,
) -> None:
    person, says = await speaker(house)
    newcomer = house.enters("newcomer", Role.PATIENT)
    await say(says, 1)
    await newcomer.offer(tracks={})
    await say(says, 2)
    transport = newcomer.transport
    transport.channels.is_open = False
    transport.handshake.set_result(KEYS)
    await settle()
    await say(says, 3)
    assert heard(transport.channels) == []
    transport.channels.is_open = True
    await say(says, 4)  # the channel is open, and the relay has not looked yet
    deliver_all_held(newcomer.place.room)
    await say(says, 5)
    assert heard(transport.channels) == [1, 2, 3, 4, 5]
    assert refusals(person) == []
    assert house.counted(HELD) == {(): 4}
    assert house.counted(UNDELIVERED) == {}
    assert house.counted("visavis_messages")[("egress",)] == 5


async def test_the_session_looks_until_the_channel_is_open(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("relay.session.CHANNEL_LOOK_S", 0)
    _, says = await speaker(house)
    newcomer = house.enters("newcomer", Role.PATIENT)
    await newcomer.offer(tracks={})
    newcomer.transport.channels.is_open = False
    newcomer.transport.handshake.set_result(KEYS)
    await say(says, 1)
    assert heard(newcomer.transport.channels) == []
    newcomer.transport.channels.is_open = True
    await settle()
    assert heard(newcomer.transport.channels) == [1]


async def test_a_page_that_reloads_gets_on_its_new_channel_what_was_said_meanwhile(
    house: House,
) -> None:
    _, says = await speaker(house)
    patient = house.enters("patient", Role.PATIENT)
    await patient.connect(tracks={})
    before = patient.transport.channels
    await say(says, 1)
    await patient.offer(tracks={})
    assert patient.place.previous is not None
    await say(says, 2)
    patient.transport.handshake.set_exception(HandshakeFailed("timeout"))
    await say(says, 3)
    await patient.connect(tracks={})
    await say(says, 4)
    assert heard(before) == [1]
    assert heard(patient.transport.channels) == [2, 3, 4]


async def test_an_interrupted_participant_gets_it_when_the_path_is_back(house: House) -> None:
    person, says = await speaker(house)
    patient = house.enters("patient", Role.PATIENT)
    await patient.connect(tracks={})
    patient.leg.happens(Event.ConsentLost(leg=patient.leg.id))
    await say(says, 1, 2)
    assert heard(patient.transport.channels) == []
    patient.leg.happens(Event.Connected(leg=patient.leg.id))
    await settle()
    assert heard(patient.transport.channels) == [1, 2]
    assert refusals(person) == []


async def test_the_oldest_go_when_there_are_too_many_and_are_counted(house: House) -> None:
    person, says = await speaker(house)
    patient = house.enters("patient", Role.PATIENT)
    await say(says, *range(MAX_MESSAGES + 6))
    await patient.connect(tracks={})
    assert heard(patient.transport.channels) == list(range(6, MAX_MESSAGES + 6))
    assert house.counted(UNDELIVERED) == {("displaced",): 6}
    assert refusals(person) == []


async def test_what_cannot_be_kept_is_refused_to_its_sender(house: House) -> None:
    person, says = await speaker(house)
    house.enters("patient", Role.PATIENT)
    # 60 KB of numbers as they were sent are more as the relay writes them.
    numbers = "[" + ",".join(["1e9"] * 15_000) + "]"
    text = '{"to":"all","type":"n1","body":' + numbers + "}"
    await says.incoming.put(("visavis", text))
    await settle()
    (refused,) = [e for e in person.hears() if isinstance(e, MessageRefused)]
    assert refused.code == "limit_reached"
    assert refused.words
    assert refused.action
    assert house.counted(UNDELIVERED) == {("limit_reached",): 1}


async def test_a_connection_without_a_channel_is_not_waited_for(house: House) -> None:
    person, says = await speaker(house)
    device = house.enters("device", Role.PATIENT)
    await device.connect(tracks={})
    assert device.place.leg is not None
    device.transport.channels.is_open = False
    without = [media for media in device.place.leg.negotiated.media if media.kind != "application"]
    device.place.leg.negotiated = replace(device.place.leg.negotiated, media=tuple(without))
    await say(says, 1)
    assert refusals(person) == ["not_found"]
    assert house.counted(HELD) == {}


async def test_a_recipient_who_takes_slowly_gets_the_rest_later(house: House) -> None:
    person, says = await speaker(house)
    patient = house.enters("patient", Role.PATIENT)
    await say(says, 1, 2)
    await patient.offer(tracks={})
    patient.transport.channels.is_full = True
    patient.transport.handshake.set_result(KEYS)
    await say(says, 3)
    patient.transport.channels.is_full = False
    deliver_all_held(patient.place.room)
    assert heard(patient.transport.channels) == [1, 2, 3]
    assert refusals(person) == []


async def test_a_message_the_recipient_takes_no_more_of_does_not_hold_up_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, says = await speaker(house)
    patient = house.enters("patient", Role.PATIENT)
    await say(says, 1, body="x" * 1_000)
    await say(says, 2)
    send = FakeChannels.send

    def send_small(channels: FakeChannels, label: str, message: str | bytes) -> None:
        if len(message) > 1_000:
            raise TooLarge
        send(channels, label, message)

    monkeypatch.setattr(FakeChannels, "send", send_small)
    await patient.connect(tracks={})
    assert heard(patient.transport.channels) == [2]
    assert house.counted(UNDELIVERED) == {("too_large",): 1}


async def test_what_was_held_ends_with_the_seat_or_with_the_right_to_it(house: House) -> None:
    _, says = await speaker(house)
    patient = house.enters("patient", Role.PATIENT)
    await say(says, 1)
    await patient.seat.leave("left")
    assert house.counted(UNDELIVERED) == {("seat_ended",): 1}
    carer = house.enters("carer", Role.CARER)
    await say(says, 2)
    silent = replace(grant("carer", Role.CARER), data=False)
    again = house.holds(house.seating.join(silent, takeover=True))
    assert again.place is carer.place
    assert house.counted(UNDELIVERED) == {("seat_ended",): 2}
    await again.connect(tracks={})
    assert heard(again.transport.channels) == []


async def test_the_relay_tries_again_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    transports, clock = FakeTransports([]), HandClock()
    monkeypatch.setattr("relay.session.CHANNEL_LOOK_S", 3_600)
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    monkeypatch.setattr("relay.service.LegTransports", lambda: transports)
    async with Relay(RelayConfig(), clock=clock) as relay:
        for identity in ("speaker", "patient"):
            seat = await relay.join(grant(identity))
            await seat.negotiate(CHROMIUM, {}, fresh=True)
            await settle()
            transports.opened[-1].channels.is_open = identity == "speaker"
            transports.opened[-1].handshake.set_result(KEYS)
            await settle()
        says, hears = (transport.channels for transport in transports.opened)
        await say(says, 1)
        hears.is_open = True
        assert heard(hears) == []
        clock.move(1)
        await settle()
        assert heard(hears) == [1]


@given(st.lists(st.text(max_size=40).map(lambda text: text * 700), max_size=150))
def test_what_is_held_is_the_newest_in_order_and_within_its_bounds(texts: list[str]) -> None:
    held, kept, gone = HeldMessages(), [], 0
    for text in texts:
        try:
            gone += held.put(text)
        except LimitReached:
            assert len(text.encode()) > MAX_BYTES
        else:
            kept.append(text)
    left = [held.take() for _ in range(len(held))]
    assert left == kept[gone:]
    assert len(left) <= MAX_MESSAGES
    assert sum(len(text.encode()) for text in left) <= MAX_BYTES
    assert not held
