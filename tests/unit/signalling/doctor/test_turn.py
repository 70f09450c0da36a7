"""Verdicts on what is configured of TURN."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import ENVIRONMENT_TURN, KeysConfig, RelayConfig, TurnConfig
from signalling.doctor.turn import check

TCP = "turns:turn.example:443?transport=tcp"
SECRET = "s" * 32


@pytest.fixture(autouse=True)
def no_secret_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT_TURN, raising=False)


def configured(folder: Path, *urls: str, secret: str = SECRET) -> RelayConfig:
    path = folder / "turn-secret"
    path.touch(mode=0o600)
    path.write_text(secret)
    return RelayConfig(keys=KeysConfig(state_dir=str(folder)), turn=TurnConfig(urls=urls))


def test_nothing_configured_is_worth_no_word(tmp_path: Path) -> None:
    assert check(configured(tmp_path)) == []


def test_addresses_with_a_secret_are_in_order(tmp_path: Path) -> None:
    (finding,) = check(configured(tmp_path, "turn:turn.example", TCP))
    assert (finding.verdict, finding.action) == ("ok", "")
    assert "2 addresses" in finding.words
    assert SECRET not in repr(finding)


def test_servers_that_a_blocked_udp_takes_away_are_a_warning(tmp_path: Path) -> None:
    (finding,) = check(configured(tmp_path, "turn:turn.example"))
    assert finding.verdict == "warning"
    assert "turns:" in finding.action


def test_what_the_relay_would_not_start_with_is_trouble(tmp_path: Path) -> None:
    (of_url,) = check(configured(tmp_path, "stun:turn.example"))
    (of_secret,) = check(configured(tmp_path, TCP, secret="short"))
    assert (of_url.verdict, of_secret.verdict) == ("trouble", "trouble")
    assert "turn.urls" in of_url.words
    assert of_secret.action.startswith("(umask 077")
    assert "short" not in of_secret.words
