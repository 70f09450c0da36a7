from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiohttp import TCPConnector, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from relay.config import RelayConfig, SignallingConfig
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from signalling.websocket import door
from tests.unit.signalling.fake_relay import FakeRelay

Client = TestClient[Any, Any]

UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": SUBPROTOCOL,
}


async def status(client: Client, headers: Mapping[str, str]) -> int:
    async with client.get("/v1/ws", headers={**UPGRADE, **headers}) as response:
        return response.status


async def test_a_page_of_another_origin_is_refused_before_the_upgrade(client: Client) -> None:
    assert await status(client, {"Origin": "https://evil.example"}) == 403
    assert await status(client, {"Origin": "null"}) == 403


async def test_refusals_of_strangers_do_not_fill_the_log(client: Client) -> None:
    with capture_logs() as lines:
        for _ in range(5):
            await status(client, {"Origin": "https://evil.example"})
            socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
            await socket.send_json({"type": "join", "id": 1, "token": "nothing"})
            await socket.receive(timeout=5)
            await socket.close()
    said = [line["event"].partition(";")[0] for line in lines if line["log_level"] != "debug"]
    assert sorted(said) == ["a page of another origin was refused", "a token was refused"]


async def test_the_relay_s_own_page_and_programs_are_welcome(client: Client) -> None:
    own = f"http://{client.host}:{client.port}"
    for origin in (own, None):
        socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,), origin=origin)
        assert socket.protocol == SUBPROTOCOL
        await socket.close()


async def test_a_listed_origin_is_welcome(relay: FakeRelay, keys: KeyRing) -> None:
    listed = SignallingConfig(allowed_origins=("https://clinic.example",))
    app = create_app(RelayConfig(signalling=listed), relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        socket = await client.ws_connect(
            "/v1/ws", protocols=(SUBPROTOCOL,), origin="https://clinic.example"
        )
        await socket.close()
        assert await status(client, {"Origin": "https://other.example"}) == 403


@pytest.mark.parametrize("offered", ["", "visavis.v2", "chat, visavis.v11"])
async def test_a_client_of_another_protocol_is_refused(client: Client, offered: str) -> None:
    assert await status(client, {"Sec-WebSocket-Protocol": offered}) == 400


async def test_a_plain_request_is_no_websocket(client: Client) -> None:
    async with client.get("/v1/ws") as response:
        assert response.status == 400


async def test_the_two_hundred_and_first_socket_of_one_address_is_refused(
    relay: FakeRelay, keys: KeyRing
) -> None:
    app = create_app(RelayConfig(), relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app), connector=TCPConnector(limit=0)) as client:
        sockets = [await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,)) for _ in range(200)]
        assert await status(client, {}) == 503
        await asyncio.gather(*(socket.close() for socket in sockets))
        late = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        await late.close()


async def test_a_full_doorstep_refuses_and_says_when_to_come_back(
    relay: FakeRelay, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door.Doorstep, "is_full", lambda step, _address: step.waiting >= 2)
    app = create_app(RelayConfig(), relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        sockets = [await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,)) for _ in range(2)]
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        assert refused.value.status == 503
        assert refused.value.headers is not None
        assert refused.value.headers["Retry-After"] == "10"
        await sockets[0].close()
        late = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        await late.close()
