"""A client that does not read its socket, beside others who do: on real sockets and a whole relay.

The kernel's buffers are made small, so that what a client does not read soon waits in the relay.
"""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, web
from aiohttp.test_utils import TestClient, TestServer

from relay import Relay
from relay.config import RelayConfig
from relay.ids import RoomId
from relay.metrics.table import WEBSOCKET_CLOSES
from relay.rooms.permissions import Role
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from signalling.websocket.endpoint import Endpoint
from signalling.websocket.outbox import MAX_BYTES, MAX_MESSAGES, Outbox
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception
from tests.unit.relay.whole_engine import WholeEngine
from tests.unit.signalling.conversation import MakeToken, join

ROOM = RoomId("room-1")
KERNEL_BYTES = 4_096


@dataclass
class Held:
    """How much ever waited for one client."""

    messages: int = 0
    bytes: int = 0


@dataclass
class House:
    """A whole relay over a fake engine, and what its connections ever held."""

    relay: Relay
    client: TestClient[Any, Any]
    held: dict[Outbox, Held] = field(default_factory=dict)

    async def enters(self, token: str) -> ClientWebSocketResponse:
        socket = await self.client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        assert (await join(socket, token))["type"] == "joined"
        return socket

    async def enters_and_never_reads(self, token: str) -> sockets.socket:
        """Join over a bare socket, of which nothing is read from then on."""
        bare = sockets.socket()
        bare.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, KERNEL_BYTES)
        bare.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(bare, (self.client.host, self.client.port))
        message = json.dumps({"type": "join", "id": 1, "token": token}).encode()
        frame = b"\x81\xfe" + len(message).to_bytes(2, "big") + bytes(4) + message
        await loop.sock_sendall(bare, UPGRADE + frame)
        return bare

    def closes(self) -> dict[tuple[str, ...], float]:
        return self.relay.tally.counters.get(WEBSOCKET_CLOSES, {})

    def people(self) -> int:
        return int(self.relay.status()["participants"])


UPGRADE = (
    b"GET /v1/ws HTTP/1.1\r\nHost: relay.example\r\nConnection: Upgrade\r\n"
    b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: " + SUBPROTOCOL.encode() + b"\r\n\r\n"
)


def narrow_socket(*_: object) -> sockets.socket:
    """Give the socket to listen on; those that it accepts inherit its buffers."""
    listening = sockets.socket()
    listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_REUSEADDR, 1)
    listening.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDBUF, KERNEL_BYTES)
    listening.bind(("127.0.0.1", 0))
    return listening


@pytest.fixture
async def house(keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    policy = Policy(join_timeout_s=5.0, max_message_bytes=65_536, keep_s=120.0, flush_s=5.0)
    async with Relay(RelayConfig()) as relay:
        app = web.Application()
        endpoint = Endpoint(Reception(relay, keys), policy, ())
        app.router.add_get("/v1/ws", endpoint.serve)
        server = TestServer(app, socket_factory=narrow_socket)
        async with TestClient(server) as client:
            house = House(relay, client)
            put = Outbox.put

            def counted(outbox: Outbox, message: Any) -> None:
                put(outbox, message)
                held = house.held.setdefault(outbox, Held())
                held.messages = max(held.messages, len(outbox))
                held.bytes = max(held.bytes, outbox._held_bytes)

            monkeypatch.setattr(Outbox, "put", counted)
            yield house


async def until(is_so: Any) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0)


async def test_who_does_not_read_is_told_and_closed_and_the_others_miss_nothing(
    house: House, make_token: MakeToken
) -> None:
    doctor = await house.enters(make_token(Role.PRACTITIONER, identity="doctor"))
    patient = await house.enters(make_token(Role.PATIENT, identity="patient"))
    slow = await house.enters_and_never_reads(make_token(Role.CARER, identity="slow"))
    await until(lambda: house.people() == 3)
    heard: dict[ClientWebSocketResponse, list[bool]] = {doctor: [], patient: []}

    async def listen(socket: ClientWebSocketResponse) -> None:
        async for frame in socket:
            message = json.loads(frame.data)
            if message["type"] == "room_changed":
                heard[socket].append(message.get("locked", False))

    told: list[bool] = []
    async with asyncio.TaskGroup() as tasks:
        for socket in heard:
            tasks.create_task(listen(socket))
        commands = house.relay.desk().moderation(ROOM)
        while ("slow_consumer",) not in house.closes() and len(told) < 50_000:
            told.append(not told or not told[-1])
            commands.lock() if told[-1] else commands.unlock()
            await until(lambda: all(len(each) == len(told) for each in heard.values()))
            if house.relay.status()["seats_kept"]:
                break  # the relay has given the slow one up, and says goodbye
        everything = await read_to_the_end(slow)
        await until(house.closes)
        assert house.closes() == {("slow_consumer",): 1}
        for socket in heard:
            await socket.close()
    assert heard == {doctor: told, patient: told}
    assert b'"code":"slow_consumer"' in everything
    assert everything.endswith(b"\x88\x02" + (1013).to_bytes(2, "big"))
    assert len(everything) <= MAX_BYTES, "what was on its way, in asyncio and in the kernel"
    assert max(held.messages for held in house.held.values()) == MAX_MESSAGES
    assert max(held.bytes for held in house.held.values()) <= MAX_BYTES


async def read_to_the_end(bare: sockets.socket) -> bytes:
    loop, everything = asyncio.get_running_loop(), bytearray()
    async with asyncio.timeout(20):
        while received := await loop.sock_recv(bare, 65_536):
            everything += received
    bare.close()
    return bytes(everything)
