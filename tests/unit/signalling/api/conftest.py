"""A platform's backend, the API on a real socket, and a relay without an engine behind it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from relay import Relay
from relay.config import RelayConfig, parse_config
from relay.rooms.permissions import Role
from relay.seats.seat import Seat
from signalling.api.credentials import Scope, draw_key
from signalling.api.key_file import api_key_path, change_api_keys
from signalling.api.register import Register
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.links import full_grant
from signalling.platform import Platform as Assembled
from tests.unit.relay.fakes import HandClock
from tests.unit.relay.whole_engine import WholeEngine

START_UNIX_S = 1_790_000_000.0


@dataclass
class WallClock:
    """The time of day, which a test moves."""

    unix_s: float = START_UNIX_S

    def __call__(self) -> float:
        return self.unix_s


def make_key(config: RelayConfig, name: str, *scopes: Scope) -> str:
    """Make an API key as the command line does."""
    key, text = draw_key(name, scopes or Scope, START_UNIX_S)
    change_api_keys(api_key_path(config), lambda keys: keys.update({name: key}))
    return text


@dataclass
class Platform:
    """Somebody with an API key, and the relay they use it on."""

    client: TestClient[Any, Any]
    relay: Relay
    config: RelayConfig
    key: str = field(repr=False)
    wall: WallClock
    clock: HandClock
    api: Assembled

    @property
    def register(self) -> Register:
        """The rooms that were created."""
        return self.api.register

    async def ask(
        self, method: str, path: str, body: object = None, **options: Any
    ) -> ClientResponse:
        """Send a request with the key."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        if body is not None:
            options["data"] = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        response: ClientResponse = await self.client.request(
            method, path, headers=headers, **options
        )
        return response

    async def tell(self, method: str, path: str, body: object = None, **options: Any) -> Any:
        """Send a request that is granted, and give its answer."""
        response = await self.ask(method, path, body, **options)
        assert response.status < 300, await response.text()
        return await response.json() if response.status != 204 else None

    async def refused(self, method: str, path: str, body: object = None, **options: Any) -> Any:
        """Send a request that is refused, and give its status and code."""
        response = await self.ask(method, path, body, **options)
        problem = await response.json(content_type="application/problem+json")
        assert problem["status"] == response.status
        assert problem["detail"].endswith(".")
        assert problem["action"].endswith(".")
        return response.status, problem["code"]

    async def enters(
        self, room: str, identity: str, role: Role = Role.PATIENT, *, open_room: bool = True
    ) -> Seat:
        """Let somebody join past the API, with everything their role permits."""
        return await self.relay.join(full_grant(room, role, identity, open_room=open_room))

    def later(self, duration_s: float) -> None:
        """Move both clocks."""
        self.wall.unix_s += duration_s
        self.clock.move(duration_s)

    def audit(self) -> list[dict[str, Any]]:
        """Read the audit file."""
        path = Path(self.config.keys.state_dir) / "audit.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(line) for line in lines]


@pytest.fixture
def config(tmp_path: Path) -> RelayConfig:
    return parse_config(f'[keys]\nstate_dir = "{tmp_path}"\n[media]\nlisten = ["192.0.2.7"]')


@pytest.fixture
def wall() -> WallClock:
    return WallClock()


@pytest.fixture
async def platform(
    config: RelayConfig, keys: KeyRing, wall: WallClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Platform]:
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    clock = HandClock()
    made: list[Assembled] = []

    def make(config: RelayConfig, relay: Relay, keys: KeyRing) -> Assembled:
        made.append(Assembled(config, relay, keys, clock=clock, unix_now_s=wall))
        return made[-1]

    monkeypatch.setattr("signalling.app.Platform", make)
    key = make_key(config, "clinic")
    async with Relay(config, clock=clock) as relay:
        app = create_app(config, relay, keys=keys)
        async with TestClient(TestServer(app)) as client:
            yield Platform(client, relay, config, key, wall, clock, made[0])
