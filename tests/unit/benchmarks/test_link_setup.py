"""What a link is asked to be, and what of it is refused before anybody is asked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from benchmarks.adaptation.link_setup import KEYS, Change, LinkSetup, schedule_of
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT

STEP: dict[str, Any] = {"t_ms": 30_000, "direction": "down", "key": "rate_bps", "value": 500_000}


def test_a_setup_is_written_as_the_emulator_reads_it(tmp_path: Path) -> None:
    setup = LinkSetup(
        down={"trace_path": tmp_path / "a.trace"},
        up={"loss": {"p": 0.1, "r": 0.5}},
        schedule=[Change(**STEP)],
        duration_s=2.5,
        core=1,
        keep_awake=True,
    )
    assert json.loads(json.dumps(setup.document())) == {
        "seed": 1,
        "busy_wait_us": 0,
        "keep_awake": True,
        "duration_s": 2.5,
        "core": 1,
        "down": {"trace_path": str(tmp_path / "a.trace")},
        "up": {"loss": {"p": 0.1, "r": 0.5}},
        "schedule": [STEP],
    }


def test_a_schedule_is_lines_of_json() -> None:
    other = STEP | {"t_ms": 60_000.5, "value": None}
    text = f"{json.dumps(STEP)}\n\n{json.dumps(other)}\n"
    assert [change.row() for change in schedule_of(text)] == [STEP, other]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", "line 2 of the schedule is no change"),
        ("[1]", "line 2 of the schedule is no change"),
        (json.dumps(STEP | {"speed": 1}), "line 2 of the schedule is no change"),
        (json.dumps({"t_ms": 0}), "line 2 of the schedule is no change"),
        (json.dumps(STEP | {"direction": "left"}), "line 2 of the schedule: .*down and up"),
        (json.dumps(STEP | {"key": "rate"}), "line 2 of the schedule: 'rate' cannot be set"),
        (json.dumps(STEP | {"t_ms": -1}), "line 2 of the schedule: .*at 0 ms or later"),
        (json.dumps(STEP | {"t_ms": float("nan")}), "line 2 of the schedule: .*at 0 ms or later"),
        (json.dumps(STEP | {"t_ms": "soon"}), "line 2 of the schedule is no change"),
    ],
)
def test_a_line_that_is_no_change_is_named(line: str, words: str) -> None:
    with pytest.raises(BenchmarkFailed, match=words):
        schedule_of(f"{json.dumps(STEP)}\n{line}\n")


@pytest.mark.parametrize("way", ["down", "up"])
def test_a_figure_that_nobody_knows_is_refused(way: str) -> None:
    settings: dict[str, Any] = {way: {"delay": 50}}
    with pytest.raises(BenchmarkFailed, match=f"{way}: 'delay' cannot be set"):
        LinkSetup(**settings)


def test_both_languages_know_the_same_keys() -> None:
    source = (ROOT / "codecs/loadgen/src/emulator/setting.rs").read_text()
    listed = re.search(r"const KEYS: \[&str; \d+\] = \[(.*?)\];", source, re.DOTALL)
    assert listed
    assert set(re.findall(r'"(\w+)"', listed[1])) == KEYS
