"""Bars are judged by their figures, and a packet's way is summed up as it was."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from benchmarks.floor import PACKETS_PER_CONSULTATION_S, peers_at_real_pace
from benchmarks.floor import setup as floor_setup
from benchmarks.harness import plots, programs, progress, report, results
from benchmarks.harness.results import MISSING, Bar, Result, Sense


@pytest.mark.parametrize(
    ("bar", "met"),
    [
        (Bar("delay", 2.0, "ms", 2.0), True),
        (Bar("delay", 2.01, "ms", 2.0), False),
        (Bar("joins", 60, "1/s", 60, "at least"), True),
        (Bar("joins", 59, "1/s", 60, "at least"), False),
    ],
)
def test_a_bar_is_met_by_its_figure(bar: Bar, met: bool) -> None:
    assert bar.met is met
    assert bar.row()["met"] is met


@pytest.mark.parametrize(
    ("bar", "verdict"),
    [
        (Bar("ratio", 1.2, "times", 1.4, stretch=1.2), "met, and the stretch"),
        (Bar("ratio", 1.3, "times", 1.4, stretch=1.2), "met"),
        (Bar("held", 449, "consultations", 450, "at least", stretch=800), "not met"),
    ],
)
def test_a_stretch_is_told_and_never_asked_for(bar: Bar, verdict: str) -> None:
    assert bar.verdict == verdict
    assert bar.row()["stretch"] == bar.stretch
    assert f"(stretch {bar.stretch:g})" in bar.has_to_be


def test_a_missing_figure_says_why_and_is_never_met() -> None:
    for sense in get_args(Sense):
        bar = Bar("ratio", None, "times", 0, sense, stretch=0, unproven="nobody got there")
        assert not bar.met
        assert (bar.found, bar.verdict) == (MISSING, "not met: nobody got there")
        row = json.loads(json.dumps(bar.row()))
        assert (row["value"], row["met"], row["unproven"]) == (None, False, "nobody got there")


def test_no_figure_is_missing_without_a_word() -> None:
    with pytest.raises(AssertionError, match="nobody says why «ratio» is missing"):
        Bar("ratio", None, "times", 1.4)


def test_a_report_shows_a_missing_figure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "FOLDER", tmp_path)
    bars = [Bar("ratio", None, "times", 1.4, unproven="nobody got there")]
    made = Result("floor", {}, {}, bars)
    html = report.write(made, title="Floor", summary="", drawn=[], tables=[]).read_text()
    assert f"<td>ratio</td><td>{MISSING}</td>" in html
    assert "not met: nobody got there" in html


def test_a_terminal_shows_a_missing_figure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    progress.show_bars([Bar("ratio", None, "times", 1.4, unproven="nobody got there")])
    shown = capsys.readouterr().out
    assert re.search(rf"ratio +{MISSING} +at most 1\.4 times +not met: nobody got there", shown)


def test_a_result_says_what_where_and_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    result = Result("floor", {"runs": 3}, {"median": 1}, [Bar("lost", 0, "packets", 0)])
    written = json.loads(result.write().read_text())
    assert written["bars"] == [
        {
            "name": "lost",
            "value": 0,
            "unit": "packets",
            "target": 0,
            "sense": "at most",
            "met": True,
        }
    ]
    assert {"commit", "machine", "configuration", "figures"} <= written.keys()
    assert written["machine"]["cores"] >= 1


def test_a_measurement_is_held_against_something() -> None:
    with pytest.raises(AssertionError):
        Result("floor", {}, {}, []).document()


def test_what_took_longer_falls_to_nothing() -> None:
    edges, shares = plots.exceeding([(10.0, 3), (20.0, 1)])
    assert edges == [10.0, 20.0]
    assert shares == [0.25, 0.0]


def test_the_floor_is_asked_for_the_rate_that_was_wanted() -> None:
    document = floor_setup(50_000, 1_082, gather_us=1_000, measure_s=1, seed=1)
    rate = document["consultations"] * document["pace"] * PACKETS_PER_CONSULTATION_S
    assert (document["consultations"], round(rate)) == (541, 50_000)
    assert peers_at_real_pace(50_000) == 266


def test_distributions_stay_out_of_what_is_committed() -> None:
    found = programs.without_buckets({"delay": {"p99_us": 1, "buckets": [[1, 2]]}, "runs": 3})
    assert found == {"delay": {"p99_us": 1}, "runs": 3}
