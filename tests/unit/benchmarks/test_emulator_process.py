"""The emulator's process: what it says is heard, and it ends whatever it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.adaptation import emulated_link, emulator_process, sides
from benchmarks.adaptation.emulator_process import running
from benchmarks.adaptation.link_setup import LinkSetup
from benchmarks.harness.failure import BenchmarkFailed


def program(folder: Path, script: str) -> Path:
    """Write an emulator in shell."""
    path = folder / "emulator"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


READY = """read setup; echo '{"ready": {"began_monotonic_ns": 5}}'"""


def test_answers_come_to_who_asked_and_the_outcome_at_the_end(tmp_path: Path) -> None:
    script = f"""{READY}
read change; echo '{{"accepted": {{"t_ms": 7.5}}}}'
read change; echo '{{"refused": "no such key"}}'
read change || echo '{{"outcome": {{"lasted_s": 1}}}}'"""
    with running(program(tmp_path, script)) as process:
        assert process.ask({})["ready"]["began_monotonic_ns"] == 5
        assert process.ask({})["accepted"]["t_ms"] == 7.5
        assert process.ask({})["refused"] == "no such key"
        assert process.end() == {"lasted_s": 1}


def test_a_setup_that_is_refused_is_told_in_the_emulators_words(tmp_path: Path) -> None:
    refusing = program(tmp_path, "echo 'emulator: no such rate' >&2; exit 2")
    with running(refusing) as process, pytest.raises(BenchmarkFailed, match="no such rate"):
        process.ask({})


def test_an_emulator_that_ends_without_an_outcome_is_a_failure(tmp_path: Path) -> None:
    ending = program(tmp_path, f"{READY}\nexit 3")
    with running(ending) as process:
        process.ask({})
        with pytest.raises(BenchmarkFailed, match="status 3 without a word"):
            process.end()


def test_an_emulator_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator_process, "WITHIN_S", 0.2)
    # It listens to nothing but the last word.
    hanging = program(tmp_path, "trap '' TERM\nexec sleep 600")
    with running(hanging) as process, pytest.raises(BenchmarkFailed, match="said nothing for"):
        process.ask({})


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ("nsenter", "nsenter is missing; as root: apt-get install"),
        ("root", "needs root.*sudo"),
        ("tun", "whoever runs this machine must load it"),
    ],
)
def test_who_must_act_is_told_when_the_machine_does_not_let_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str, words: str
) -> None:
    def which(name: str) -> str | None:
        return None if name == missing else f"/usr/bin/{name}"

    def effective_user() -> int:
        return 1_000 if missing == "root" else 0

    monkeypatch.setattr("shutil.which", which)
    monkeypatch.setattr("os.geteuid", effective_user)
    monkeypatch.setattr(sides, "_TUN", tmp_path / "tun" if missing == "tun" else tmp_path)
    with pytest.raises(BenchmarkFailed, match=words), _link(LinkSetup()):
        pytest.fail("there is no link")


def _link(setup: LinkSetup) -> Any:
    return emulated_link.emulated_link(setup)
