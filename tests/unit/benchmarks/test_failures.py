"""A measurement that cannot be made says so in one sentence and leaves no figure."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import floor, forwarding, packet_path
from benchmarks.harness import programs
from benchmarks.harness.failure import BenchmarkFailed, run
from benchmarks.relay_under_test import RelayUnderTest


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for cargo's folder: what is put there is what was built."""
    monkeypatch.setenv("CARGO_TARGET_DIR", str(tmp_path))
    (tmp_path / "release").mkdir()
    return tmp_path / "release"


def put(build: Path, program: str, script: str) -> None:
    path = build / program
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("main", "arguments"),
    [
        (floor.main, ["--packets-per-s", "ten"]),
        (floor.main, ["--runs", "0"]),
        (floor.main, ["--measure-s", "0.1"]),
        (forwarding.main, ["--gather-us", "5000"]),
        (forwarding.main, ["--no-such-option"]),
        (packet_path.main, ["--rooms", "-1"]),
    ],
)
def test_a_bad_option_is_named(
    main: object, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(main)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_a_missing_program_says_how_to_build_it(build: Path) -> None:
    assert not (build / "floor").exists()
    with pytest.raises(BenchmarkFailed, match="cargo build --release -p loadgen"):
        programs.run("floor", {}, timeout_s=5)


def test_a_program_that_fails_is_quoted(build: Path) -> None:
    put(build, "floor", "echo 'floor: core 7 is not ours to use' >&2; exit 2")
    with pytest.raises(BenchmarkFailed, match="core 7 is not ours to use"):
        programs.run("floor", {}, timeout_s=5)


def test_a_program_that_hangs_is_stopped(build: Path) -> None:
    put(build, "floor", "exec sleep 60")
    with pytest.raises(BenchmarkFailed, match="did not end within 1 s"):
        programs.run("floor", {}, timeout_s=1)


def test_an_outcome_of_a_program_that_failed_is_no_outcome(build: Path) -> None:
    put(build, "floor", """echo '{"outcome": {"cpu_ns_per_packet": 1}}'; exit 9""")
    with pytest.raises(BenchmarkFailed, match="status 9"):
        programs.run("floor", {}, timeout_s=5)


def test_milestones_are_told_before_the_outcome(build: Path) -> None:
    put(
        build,
        "floor",
        """cat > /dev/null; echo '{"milestone": "connected"}'; echo '{"outcome": {}}'""",
    )
    told: list[str] = []
    assert programs.run("floor", {}, timeout_s=5, on_milestone=told.append) == {}
    assert told == ["connected"]


def test_a_relay_that_died_is_mourned() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "raise SystemExit('no memory left')"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.wait()
        with pytest.raises(BenchmarkFailed, match="ended in mid-run with status 1: no memory left"):
            RelayUnderTest(process).read()


def test_a_failure_is_one_sentence_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    def work() -> int:
        raise BenchmarkFailed("the relay did not answer")

    with pytest.raises(SystemExit) as ended:
        run("forwarding", work)
    assert ended.value.code == 2
    assert re.fullmatch(r"forwarding: the relay did not answer\n", capsys.readouterr().err)
