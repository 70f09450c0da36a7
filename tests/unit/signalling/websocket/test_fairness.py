"""One socket never has the loop to itself: measured by somebody else's turns, not by time."""

from __future__ import annotations

import asyncio
import time

from aiohttp import ClientWebSocketResponse

from tests.unit.signalling.conversation import MakeToken, OpenSocket, ask, join
from tests.unit.signalling.fake_relay import FakeRelay


def send_at_once(socket: ClientWebSocketResponse, messages: list[str]) -> None:
    """Send messages in one write, so that they are there together."""
    frames = b"".join(masked(message.encode()) for message in messages)
    connection = socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.write(frames)


def masked(payload: bytes) -> bytes:
    """Frame a text as a client does (RFC 6455 §5.2), with a mask of zeros."""
    assert len(payload) < 126
    return bytes([0x81, 0x80 | len(payload)]) + bytes(4) + payload


async def test_between_two_messages_of_one_socket_everybody_else_has_a_turn(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    asked = relay.only_seat.asked
    mute = '{"type":"mute","id":1,"track":"t","muted":true}'
    send_at_once(socket, [mute] * 50)
    served_per_turn = []
    while len(asked) < 50:
        before = len(asked)
        await asyncio.sleep(0)
        served_per_turn.append(len(asked) - before)
    assert max(served_per_turn) == 1


async def test_offers_beyond_the_fifth_wait_and_are_answered(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    offer = {"type": "offer", "sdp": "v=0", "fresh": False, "tracks": {}}
    began_s = time.monotonic()
    for number in range(5):
        assert (await ask(socket, id=number, **offer))["type"] == "answer"
    assert time.monotonic() - began_s < 0.8
    assert (await ask(socket, id=5, **offer))["type"] == "answer"
    assert time.monotonic() - began_s > 0.9
    assert len(relay.only_seat.asked) == 6


async def test_words_on_a_clients_own_health_beyond_the_tenth_wait(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    health = {"type": "health", "sending": {}, "playing": {}}
    began_s = time.monotonic()
    for number in range(11):
        assert (await ask(socket, id=number, **health))["type"] == "ok"
    assert time.monotonic() - began_s > 0.4
    assert len(relay.only_seat.asked) == 11
