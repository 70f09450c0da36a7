"""What the tests of signalling share: keys, tokens, and an application on a real socket."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
import structlog
from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import settings

from relay.config import RelayConfig
from relay.rooms.permissions import Role
from signalling.app import create_app
from signalling.keys import KeyRing, parse_keys
from signalling.links import full_grant
from signalling.messages import SUBPROTOCOL
from signalling.tokens import Invitation, mint
from tests.unit.signalling.fake_relay import FakeRelay

# A machine busy with browsers is slow, and slowness is not what these properties are about.
settings.register_profile("signalling", deadline=None)
settings.load_profile("signalling")

SECRET = "a-secret-of-the-tests-32-characters-long"

Client = TestClient[Any, Any]
MakeToken = Callable[..., str]
OpenSocket = Callable[..., Any]


@pytest.fixture(autouse=True)
def untouched_logging() -> Iterator[None]:
    """Undo what a test sets up for the whole process: other suites read their own lines."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def keys() -> KeyRing:
    return parse_keys(f"key-1 {SECRET}\n", "the test")


@pytest.fixture
def make_token(keys: KeyRing) -> MakeToken:
    def make(
        role: Role = Role.PRACTITIONER,
        *,
        room: str = "room-1",
        identity: str | None = None,
        open_room: bool = True,
        ttl_s: int = 600,
        issued_at: float | None = None,
    ) -> str:
        grant = full_grant(room, role, identity, open_room=open_room)
        invitation = Invitation(grant=grant, url="ws://127.0.0.1:8080/v1/ws", ttl_s=ttl_s)
        return mint(invitation, keys["key-1"], issued_at or time.time())

    return make


@pytest.fixture
def relay() -> FakeRelay:
    return FakeRelay()


@pytest.fixture
def config() -> RelayConfig:
    return RelayConfig()


@pytest.fixture
async def client(config: RelayConfig, relay: FakeRelay, keys: KeyRing) -> AsyncIterator[Client]:
    app = create_app(config, relay.as_relay(), keys=keys, demo=True)
    async with TestClient(TestServer(app)) as running:
        yield running


@pytest.fixture
def open_socket(client: Client) -> OpenSocket:
    async def connect(**options: Any) -> ClientWebSocketResponse:
        options = {"protocols": (SUBPROTOCOL,), **options}
        socket: ClientWebSocketResponse = await client.ws_connect("/v1/ws", **options)
        return socket

    return connect
