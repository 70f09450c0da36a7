"""The configuration: parsed once, with errors that name the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import (
    ENVIRONMENT_KEYS,
    ENVIRONMENT_TURN,
    KeysConfig,
    RelayConfig,
    keys_text_from_environment,
    load_config,
    parse_config,
    state_directory,
    turn_secret_from_environment,
)
from relay.errors import ConfigurationError


def test_nothing_said_means_the_defaults() -> None:
    assert parse_config("") == RelayConfig() == load_config(None)
    assert parse_config("[rooms]\nseat_keep_s = 60").rooms.seat_keep_s == 60.0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[media]\nport = 'x'", "media.port"),
        ("[media]\nprot = 1", "media.prot is unknown"),
        ("[medium]\nport = 1", "medium is unknown"),
        ("signalling = 1", "signalling"),
        ("[media]\nport = 65536", "media.port"),
        ("[media]\nport = 65535\nworkers = 2", "media.port"),
        ("[media]\nlisten = []", "media.listen"),
        ("[media]\ntcp = 'no'", "media.tcp"),
        ("[media]\nlisten = [1]", "media.listen"),
        ("[codecs]\nvideo = ['VP8', 'H263']", "codecs.video"),
        ("[rooms]\nseat_keep_s = 0", "rooms.seat_keep_s"),
        ("[rooms]\nseat_keep_s = nan", "rooms.seat_keep_s"),
        ("[signalling]\nrelays = ['relay-b.example']", "signalling.relays"),
        ("[signalling]\nrelays = ['https://relay-b.example/v1/ws']", "signalling.relays"),
        ("[turn]\nlifetime_s = 10", "turn.lifetime_s"),
        ("[turn]\nurls = 'turn:x'", "turn.urls"),
        ("[turn]\nsecret = 'x'", "turn.secret is unknown"),
        ("[log]\nlevel = 'loud'", "log.level"),
    ],
)
def test_an_error_names_the_key(text: str, named: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        parse_config(text)
    assert named in refusal.value.words
    assert refusal.value.words.endswith(".")
    assert refusal.value.action


def test_a_file_that_is_no_toml_or_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not valid TOML"):
        parse_config("a =")
    with pytest.raises(ConfigurationError, match="No such file"):
        load_config(tmp_path / "missing.toml")
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        load_config(odd)


def test_a_configuration_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        RelayConfig().media.port = 1  # type: ignore[misc]


def test_secrets_come_from_the_environment_and_state_has_its_place() -> None:
    assert keys_text_from_environment({}) is None
    assert keys_text_from_environment({ENVIRONMENT_KEYS: "id secret"}) == "id secret"
    assert turn_secret_from_environment({}) is None
    assert turn_secret_from_environment({ENVIRONMENT_TURN: "secret"}) == "secret"
    given = KeysConfig(state_dir="/srv/state")
    assert state_directory(given, {}, uid=0) == Path("/srv/state")
    assert state_directory(KeysConfig(), {}, uid=0) == Path("/var/lib/visavis")
    home = {"HOME": "/home/x"}
    assert state_directory(KeysConfig(), home, uid=5) == Path("/home/x/.local/state/visavis")
    xdg = {"XDG_STATE_HOME": "/state", **home}
    assert state_directory(KeysConfig(), xdg, uid=5) == Path("/state/visavis")
