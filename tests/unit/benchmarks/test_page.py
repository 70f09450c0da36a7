"""The documents show the figures that are committed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.harness.results import FOLDER, MISSING, Bar, Result

PLACE = "before\n<!-- figures: floor -->\nold\n<!-- end of figures -->\nafter\n"


@pytest.mark.parametrize("path", page.DOCUMENTS, ids=lambda path: path.name)
def test_a_document_shows_what_was_measured(path: Path) -> None:
    """If this fails: `python -m benchmarks.page`."""
    text = path.read_text()
    assert page.rendered(text, path.parent) == text


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(page, "FOLDER", tmp_path / "results")
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def test_what_was_not_measured_says_how_to(results: Path) -> None:
    text = page.rendered(PLACE, results.parent)
    assert "`make bench-floor`" in text
    assert "old" not in text
    assert text.startswith("before\n<!-- figures: floor -->\n")
    assert text.endswith("<!-- end of figures -->\nafter\n")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_committed_figure_is_missing_only_with_a_reason(path: Path) -> None:
    bars = json.loads(path.read_text())["bars"]
    assert all(bar["value"] is not None or bar["unproven"] for bar in bars)
    assert not any(bar["met"] for bar in bars if bar["value"] is None)


def test_a_figure_that_proves_nothing_says_why(results: Path) -> None:
    doubt = "both workers shared one core"
    bars = [Bar("two workers", 2.29, "times", 1.8, "at least", unproven=doubt)]
    (results / "floor.json").write_text(json.dumps(Result("floor", {}, {}, bars).document()))
    text = page.rendered(PLACE, results.parent)
    assert "| 2.29 times | at least 1.8 times | **no**: both workers shared one core |" in text


def test_a_missing_figure_is_a_dash(results: Path) -> None:
    bars = [Bar("ratio", None, "times", 1.4, unproven="nobody got there")]
    (results / "floor.json").write_text(json.dumps(Result("floor", {}, {}, bars).document()))
    text = page.rendered(PLACE, results.parent)
    assert f"| ratio | {MISSING} | at most 1.4 times | **no**: nobody got there |" in text


def test_a_result_is_shown_with_its_verdicts_and_its_plot(results: Path) -> None:
    bars = [
        Bar("ratio", 1.3456, "times", 1.4, stretch=1.2),
        Bar("held", 449, "consultations", 450, "at least"),
    ]
    document = Result("floor", {}, {}, bars, notes=["It was warm."]).document()
    (results / "floor.json").write_text(json.dumps(document))
    (results / "floor.png").touch()
    text = page.rendered(PLACE, results.parent)
    assert "| ratio | 1.35 times | at most 1.4 times (stretch 1.2) | yes |" in text
    assert "| held | 449 consultations | at least 450 consultations | **no** |" in text
    assert "- It was warm." in text
    assert "[![floor](results/floor.png)](results/floor.html)" in text
    assert page.rendered(text, results.parent) == text


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({"adaptation": True}, " with adaptation at commit"),
        ({"adaptation": False}, " with `media.adaptation = false` at commit"),
        ({}, "Measured 2026-01-01 at commit"),
    ],
)
def test_a_measurement_of_load_says_whether_it_was_made_with_adaptation(
    results: Path, configuration: dict[str, bool], words: str
) -> None:
    bars = [Bar("ratio", 1.3, "times", 1.4)]
    result = Result("floor", configuration, {}, bars, measured_at="2026-01-01T00:00:00+00:00")
    (results / "floor.json").write_text(json.dumps(result.document()))
    assert words in page.rendered(PLACE, results.parent)


@pytest.mark.parametrize(
    ("name", "configuration", "is_told"),
    [
        ("soak", {"adaptation": False}, True),
        ("soak", {"adaptation": True}, False),
        ("soak_unadapted", {"adaptation": False}, False),
        ("floor", {}, False),
    ],
)
def test_figures_of_an_earlier_state_cannot_be_taken_for_those_of_a_relay_of_now(
    results: Path, name: str, configuration: dict[str, bool], *, is_told: bool
) -> None:
    document = Result(name, configuration, {}, [Bar("ratio", 1.3, "times", 1.4)]).document()
    (results / f"{name}.json").write_text(json.dumps(document))
    place = f"<!-- figures: {name} -->\n<!-- end of figures -->\n"
    warning, _, table = page.rendered(place, results.parent).partition("| figure |")
    assert table
    assert ("of an earlier state, without adaptation" in warning) is is_told
    assert (f"`make bench-{name}` has not run since" in warning) is is_told


def test_the_plots_of_a_result_link_to_its_report(results: Path) -> None:
    place = "<!-- plots: calls -->\n<!-- end of plots -->\n"
    assert "`make bench-calls`" in page.rendered(place, results.parent)
    drawn = {"plots": ["calls", "calls_step", "calls_lost"]}
    document = Result("calls", {}, drawn, [Bar("ratio", 1.3, "times", 1.4)]).document()
    (results / "calls.json").write_text(json.dumps(document))
    for name in ("calls", "calls_step"):
        (results / f"{name}.png").touch()
    text = page.rendered(place, results.parent)
    assert "[![calls step](results/calls_step.png)](results/calls.html)" in text
    assert "[![calls](results/calls.png)](results/calls.html)" in text
    assert "lost" not in text
    assert page.rendered(text, results.parent) == text
