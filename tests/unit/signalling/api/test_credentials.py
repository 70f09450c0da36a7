"""API keys: made once, kept as hashes, and a file of them that is whole or complained about."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.errors import ConfigurationError
from signalling.api.credentials import Scope, draw_key, parse_api_keys, written
from signalling.api.key_file import change_api_keys, read_api_keys
from signalling.watched_file import WatchedFile
from tests.unit.relay.fakes import HandClock

NOW_UNIX_S = 1_790_000_000.0


def test_what_is_kept_does_not_give_the_key_away_and_reads_back() -> None:
    key, text = draw_key("clinic", [Scope.READ, Scope.ROOMS], NOW_UNIX_S)
    kept = written({key.id: key})
    assert text not in kept
    assert text.rpartition("_")[2] not in kept
    assert parse_api_keys(kept, "the test") == {"clinic": key}
    assert draw_key("clinic", [Scope.READ], NOW_UNIX_S)[1] != text
    assert key.digest.hex() not in repr(key)


@pytest.mark.parametrize(
    "line",
    [
        "clinic",
        "clinic read 2026-01-01",
        "clinic read 2026-01-01 00",
        "clinic write 2026-01-01 " + "0" * 64,
        "clinic read 2026-13-01 " + "0" * 64,
        "cli/nic read 2026-01-01 " + "0" * 64,
        "clinic read 2026-01-01 " + "0" * 64 + "\nclinic read 2026-01-01 " + "0" * 64,
    ],
)
def test_a_line_that_is_no_key_is_complained_about_without_quoting_it(line: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse_api_keys(line, "the test")
    assert "0" * 64 not in refused.value.words
    assert "of the test" in refused.value.words


def test_the_file_is_its_owners_and_appears_whole(tmp_path: Path) -> None:
    path = tmp_path / "state" / "api-keys"
    key, _ = draw_key("clinic", Scope, NOW_UNIX_S)
    change_api_keys(path, lambda keys: keys.update(clinic=key))
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_api_keys(path) == {"clinic": key}

    def fails(_keys: object) -> None:
        raise ConfigurationError("no")

    with pytest.raises(ConfigurationError, match="no"):
        change_api_keys(path, fails)
    assert read_api_keys(path) == {"clinic": key}
    assert {each.name for each in path.parent.iterdir()} == {"api-keys", ".api-keys.lock"}


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "api-keys"
    change_api_keys(path, lambda _: None)
    path.chmod(0o644)
    with pytest.raises(ConfigurationError):
        read_api_keys(path)


async def test_a_file_that_breaks_leaves_the_keys_as_they_were(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "api-keys"
    key, _ = draw_key("clinic", Scope, NOW_UNIX_S)
    change_api_keys(path, lambda keys: keys.update(clinic=key))
    watched = WatchedFile(path, read_api_keys, HandClock())
    path.write_text("nonsense\n")
    await watched.look_once()
    assert watched.content == {"clinic": key}
    assert "cannot be used" in capsys.readouterr().out
    path.unlink()
    await watched.look_once()
    assert watched.content == {}
