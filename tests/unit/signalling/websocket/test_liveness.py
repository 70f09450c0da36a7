from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from relay.rooms.events import MessageRefused
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from signalling.websocket.endpoint import Endpoint
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception
from tests.unit.signalling.fake_relay import FakeRelay

Client = TestClient[Any, Any]
MakeToken = Callable[..., str]

QUICK = Policy(
    join_timeout_s=5.0,
    max_message_bytes=65_536,
    keep_s=120.0,
    ping_s=0.05,
    silence_s=0.25,
    flush_s=0.2,
)


@pytest.fixture
async def client(relay: FakeRelay, keys: KeyRing) -> AsyncIterator[Client]:
    endpoint = Endpoint(Reception(relay.as_relay(), keys), QUICK, ())
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
    client: Client, relay: FakeRelay, make_token: MakeToken
) -> None:
    socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
    await socket.send_json({"type": "join", "id": 1, "token": make_token()})
    assert (await socket.receive_json(timeout=5))["type"] == "joined"
    with pytest.raises(TimeoutError):
        # Not `receive(timeout=…)`: that begins anew with each ping.
        async with asyncio.timeout(2 * QUICK.silence_s):
            await socket.receive()
    assert relay.only_seat.attached
    await socket.close()


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
