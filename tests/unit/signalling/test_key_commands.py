"""`visavis key`: printed once, kept as a hash, listed without a secret, taken back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from relay.config import load_config
from signalling.__main__ import EXIT_CONFIGURATION, cli
from signalling.api.credentials import Scope, recognise_untrusted
from signalling.api.key_file import api_key_path, read_api_keys


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "visavis.toml"
    path.write_text(f'[keys]\nstate_dir = "{tmp_path / "state"}"\n')
    return path


def key(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["key", *arguments, "--config", str(config)])


def test_a_key_is_printed_once_and_opens_what_its_scopes_say(config: Path) -> None:
    made = key(config, "create", "clinic", "--scope", "read", "--scope", "rooms")
    assert made.exit_code == 0
    text = made.stdout.strip()
    assert re.fullmatch(r"vvk_clinic_[A-Za-z0-9_-]{43}", text)
    path = api_key_path(load_config(config))
    known = recognise_untrusted(f"Bearer {text}", read_api_keys(path))
    assert known.scopes == {Scope.READ, Scope.ROOMS}
    listed = key(config, "list")
    assert listed.stdout.startswith("clinic\tread,rooms\t20")
    for shown in (listed.stdout, path.read_text()):
        assert text.rpartition("_")[2] not in shown


def test_a_key_is_taken_back(config: Path) -> None:
    key(config, "create", "clinic", "--scope", "read")
    key(config, "create", "other", "--scope", "read")
    assert key(config, "revoke", "clinic").exit_code == 0
    assert set(read_api_keys(api_key_path(load_config(config)))) == {"other"}
    again = key(config, "revoke", "clinic")
    assert again.exit_code == EXIT_CONFIGURATION
    assert "visavis key list" in again.stderr


def test_a_name_is_not_given_twice_and_is_a_name(config: Path) -> None:
    first = key(config, "create", "clinic", "--scope", "read").stdout.strip()
    assert key(config, "create", "clinic", "--scope", "rooms").exit_code == EXIT_CONFIGURATION
    known = read_api_keys(api_key_path(load_config(config)))
    assert recognise_untrusted(f"Bearer {first}", known).scopes == {Scope.READ}
    assert key(config, "create", "../x", "--scope", "read").exit_code != 0
    assert key(config, "create", "new").exit_code != 0, "a key without a scope is for nothing"
    assert key(config, "create", "new", "--scope", "everything").exit_code != 0
    assert set(read_api_keys(api_key_path(load_config(config)))) == {"clinic"}
