"""At every door, what is refused is counted under that door: from the socket to the scrape."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer
from prometheus_client import CollectorRegistry, generate_latest

from relay import Relay
from relay.config import RelayConfig
from relay.metrics.table import BAD_INPUT
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from tests.unit.relay.conftest import CHROMIUM
from tests.unit.relay.fakes import KEYS, FakeTransports, settle
from tests.unit.relay.whole_engine import WholeEngine
from tests.unit.signalling.conversation import MakeToken, join

DOORS = {"upgrade", "token", "signalling", "offer", "message"}


@dataclass
class House:
    """A whole relay over a fake engine and fake transports, and how it is reached."""

    relay: Relay
    client: TestClient[Any, Any]
    transports: FakeTransports

    async def open(self) -> ClientWebSocketResponse:
        return await self.client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))

    def counted(self) -> dict[str, float]:
        """Scrape: how much was refused at each door."""
        registry = CollectorRegistry()
        for collector in self.relay.collectors():
            registry.register(collector)
        pattern = r'^visavis_bad_input_total\{door="(\w+)",.*\} (\S+)$'
        found: dict[str, float] = {}
        for door, value in re.findall(pattern, generate_latest(registry).decode(), re.MULTILINE):
            found[door] = found.get(door, 0) + float(value)
        return found


@pytest.fixture
async def house(keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    transports = FakeTransports([])
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    monkeypatch.setattr("relay.service.LegTransports", lambda: transports)
    async with Relay(RelayConfig()) as relay:
        app = create_app(RelayConfig(), relay, keys=keys)
        async with TestClient(TestServer(app)) as client:
            yield House(relay, client, transports)


async def reply(socket: ClientWebSocketResponse, request_id: int) -> Any:
    async with asyncio.timeout(5):
        while True:
            message = await socket.receive_json()
            if message.get("id") == request_id:
                return message


async def test_what_is_refused_at_a_door_is_counted_there(
    house: House, make_token: MakeToken
) -> None:
    assert house.counted() == {}

    async with house.client.get("/v1/ws") as response:
        assert response.status == 400
    assert house.counted() == {"upgrade": 1}

    refused = await house.open()
    assert (await join(refused, make_token()[:-4] + "AAAA"))["code"] == "token_invalid"
    assert house.counted() == {"upgrade": 1, "token": 1}

    socket = await house.open()
    await socket.send_str("{")
    assert (await socket.receive_json(timeout=5))["code"] == "invalid_message"
    assert house.counted() == {"upgrade": 1, "token": 1, "signalling": 1}

    assert (await join(socket, make_token()))["type"] == "joined"
    offer = {"type": "offer", "fresh": True, "tracks": {}}
    await socket.send_json({**offer, "id": 2, "sdp": "v=0"})
    assert (await reply(socket, 2))["code"] == "invalid_offer"
    assert house.counted() == {"upgrade": 1, "token": 1, "signalling": 1, "offer": 1}

    await socket.send_json({**offer, "id": 3, "sdp": CHROMIUM})
    assert (await reply(socket, 3))["type"] == "answer"
    transport = house.transports.opened[-1]
    transport.handshake.set_result(KEYS)
    await settle()
    await transport.channels.incoming.put(("visavis", "{"))
    while (await socket.receive_json(timeout=5))["type"] != "error":
        pass
    assert house.counted() == dict.fromkeys(DOORS, 1)


def test_the_documentation_names_every_door() -> None:
    assert all(re.search(rf"\b{door}\b", BAD_INPUT.meaning) for door in DOORS)
