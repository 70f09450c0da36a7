"""The secret shared with TURN servers: read from where it counts, complained about unquoted."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.config import ENVIRONMENT_TURN, KeysConfig, RelayConfig, TurnConfig
from relay.errors import ConfigurationError
from signalling.turn.secret import read_secret, secret_of_environment, turn_secret_path

SECRET = "s" * 32
OTHER = "o" * 64


def write(path: Path, content: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(content)
    return path


@pytest.mark.parametrize("content", [SECRET, f"{SECRET}\n", f"# of turn.example\n\n {SECRET} \n"])
def test_a_file_holds_one_secret(tmp_path: Path, content: str) -> None:
    assert read_secret(write(tmp_path / "secret", content)) == SECRET


@pytest.mark.parametrize(
    "content",
    ["", "# nothing\n", f"{SECRET}\n{OTHER}\n", "too-short", f"{SECRET} {OTHER}", "x" * 257],
)
def test_what_is_no_secret_is_complained_about_without_quoting_it(
    tmp_path: Path, content: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "secret", content)
    with pytest.raises(ConfigurationError) as of_file:
        read_secret(path)
    assert str(path) in of_file.value.words
    monkeypatch.setenv(ENVIRONMENT_TURN, content)
    with pytest.raises(ConfigurationError) as of_environment:
        secret_of_environment(RelayConfig())
    assert ENVIRONMENT_TURN in of_environment.value.words
    for refusal in (of_file.value, of_environment.value):
        assert not {SECRET, OTHER, "too-short", "x" * 257} & set(refusal.words.split())
        assert SECRET not in refusal.words
        assert "openssl rand" in refusal.action


def test_a_file_that_is_missing_or_open_to_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist") as missing:
        read_secret(tmp_path / "none")
    assert str(tmp_path / "none") in missing.value.action
    path = write(tmp_path / "secret", SECRET)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="other users"):
        read_secret(path)


def test_a_named_file_comes_before_the_environment_and_that_before_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ENVIRONMENT_TURN, raising=False)
    unnamed = RelayConfig(keys=KeysConfig(state_dir=str(tmp_path)))
    named = RelayConfig(turn=TurnConfig(secret_file=str(tmp_path / "named")))
    assert turn_secret_path(unnamed) == tmp_path / "turn-secret"
    assert turn_secret_path(named) == tmp_path / "named"
    assert secret_of_environment(unnamed) is None
    monkeypatch.setenv(ENVIRONMENT_TURN, SECRET)
    assert secret_of_environment(unnamed) == SECRET
    assert secret_of_environment(named) is None
