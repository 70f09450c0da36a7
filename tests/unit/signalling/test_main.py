from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from relay.config import KeysConfig
from relay.rooms.permissions import Role
from signalling.__main__ import cli
from signalling.keys import load_keys
from signalling.tokens import verify_untrusted
from tests.unit.signalling.test_keys import public_line

SECRET = "a-secret-of-the-tests-32-characters-long"


@pytest.fixture(autouse=True)
def no_keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISAVIS_KEYS", raising=False)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a configuration whose ports the kernel chooses and whose state is the test's."""
    path = tmp_path / "visavis.toml"
    path.write_text(
        f"""
[signalling]
port = 0
[metrics]
port = 0
[media]
listen = ["127.0.0.1"]
port = 0
[keys]
state_dir = "{tmp_path / "state"}"
[log]
format = "json"
"""
    )
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def with_key(config: Path) -> KeysConfig:
    path = config.parent / "state" / "keys"
    path.parent.mkdir(mode=0o700)
    path.write_text(f"key-1 {SECRET}\n")
    path.chmod(0o600)
    return KeysConfig(state_dir=str(path.parent))


@contextmanager
def serving(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    """Run the real program and wait for it to say where it is."""
    command = [sys.executable, "-m", "signalling", "serve", *map(str, arguments)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"Visavis is running on (http://\S+)", line)
        if found:
            return found[1]
    raise AssertionError(process.stderr.read() if process.stderr else "")


def test_a_token_is_printed_for_a_role_and_a_room(config: Path) -> None:
    keys = load_keys(with_key(config))
    result = run("token", "--config", config, "--room", "room-1", "--role", "patient")
    assert result.exit_code == 0
    grant = verify_untrusted(result.stdout.strip(), keys, time.time())
    assert (grant.room, grant.role, grant.open_room) == ("room-1", Role.PATIENT, True)
    assert grant.identity.startswith("patient-")
    assert not grant.arrival.once


def test_a_token_for_one_page_alone_says_so(config: Path) -> None:
    keys = load_keys(with_key(config))
    result = run("token", "--config", config, "--room", "r", "--role", "patient", "--once")
    assert verify_untrusted(result.stdout.strip(), keys, time.time()).arrival.once


def test_a_link_opens_the_page_where_browsers_reach_the_relay(config: Path) -> None:
    keys = load_keys(with_key(config))
    result = run(
        *("token", "--config", config, "--room", "r", "--role", "expert", "--identity", "e-1"),
        *("--ttl", 60, "--link", "--url", "https://relay.example/", "--no-open-room"),
    )
    page, _, token = result.stdout.strip().partition("#token=")
    assert page == "https://relay.example/consultation"
    grant = verify_untrusted(token, keys, time.time())
    assert (grant.identity, grant.open_room) == ("e-1", False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--room", "r", "--role", "admin"),
        ("--room", "r"),
        ("--room", "r", "--role", "patient", "--ttl", "0"),
        ("--room", "r", "--role", "patient", "--ttl", "90000"),
    ],
)
def test_what_is_no_token_request_is_refused(arguments: tuple[str, ...], config: Path) -> None:
    with_key(config)
    assert run("token", "--config", config, *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--room", "no/slash"), "room"),
        (("--room", "r", "--identity", "i" * 129), "identity"),
    ],
)
def test_a_token_that_the_relay_would_refuse_is_not_printed(
    options: tuple[str, ...], sentence: str, config: Path
) -> None:
    with_key(config)
    result = run("token", "--config", config, "--role", "patient", *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert sentence in result.stderr


def test_without_a_key_there_is_no_token_and_a_sentence_says_what_to_do(config: Path) -> None:
    result = run("token", "--config", config, "--room", "r", "--role", "patient")
    assert result.exit_code == 2
    assert "no signing key" in result.stderr
    assert "visavis serve" in result.stderr


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[signalling]\nprot = 1\n", "signalling.prot is unknown"),
        ("[signalling]\nport = 'a'\n", "signalling.port has a wrong value"),
        ("[signalling\n", "not valid TOML"),
        ("[signalling]\nhost = '192.0.2.1'\n", "Serving on 192.0.2.1 needs a signing key"),
        ("[keys]\nfile = '/nowhere/keys'\n", "/nowhere/keys does not exist"),
    ],
)
def test_a_configuration_that_cannot_be_used_ends_with_a_sentence(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(
        text if "[keys]" in text else f"{text}[keys]\nstate_dir = '{tmp_path / 'state'}'\n"
    )
    result = run("serve", "--config", path)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 2


@pytest.mark.parametrize("command", [("serve",), ("token", "--room", "r", "--role", "patient")])
@pytest.mark.parametrize("text", ["", "# the clinic's keys\n\n  # to come\n"])
@pytest.mark.parametrize("configured", [True, False])
def test_a_key_file_without_a_key_is_said_to_be_so_and_nothing_is_created(
    config: Path, command: tuple[str, ...], text: str, configured: bool
) -> None:
    path = Path(with_key(config).state_dir) / "keys"
    path.write_text(text)
    if configured:
        config.write_text(config.read_text().replace("[keys]\n", f"[keys]\nfile = '{path}'\n"))
    result = run(*command, "--config", config)
    assert result.exit_code == 2
    assert result.stdout == ""
    words, action = result.stderr.strip().splitlines()
    assert words.startswith(f"The key file {path} holds no key")
    assert "Whoever runs the relay has to add one" in words
    assert action.startswith("Run: printf ")
    assert path.read_text() == text
    subprocess.run(action.removeprefix("Run: "), shell=True, check=True)  # noqa: S602 - ours
    assert len(load_keys(KeysConfig(file=str(path)))) == 1


@pytest.mark.parametrize(
    "command", [("serve", "--demo"), ("token", "--room", "r", "--role", "patient")]
)
def test_with_public_keys_only_there_is_no_token_and_the_advice_is_one_that_helps(
    config: Path, command: tuple[str, ...]
) -> None:
    path = Path(with_key(config).state_dir) / "keys"
    path.write_text(public_line("booth"))
    result = run(*command, "--config", config)
    assert result.exit_code == 2
    assert result.stdout == ""
    words, action = result.stderr.strip().splitlines()
    assert words.startswith(f"All keys of {path} are public keys (ES256)")
    assert action.startswith("Run: printf ")


@pytest.mark.parametrize("text", ["", "# none yet"])
def test_an_environment_without_a_key_creates_none(
    config: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("VISAVIS_KEYS", text)
    result = run("serve", "--config", config)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "VISAVIS_KEYS is set and holds no key" in result.stderr
    assert "(or unset it)" in result.stderr
    assert not (config.parent / "state").exists()


def test_a_missing_configuration_file_is_named(tmp_path: Path) -> None:
    result = run("serve", "--config", tmp_path / "missing.toml")
    assert result.exit_code == 2
    assert "missing.toml cannot be read" in result.stderr


def test_the_demonstration_prints_two_links_that_open_and_stops_when_told(config: Path) -> None:
    with serving("--config", config, "--demo") as process:
        base = address(process)
        assert process.stdout is not None
        words = [process.stdout.readline() for _ in range(10)]
        links = [word.strip() for word in words if "#token=" in word]
        assert [word.strip() for word in words if word.strip() in {"Practitioner", "Patient"}] == [
            "Practitioner",
            "Patient",
        ]
        assert len(links) == 2
        keys = load_keys(KeysConfig(state_dir=str(config.parent / "state")))
        grants = [
            verify_untrusted(link.partition("#token=")[2], keys, time.time()) for link in links
        ]
        assert [grant.role for grant in grants] == [Role.PRACTITIONER, Role.PATIENT]
        assert grants[0].room == grants[1].room
        assert all(link.startswith(base + "/consultation#") for link in links)
        with urllib.request.urlopen(base + "/readyz", timeout=10) as response:  # noqa: S310
            assert response.status == 200
        began_s = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0
        assert time.monotonic() - began_s < 5
        assert process.stderr is not None
        log = process.stderr.read()
        assert "the relay stops" in log
        assert "Traceback" not in log


def test_a_port_in_use_is_said_in_one_sentence(config: Path) -> None:
    with serving("--config", config) as first:
        port = address(first).rpartition(":")[2]
        with serving("--config", config, "--port", port) as second:
            assert second.wait(timeout=20) == 2
            assert second.stderr is not None
            words = second.stderr.read()
            assert f"Port {port} on 127.0.0.1 is already in use." in words
            assert "--port" in words
            assert "Traceback" not in words
        first.send_signal(signal.SIGINT)
        assert first.wait(timeout=10) == 0
