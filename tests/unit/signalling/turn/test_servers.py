"""What clients are given of TURN: nothing by default, else credentials that end by themselves."""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

import pytest

from relay.config import ENVIRONMENT_TURN, KeysConfig, RelayConfig, TurnConfig
from relay.errors import ConfigurationError
from signalling.turn.servers import TurnServers, turn_servers
from tests.unit.relay.fakes import HandClock

NOW_UNIX_S = 1_790_000_000.5
SECRET, OTHER = "s" * 32, "o" * 32
URLS = ("turn:turn.example", "turns:turn.example:443?transport=tcp")


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_TURN, raising=False)


def configured(folder: Path, urls: tuple[str, ...] = URLS) -> RelayConfig:
    return RelayConfig(keys=KeysConfig(state_dir=str(folder)), turn=TurnConfig(urls=urls))


def is_of(secret: str, username: str | None, credential: str | None) -> bool:
    assert username is not None
    digest = hmac.new(secret.encode(), username.encode(), "sha1").digest()
    return credential == base64.b64encode(digest).decode()


def test_nothing_is_configured_by_default_and_nobody_is_given_anything() -> None:
    servers, file = turn_servers(RelayConfig(), HandClock())
    assert file is None
    assert servers.for_holder("h") == ()


def test_credentials_say_until_when_they_are_good_and_prove_it() -> None:
    servers = TurnServers(URLS, 600.0, lambda: SECRET, lambda: NOW_UNIX_S)
    (given,) = servers.for_holder("holder")
    assert given.urls == URLS
    assert given.username == "1790000600:holder"
    assert is_of(SECRET, given.username, given.credential)
    assert not is_of(OTHER, given.username, given.credential)
    assert servers.renew_after_s == 300.0
    assert SECRET not in repr(servers)


async def test_a_secret_that_is_changed_counts_from_then_on_and_one_that_breaks_does_not(
    tmp_path: Path,
) -> None:
    path = tmp_path / "turn-secret"
    path.touch(mode=0o600)
    path.write_text(SECRET)
    servers, file = turn_servers(configured(tmp_path), HandClock())
    assert file is not None

    def is_proven_by(secret: str) -> bool:
        (given,) = servers.for_holder("h")
        return is_of(secret, given.username, given.credential)

    assert is_proven_by(SECRET)
    path.write_text(f"{OTHER}\n")
    await file.look_once()
    assert is_proven_by(OTHER)
    path.write_text("too-short")
    await file.look_once()
    assert is_proven_by(OTHER)


def test_the_environment_may_hold_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ENVIRONMENT_TURN, SECRET)
    servers, file = turn_servers(configured(tmp_path), HandClock())
    assert file is None
    (given,) = servers.for_holder("h")
    assert is_of(SECRET, given.username, given.credential)
    assert SECRET not in repr(servers)


def test_addresses_without_a_secret_or_of_no_server_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        turn_servers(configured(tmp_path), HandClock())
    with pytest.raises(ConfigurationError, match=r"turn\.urls"):
        turn_servers(configured(tmp_path, ("stun:stun.example",)), HandClock())
