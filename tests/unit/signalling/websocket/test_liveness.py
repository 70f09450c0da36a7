from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer

from relay.metrics.table import WEBSOCKET_CLOSES
from relay.rooms.events import MessageRefused
from relay.rooms.standing import Standing
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from signalling.websocket.ending import Ending, goodbye
from signalling.websocket.endpoint import Endpoint
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception
from signalling.websocket.sending import Sending
from signalling.websocket.states import Input
from tests.unit.signalling.fake_relay import FakeRelay

Client = TestClient[Any, Any]
MakeToken = Callable[..., str]

TEXT, PING = WSMsgType.TEXT, WSMsgType.PING

QUICK = Policy(
    join_timeout_s=5.0,
    max_message_bytes=65_536,
    keep_s=120.0,
    ping_s=0.05,
    silence_s=0.25,
    flush_s=0.2,
    unread_s=0.1,
)


@pytest.fixture
async def client(relay: FakeRelay, keys: KeyRing) -> AsyncIterator[Client]:
    async with serving(relay, keys, QUICK) as running:
        yield running


@asynccontextmanager
async def serving(relay: FakeRelay, keys: KeyRing, policy: Policy) -> AsyncIterator[Client]:
    endpoint = Endpoint(Reception(relay.as_relay(), keys), policy, ())
    app = web.Application()
    app.router.add_get("/v1/ws", endpoint.serve)
    async with TestClient(TestServer(app)) as running:
        yield running


def websocket_tasks() -> list[str]:
    return [
        task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("websocket ")
    ]


async def test_a_client_that_answers_no_ping_is_lost_and_its_seat_kept(
    client: Client, relay: FakeRelay, make_token: MakeToken
) -> None:
    socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,), autoping=False)
    await socket.send_json({"type": "join", "id": 1, "token": make_token()})
    async with asyncio.timeout(5):
        while relay.seats == {} or relay.only_seat.attached:
            await asyncio.to_thread(int)
        while websocket_tasks():
            await asyncio.to_thread(int)
    assert relay.only_seat.left is None
    await socket.close()


async def test_a_client_that_answers_pings_lives_without_saying_anything(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    # A busy machine, which holds client and relay up together, is neither silent nor slow.
    patient = replace(QUICK, silence_s=1.0, unread_s=5.0)
    async with serving(relay, keys, patient) as client:
        socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        await socket.send_json({"type": "join", "id": 1, "token": make_token()})
        assert (await socket.receive_json(timeout=5))["type"] == "joined"
        with pytest.raises(TimeoutError):
            # Not `receive(timeout=…)`: that begins anew with each ping.
            async with asyncio.timeout(1.5 * patient.silence_s):
                await socket.receive()
        assert relay.only_seat.attached
        await socket.close()


async def test_a_client_that_is_made_to_wait_is_not_blamed_for_pongs_the_relay_has_not_read(
    client: Client, make_token: MakeToken
) -> None:
    socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
    await socket.send_json({"type": "join", "id": 1, "token": make_token()})
    assert (await socket.receive_json(timeout=5))["type"] == "joined"
    offer = {"type": "offer", "sdp": "v=0", "fresh": False, "tracks": {}}
    for number in range(QUICK.offer_burst + 2):
        await socket.send_json({"id": number, **offer})
    for number in range(QUICK.offer_burst + 2):
        assert (await socket.receive_json(timeout=5))["id"] == number
    await socket.close()


async def test_a_client_that_sends_pongs_and_never_reads_is_told_that_it_is_slow(
    client: Client, relay: FakeRelay, make_token: MakeToken
) -> None:
    """Nothing is paused here: the kernel takes all that is sent, as it would for minutes."""
    received, sending = await asyncio.open_connection(client.host, client.port)
    sending.write(
        b"GET /v1/ws HTTP/1.1\r\nHost: relay.example\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        b"Sec-WebSocket-Protocol: " + SUBPROTOCOL.encode() + b"\r\n\r\n"
    )
    join = json.dumps({"type": "join", "id": 1, "token": make_token()}).encode()
    sending.write(b"\x81\xfe" + len(join).to_bytes(2, "big") + bytes(4) + join)
    async with asyncio.timeout(5):
        while relay.seats == {} or relay.only_seat.attached:
            sending.write(b"\x8a\x84" + bytes(4) + b"pong")  # answers no ping
            await asyncio.sleep(QUICK.ping_s)
        everything = await received.read()
    assert b'"code":"slow_consumer"' in everything
    assert everything.endswith(b"\x88\x02" + (1013).to_bytes(2, "big"))
    assert relay.tally.counters[WEBSOCKET_CLOSES] == {("slow_consumer",): 1}
    assert relay.only_seat.left is None
    sending.close()
    await sending.wait_closed()


async def test_a_client_that_stops_reading_is_dropped_without_waiting_for_its_goodbye(
    client: Client, relay: FakeRelay, make_token: MakeToken
) -> None:
    socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
    await socket.send_json({"type": "join", "id": 1, "token": make_token()})
    await socket.receive_json(timeout=5)
    connection = socket._response.connection
    assert connection is not None
    transport = connection.transport
    assert transport is not None
    transport.pause_reading()
    async with asyncio.timeout(10):
        while relay.only_seat.attached:
            relay.only_seat.mailbox.put(MessageRefused("overloaded", "w" * 60_000, "a"))
            await asyncio.to_thread(int)
        while websocket_tasks():
            await asyncio.to_thread(int)
    transport.abort()


class Stuck:
    """A socket that takes nothing."""

    def __init__(self) -> None:
        self.pinged = asyncio.Event()

    async def ping(self, _: bytes) -> None:
        self.pinged.set()
        await asyncio.Event().wait()


async def test_a_ping_that_is_not_taken_holds_no_ending_up() -> None:
    socket: Any = Stuck()
    sending = Sending(socket, replace(QUICK, unread_s=600.0))
    ending = goodbye(Input.DRAINING, "draining")
    async with asyncio.timeout(5):
        pinging = asyncio.create_task(sending.ping())
        await socket.pinged.wait()
        sending.end(ending)
        with pytest.raises(Ending) as ended:
            await pinging
    assert ended.value is ending


async def test_who_waits_is_pinged_seldom_and_at_once_when_that_changes(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    seldom = replace(QUICK, ping_s=20.0, silence_s=60.0, unread_s=30.0)
    relay.standing = Standing.WAITING
    async with serving(relay, keys, seldom) as client:
        socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,), autoping=False)
        await socket.send_json({"type": "join", "id": 1, "token": make_token()})
        frames = [await socket.receive(timeout=5) for _ in range(2)]
        assert {frame.type for frame in frames} == {TEXT, PING}
        (asked,) = (frame.data for frame in frames if frame.type is PING)
        await socket.pong(asked)
        relay.only_seat.standing = Standing.ADMITTED
        relay.only_seat.mailbox.put(MessageRefused("overloaded", "w", "a"))
        assert {(await socket.receive(timeout=5)).type for _ in range(2)} == {TEXT, PING}
        await socket.close()


async def test_who_waits_may_be_silent_for_longer(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    relay.standing = Standing.WAITING
    patient = replace(QUICK, waiting_ping_s=30.0, waiting_silence_s=60.0)
    async with serving(relay, keys, patient) as client:
        socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,), autoping=False)
        await socket.send_json({"type": "join", "id": 1, "token": make_token()})
        assert {(await socket.receive(timeout=5)).type for _ in range(2)} == {TEXT, PING}
        with pytest.raises(TimeoutError):
            # In the room, a client that answers no ping would be lost twice by then.
            async with asyncio.timeout(2 * QUICK.silence_s):
                await socket.receive()
        assert relay.only_seat.attached
        await socket.close()
