"""Verdicts on what the operator configured: keys, state, addresses."""

from __future__ import annotations

import errno
import os
from ipaddress import ip_address
from pathlib import Path

import pytest

from relay.config import KeysConfig, RelayConfig, SignallingConfig, parse_config
from signalling.doctor import addresses, keys, state
from signalling.doctor.finding import ADMINISTRATOR, OPERATOR, Finding
from signalling.doctor.state import StateFacts

SECRET = "a-secret-of-the-tests-32-characters-long"
MIB = 1 << 20


@pytest.fixture(autouse=True)
def no_keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISAVIS_KEYS", raising=False)


def with_key_file(path: Path, *, text: str = f"key-1 {SECRET}\n", mode: int = 0o600) -> RelayConfig:
    path.write_text(text)
    path.chmod(mode)
    return RelayConfig(keys=KeysConfig(file=str(path)))


def test_a_usable_key_file_is_named_and_no_key_is_shown(tmp_path: Path) -> None:
    (finding,) = keys.check(with_key_file(tmp_path / "keys"))
    assert finding.verdict == "ok"
    assert str(tmp_path / "keys") in finding.words
    assert SECRET not in repr(finding)


def test_a_key_file_that_others_can_read_is_trouble_with_its_command(tmp_path: Path) -> None:
    (finding,) = keys.check(with_key_file(tmp_path / "keys", mode=0o640))
    assert (finding.verdict, finding.action) == ("trouble", f"chmod 600 {tmp_path / 'keys'}")


@pytest.mark.parametrize("text", ["key-1 short\n", "what is this line\n"])
def test_a_key_file_that_holds_something_else_is_trouble(tmp_path: Path, text: str) -> None:
    (finding,) = keys.check(with_key_file(tmp_path / "keys", text=text))
    assert finding.verdict == "trouble"
    assert "Line 1" in finding.words
    assert "mode 0600" in finding.action


@pytest.mark.parametrize(
    ("host", "verdict"),
    [("127.0.0.1", "warning"), ("localhost", "warning"), ("0.0.0.0", "trouble")],
)
def test_no_key_is_trouble_where_others_are_served(tmp_path: Path, host: str, verdict: str) -> None:
    config = RelayConfig(
        signalling=SignallingConfig(host=host), keys=KeysConfig(state_dir=str(tmp_path / "a b"))
    )
    (finding,) = keys.check(config)
    assert finding.verdict == verdict
    assert os.system(finding.action) == 0  # noqa: S605 - that the command works is the claim
    (after,) = keys.check(config)
    assert after.verdict == "ok"


@pytest.mark.parametrize("text", ["", "# not yet\n", "# not yet, and no end of line"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_key_file_without_a_key_is_added_to(tmp_path: Path, host: str, text: str) -> None:
    (tmp_path / "a b").mkdir()
    path = tmp_path / "a b" / "keys"
    config = RelayConfig(
        signalling=SignallingConfig(host=host), keys=with_key_file(path, text=text).keys
    )
    (finding,) = keys.check(config)
    assert finding.verdict == "trouble"
    assert f"{path} holds no key" in finding.words
    assert os.system(finding.action) == 0  # noqa: S605 - that the command works is the claim
    assert path.read_text().startswith(text)
    (after,) = keys.check(config)
    assert (after.verdict, "1 usable" in after.words) == ("ok", True)


@pytest.mark.parametrize("text", ["", " ", "# not yet"])
def test_an_environment_without_a_key_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    with_key_file(tmp_path / "keys")
    monkeypatch.setenv("VISAVIS_KEYS", text)
    (finding,) = keys.check(RelayConfig(keys=KeysConfig(state_dir=str(tmp_path))))
    assert finding.verdict == "trouble"
    assert "VISAVIS_KEYS is set and holds no key" in finding.words
    assert finding.action.startswith("export VISAVIS_KEYS=")
    assert str(tmp_path) not in repr(finding)


def test_keys_of_the_environment_are_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_KEYS", f"key-1 {SECRET}")
    (finding,) = keys.check(RelayConfig())
    assert "VISAVIS_KEYS" in finding.words


def test_a_state_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    config = RelayConfig(keys=KeysConfig(state_dir=str(tmp_path)))
    folder, disk = state.check(config)
    assert (folder.verdict, disk.verdict) == ("ok", "ok")
    assert "is writable" in folder.words
    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_that_is_to_be_created_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state"
    folder, _ = state.check(RelayConfig(keys=KeysConfig(state_dir=str(path))))
    assert folder.verdict == "ok"
    assert "can be created" in folder.words
    assert not path.parent.exists()


def test_a_file_where_the_state_folder_should_be_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    config = RelayConfig(keys=KeysConfig(state_dir=str(tmp_path / "state")))
    folder, _ = state.check(config)
    assert folder.verdict == "trouble"
    assert "Not a directory" in folder.words


@pytest.mark.parametrize(("needed", "verdict"), [(True, "trouble"), (False, "warning")])
def test_a_state_folder_matters_less_where_no_key_is_created(needed: bool, verdict: str) -> None:
    facts = StateFacts(Path("/var/x"), True, errno.EACCES, 1 << 40, needed)
    finding = state.judge_folder(facts)
    assert finding.verdict == verdict
    assert "Permission denied" in finding.words
    assert ("The relay does without" in finding.words) is not needed


@pytest.mark.parametrize(
    ("error", "who", "action"),
    [
        (errno.EACCES, ADMINISTRATOR, "install -d -m 700 -o USER '/var/x y'"),
        (errno.EPERM, ADMINISTRATOR, "install -d -m 700 -o USER '/var/x y'"),
        (errno.EROFS, OPERATOR, "Set keys.state_dir to a folder on a file system that is not"),
        (errno.ENOSPC, OPERATOR, "Free some space there"),
        (errno.EDQUOT, OPERATOR, "Free some space there"),
        (errno.ENOTDIR, OPERATOR, "Set keys.state_dir to a folder that this user may write to"),
    ],
)
def test_what_mends_a_state_folder_depends_on_what_refuses(
    error: int, who: str, action: str
) -> None:
    finding = state.judge_folder(StateFacts(Path("/var/x y"), True, error, 1 << 40, True))
    assert finding.who == who
    assert finding.action.startswith(action)


@pytest.mark.parametrize(
    ("host", "kept", "configured", "environment", "verdict"),
    [
        ("127.0.0.1", False, False, None, "trouble"),
        ("localhost", False, False, None, "trouble"),
        ("0.0.0.0", False, False, None, "warning"),
        ("127.0.0.1", True, False, None, "warning"),
        ("127.0.0.1", False, True, None, "warning"),
        ("127.0.0.1", False, False, f"key-1 {SECRET}", "warning"),
    ],
)
def test_a_state_folder_is_written_where_a_first_key_is_created(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    kept: bool,
    configured: bool,
    environment: str | None,
    verdict: str,
) -> None:
    monkeypatch.setattr(state, "_write_error", lambda _: errno.EROFS)
    if environment is not None:
        monkeypatch.setenv("VISAVIS_KEYS", environment)
    if kept:
        with_key_file(tmp_path / "keys")
    elsewhere = str(tmp_path / "elsewhere") if configured else ""
    config = RelayConfig(
        signalling=SignallingConfig(host=host),
        keys=KeysConfig(file=elsewhere, state_dir=str(tmp_path)),
    )
    folder, _ = state.check(config)
    assert folder.verdict == verdict


@pytest.mark.parametrize(
    ("free", "verdict"), [(256 * MIB, "ok"), (255 * MIB, "warning"), (MIB - 1, "trouble")]
)
def test_a_disk_fills_before_it_is_full(free: int, verdict: str) -> None:
    facts = StateFacts(Path("/var/x"), True, 0, free, True)
    assert state.judge_disk(facts).verdict == verdict


def judged(media: str, machine: str, host: str = "127.0.0.1") -> list[Finding]:
    config = parse_config(f"[signalling]\nhost = '{host}'\n[media]\n{media}")
    return addresses.judge(config, [ip_address(text) for text in machine.split()])


LOOPBACK = "127.0.0.1 ::1"


@pytest.mark.parametrize(
    ("media", "machine", "verdict", "sentence"),
    [
        ("", f"{LOOPBACK} 198.51.100.7", "ok", "all of them this machine's"),
        ("", f"{LOOPBACK} 10.0.0.7", "warning", "private addresses"),
        ("", LOOPBACK, "warning", "loopback only"),
        ("listen = ['127.0.0.1']", f"{LOOPBACK} 198.51.100.7", "warning", "loopback only"),
        (
            "listen = ['127.0.0.1']\nannounce = ['198.51.100.7']",
            f"{LOOPBACK} 198.51.100.7",
            "warning",
            "loopback only",
        ),
        ("announce = ['203.0.113.7']", f"{LOOPBACK} 10.0.0.7", "ok", "pass UDP and TCP 7882 on"),
        (
            "announce = ['203.0.113.7']\ntcp = false",
            f"{LOOPBACK} 10.0.0.7",
            "ok",
            "pass UDP 7882 on",
        ),
        (
            "announce = ['203.0.113.7']\nworkers = 3",
            f"{LOOPBACK} 10.0.0.7",
            "ok",
            "pass UDP and TCP 7882 to 7884 on",
        ),
        ("announce = ['here']", LOOPBACK, "trouble", "'here', which is no address"),
        ("listen = ['here']", LOOPBACK, "trouble", "no address: here"),
        (
            "announce = ['2001:db8::1']\nlisten = ['0.0.0.0']",
            f"{LOOPBACK} 198.51.100.7",
            "trouble",
            "no such family",
        ),
    ],
)
def test_it_is_said_who_can_reach_the_media(
    media: str, machine: str, verdict: str, sentence: str
) -> None:
    (finding,) = judged(media, machine)
    assert finding.verdict == verdict
    assert sentence in finding.words


def test_media_on_loopback_is_trouble_where_signalling_is_not() -> None:
    (finding,) = judged("listen = ['127.0.0.1']", f"{LOOPBACK} 198.51.100.7", "198.51.100.7")
    assert (finding.verdict, finding.who) == ("trouble", "the relay's operator")


def test_a_wildcard_over_several_addresses_is_warned_of() -> None:
    machine = f"{LOOPBACK} 198.51.100.7 198.51.100.8 2001:db8::7"
    reach, wildcard = judged("", machine)
    assert reach.verdict == "ok"
    assert wildcard.verdict == "warning"
    assert 'media.listen = ["198.51.100.7", "198.51.100.8"]' in wildcard.action
    assert len(judged("listen = ['198.51.100.7', '198.51.100.8']", machine)) == 1
