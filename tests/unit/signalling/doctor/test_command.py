"""`visavis doctor` as it is typed: what it prints, how it ends, and beside a relay that runs."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from signalling.__main__ import cli
from signalling.doctor.examination import examine
from signalling.doctor.finding import Finding, ok, trouble, warning
from signalling.doctor.report import document, exit_code, report

SECRET = "a-secret-of-the-tests-32-characters-long"
COMMAND = "sysctl -w " + "net.core.rmem_max=2097152 " * 5
FINDINGS = [
    ok("a", "All is well."),
    warning("a longer name", "It is so. " * 20, who="you", action=COMMAND),
    trouble("b", "It is not.", who="me", action="stop"),
]


def free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a configuration on loopback with a key, on ports that were free a moment ago."""
    monkeypatch.delenv("VISAVIS_KEYS", raising=False)
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    (state / "keys").write_text(f"key-1 {SECRET}\n")
    (state / "keys").chmod(0o600)
    path = tmp_path / "visavis.toml"
    path.write_text(
        f"""
[signalling]
port = {free_port(socket.SOCK_STREAM)}
[metrics]
port = 0
[media]
listen = ["127.0.0.1"]
port = {free_port(socket.SOCK_DGRAM)}
receive_buffer_bytes = 131072
[keys]
state_dir = "{state}"
"""
    )
    return path


def doctor(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "signalling", "doctor", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def by_check(findings: list[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {finding["check"]: finding for finding in findings}


def test_the_most_serious_stands_first_and_columns_are_aligned() -> None:
    lines = report(FINDINGS).splitlines()
    assert lines[0] == "TROUBLE  b              It is not."
    assert lines[1:3] == [f"{'':24}Who: me", f"{'':24}Do:  stop"]
    assert lines[3].startswith("WARNING  a longer name  It is so.")
    assert re.match(r" {24}\w", lines[4])
    assert f"{'':24}Do:  {COMMAND}" in lines, "a command is never wrapped"
    assert lines[-3:] == ["ok       a              All is well.", "", "1 trouble, 1 warning, 1 ok"]


@pytest.mark.parametrize(
    ("findings", "code"), [(FINDINGS, 1), (FINDINGS[:2], 0), (FINDINGS[:1], 0)]
)
def test_trouble_alone_ends_with_one(findings: list[Finding], code: int) -> None:
    assert exit_code(findings) == code
    told = json.loads(document(findings))
    assert (told["verdict"] == "trouble") is bool(code)
    assert [finding["verdict"] for finding in told["findings"]] == sorted(
        (finding.verdict.value for finding in findings),
        key=["trouble", "warning", "ok"].index,
    )


@pytest.mark.parametrize("text", ["[signalling\n", "[media]\nprot = 1\n"])
def test_nothing_is_examined_by_a_configuration_that_cannot_be_used(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    (finding,) = examine(path)
    assert (finding.check, finding.verdict) == ("configuration", "trouble")
    assert "Nothing else was examined." in finding.words
    (missing,) = examine(tmp_path / "missing.toml")
    assert "missing.toml cannot be read" in missing.words


@pytest.mark.parametrize("arguments", [("--jason",), ("more",), ("--config",)])
def test_options_that_do_not_exist_end_with_two(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(cli, ["doctor", *arguments]).exit_code == 2


def test_the_doctor_finds_this_machine_fit_for_a_consultation_on_loopback(config: Path) -> None:
    result = doctor("--config", config)
    assert result.stderr == ""
    assert result.returncode == 0, result.stdout
    lines = result.stdout.splitlines()
    assert "\x1b" not in result.stdout
    assert SECRET not in result.stdout
    assert re.fullmatch(r"0 trouble, \d warnings?, \d+ ok", lines[-1])
    verdicts = [word for line in lines if (word := line.split(" ")[0]) in {"WARNING", "ok"}]
    assert verdicts == sorted(verdicts), "warnings first"
    for sentence in (
        f"It can be used: {config}.",
        "1 usable in",
        "Media is received on loopback only",
        "The kernel gives the 0.125 MiB that the relay asks for",
        "SRTP_AEAD_AES_128_GCM",
    ):
        assert sentence in " ".join(result.stdout.split())


def test_the_doctor_knows_a_relay_from_another_program(config: Path) -> None:
    serve = [sys.executable, "-m", "signalling", "serve", "--config", str(config)]
    with subprocess.Popen(serve, stdout=subprocess.PIPE, text=True) as relay:
        try:
            assert relay.stdout is not None
            assert "is running" in relay.stdout.readline()
            beside = doctor("--config", config, "--json")
        finally:
            relay.kill()
    assert beside.returncode == 0, beside.stdout
    told = by_check(json.loads(beside.stdout)["findings"])
    for name in ("signalling port", "media port"):
        assert f"in use by a running relay (process {relay.pid})" in told[name]["words"]
    media = int(re.findall(r"port = (\d+)", config.read_text())[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.bind(("127.0.0.1", media))
        after = doctor("--config", config, "--json")
    assert after.returncode == 1
    content = json.loads(after.stdout)
    assert content["verdict"] == content["findings"][0]["verdict"] == "trouble"
    assert content["counts"]["trouble"] == 1
    taken, free = (each for each in content["findings"] if each["check"] == "media port")
    assert "which is no relay" in taken["words"]
    assert taken["who"]
    assert free["words"] == f"Free: TCP 127.0.0.1:{media}."
    told = by_check(content["findings"])
    assert told["signalling port"]["words"].startswith("Free: TCP 127.0.0.1:")
