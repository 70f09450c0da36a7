"""Credentials for TURN come with the seat, and others before they end."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from relay.config import ENVIRONMENT_TURN, KeysConfig, RelayConfig, TurnConfig
from relay.errors import ConfigurationError
from relay.rooms.standing import Standing
from signalling import watched_file
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from signalling.turn.servers import TurnServers
from signalling.websocket.endpoint import Endpoint
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception
from tests.unit.signalling.conversation import join
from tests.unit.signalling.fake_relay import FakeRelay

MakeToken = Callable[..., str]

URL = "turns:turn.example:443?transport=tcp"
SECRET, OTHER = "s" * 32, "o" * 48
POLICY = Policy(join_timeout_s=5.0, max_message_bytes=65_536, keep_s=120.0)
LIFETIME_S = 0.2
"""Others come ten times a second."""


def proof(secret: str, username: str) -> str:
    digest = hmac.new(secret.encode(), username.encode(), "sha1").digest()
    return base64.b64encode(digest).decode()


def served(endpoint: Endpoint) -> TestClient[Any, Any]:
    app = web.Application()
    app.router.add_get("/v1/ws", endpoint.serve)
    return TestClient(TestServer(app))


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_TURN, raising=False)


@pytest.mark.parametrize("standing", [Standing.ADMITTED, Standing.WAITING])
async def test_whoever_has_a_seat_is_given_credentials_again_and_again_and_no_log_has_them(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken, standing: Standing
) -> None:
    relay.standing = standing
    turn = TurnServers((URL,), LIFETIME_S, lambda: SECRET)
    endpoint = Endpoint(Reception(relay.as_relay(), keys, turn=turn), POLICY, ())
    with capture_logs() as lines:
        async with served(endpoint) as client:
            socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
            (first,) = (await join(socket, make_token()))["ice_servers"]
            told = [await socket.receive_json(timeout=5) for _ in range(3)]
            await socket.close()
    assert [message["type"] for message in told] == ["ice_servers"] * 3
    given = [first, *(server for message in told for server in message["ice_servers"])]
    assert len(given) == 4
    ends_s = [int(server["username"].split(":")[0]) for server in given]
    assert ends_s == sorted(ends_s)
    assert abs(ends_s[0] - time.time()) < 60
    assert len({server["username"].split(":")[1] for server in given}) == 1
    for server in given:
        assert server["urls"] == [URL]
        assert server["credential"] == proof(SECRET, server["username"])
        assert server["username"] not in repr(lines)
        assert server["credential"] not in repr(lines)
    assert SECRET not in repr(lines)


async def test_two_clients_share_no_credentials_and_theirs_name_nobody(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    turn = TurnServers((URL,), 600.0, lambda: SECRET)
    endpoint = Endpoint(Reception(relay.as_relay(), keys, turn=turn), POLICY, ())
    async with served(endpoint) as client:
        holders = set()
        for identity in ("jeanne", "pierre"):
            socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
            joined = await join(socket, make_token(identity=identity))
            holder = joined["ice_servers"][0]["username"].split(":")[1]
            assert holder not in {identity, joined["participant"], joined["seat"]}
            holders.add(holder)
        assert len(holders) == 2


async def test_a_secret_that_is_changed_counts_without_a_restart(
    tmp_path: Path,
    relay: FakeRelay,
    keys: KeyRing,
    make_token: MakeToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched_file, "LOOK_EVERY_S", 0.01)
    path = tmp_path / "turn-secret"
    path.touch(mode=0o600)
    path.write_text(SECRET)
    config = RelayConfig(
        keys=KeysConfig(state_dir=str(tmp_path)), turn=TurnConfig(urls=(URL,), lifetime_s=60.0)
    )
    app = create_app(config, relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        for number in range(1_000):
            socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
            joined = await join(socket, make_token(identity=f"person-{number}"))
            (given,) = joined["ice_servers"]
            await socket.close()
            if number == 0:
                assert given["credential"] == proof(SECRET, given["username"])
                path.write_text(OTHER)
            elif given["credential"] == proof(OTHER, given["username"]):
                break
        else:
            pytest.fail("the secret of before is still in use")


def test_a_relay_whose_turn_cannot_be_used_does_not_start(
    tmp_path: Path, relay: FakeRelay, keys: KeyRing
) -> None:
    state = KeysConfig(state_dir=str(tmp_path))
    for urls, says in (((URL,), "does not exist"), (("turn://x",), "turn.urls")):
        config = RelayConfig(keys=state, turn=TurnConfig(urls=urls))
        with pytest.raises(ConfigurationError) as refused:
            create_app(config, relay.as_relay(), keys=keys)
        assert says in refused.value.words
