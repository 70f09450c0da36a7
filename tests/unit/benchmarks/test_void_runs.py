"""A run that the machine spoiled is marked, made again, and never counted; one that fails, too."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from benchmarks.adaptation.endtoend import __main__ as endtoend
from benchmarks.adaptation.endtoend import drawing, making
from benchmarks.adaptation.endtoend.bars import bars
from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.making import Making
from benchmarks.adaptation.endtoend.outcome import Outcome
from benchmarks.adaptation.endtoend.played import ATTEMPTS, Attempt, Played
from benchmarks.adaptation.endtoend.runs import STARTS_TAKE_S, CallFailed
from benchmarks.adaptation.endtoend.scenarios import SCENARIOS, Scenario
from benchmarks.adaptation.endtoend.void import MOST_CPU_LIMITED, MOST_STOLEN, why_void
from benchmarks.harness import plots, progress, report, results
from benchmarks.harness.failure import BenchmarkFailed

LOSS = SCENARIOS["loss_2"]
CALM, SHORT, STOLEN = (0.0, 0.0), (0.2, 0.0), (0.0, 0.1)


def played_by(
    monkeypatch: pytest.MonkeyPatch, *shares: tuple[float, float] | BaseException
) -> None:
    """Let runs be short of processor, and robbed of it, by such shares, or fail; no real call."""
    left = iter(shares)

    async def record(*_: Any) -> Any:
        share = next(left)
        if isinstance(share, BaseException):
            raise share
        cpu_limited, stolen = share
        late = {"late": {"p99_us": 100}}
        return SimpleNamespace(
            emulator=late,
            stolen_share=stolen,
            course=SimpleNamespace(cpu_limited_share=cpu_limited),
        )

    monkeypatch.setattr(making, "record", record)
    monkeypatch.setattr(making, "course_of", lambda recorded: recorded.course)
    monkeypatch.setattr(making, "figures_of", lambda _: {"utilisation_percent": 95.0})


@pytest.fixture
def watch() -> Iterator[progress.Watch]:
    with progress.watch("a measurement", 60) as watch:
        yield watch


def voids(attempts: Sequence[Attempt]) -> list[bool]:
    return [not attempt.counts for attempt in attempts]


def test_a_run_is_void_beyond_what_a_moment_is() -> None:
    assert why_void(cpu_limited_share=MOST_CPU_LIMITED, stolen_share=MOST_STOLEN) == ""
    assert why_void(cpu_limited_share=0.12, stolen_share=0.0) == (
        "an encoder was short of processor for 12% of the time"
    )
    both = why_void(cpu_limited_share=0.5, stolen_share=0.031)
    assert "50%" in both
    assert "took away 3.1% of the processors" in both


def test_a_void_run_is_made_again_and_does_not_count(
    monkeypatch: pytest.MonkeyPatch, watch: progress.Watch
) -> None:
    played_by(monkeypatch, SHORT, STOLEN, CALM)
    made = Making(Played(), watch, spare=5)
    assert made.run(LOSS, Way.RELAY, 7) is not None
    assert voids(made.played.of("loss_2", Way.RELAY)) == [True, True, False]
    assert made.played.counted("loss_2", Way.RELAY) == [{"utilisation_percent": 95.0}]
    assert made.spare == 3
    first, second = made.played.notes()[1:]
    assert "loss_2, relay, seed 7: an encoder was short" in first
    assert "the host took away 10.0%" in second
    assert made.played.notes()[0].startswith("2 of 3 attempts were void")


def test_it_is_given_up_after_three_attempts_or_when_none_are_left(
    monkeypatch: pytest.MonkeyPatch, watch: progress.Watch
) -> None:
    played_by(monkeypatch, SHORT, SHORT, SHORT, SHORT)
    made = Making(Played(), watch, spare=2)
    assert made.run(LOSS, Way.RELAY, 1) is None
    assert len(made.played.of("loss_2", Way.RELAY)) == ATTEMPTS
    assert made.run(LOSS, Way.DIRECT, 1) is None
    assert len(made.played.of("loss_2", Way.DIRECT)) == 1
    assert made.played.counted("loss_2", Way.RELAY) == []


def test_a_run_that_fails_is_told_and_ends_nothing(
    monkeypatch: pytest.MonkeyPatch, watch: progress.Watch
) -> None:
    played_by(monkeypatch, BenchmarkFailed("no picture came\nwithin 30 s"), IndexError(), CALM)
    made = Making(Played(), watch, spare=5)
    assert made.run(LOSS, Way.RELAY, 1) is not None
    failed = made.played.of("loss_2", Way.RELAY)[:2]
    assert all(each.failed for each in failed)
    assert [each.void for each in failed] == [
        "it came to nothing: no picture came",
        "it came to nothing: IndexError",
    ]


def test_a_call_that_fails_though_the_machine_had_enough_counts_as_the_worst(
    monkeypatch: pytest.MonkeyPatch, watch: progress.Watch
) -> None:
    played_by(monkeypatch, CallFailed("no picture came", MOST_STOLEN))
    made = Making(Played(), watch, spare=5)
    assert made.run(LOSS, Way.RELAY, 1) is None
    (failed,) = made.played.of("loss_2", Way.RELAY)
    assert (failed.counts, failed.failed, failed.failure) == (True, True, "no picture came")
    assert made.played.is_settled("loss_2", Way.RELAY, 1), "it is not made again"
    (figures,) = made.played.counted("loss_2", Way.RELAY)
    assert figures == {
        "utilisation_percent": 0.0,
        "audio_concealed_percent": math.inf,
        "frozen_s": math.inf,
        "frames_per_s": 0.0,
    }
    found = bars({"loss_2": [figures]}, 1)
    assert [bar.value for bar in found] == [0.0, None]
    assert [bar.met for bar in found] == [False, False]
    assert made.played.failed == 1
    assert made.played.notes() == [
        "0 of 1 attempts were void and are not counted.",
        "Failed, and counted as the worst: loss_2, relay, seed 1: no picture came.",
    ]


def test_a_call_that_fails_while_the_host_takes_the_processors_away_is_void(
    monkeypatch: pytest.MonkeyPatch, watch: progress.Watch
) -> None:
    played_by(monkeypatch, CallFailed("no picture came", 2 * MOST_STOLEN), CALM)
    made = Making(Played(), watch, spare=5)
    assert made.run(LOSS, Way.RELAY, 1) is not None
    failed, _ = made.played.of("loss_2", Way.RELAY)
    assert (failed.counts, failed.failed) == (False, True)
    assert failed.void == (
        "it came to nothing: no picture came; the host took away 4.0% of the processors"
    )
    assert made.played.failed == 1


def attempt(seed: int, void: str = "", **figures: float) -> Attempt:
    at = "2026-01-01T00:00:00+00:00"
    return Attempt(seed, at, at, "c" * 40, void, figures=figures)


def test_bars_are_of_runs_that_count_and_say_how_many_do_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    outcome = Outcome("adaptation_tried", 2, 1, [LOSS, SCENARIOS["loss_10"]], "then")
    outcome.played.add("loss_2", Way.RELAY, attempt(1, utilisation_percent=95.0))
    outcome.played.add("loss_2", Way.RELAY, attempt(2, "short", utilisation_percent=1.0))
    outcome.write()
    document = json.loads((tmp_path / "adaptation_tried.json").read_text())
    used = next(bar for bar in document["bars"] if "used with padding" in bar["name"])
    assert (used["value"], used["met"]) == (95, False)
    assert used["unproven"] == "of 1 runs, and 2 are asked for"
    assert document["figures"]["counted"] == 1
    assert document["figures"]["void"] == [{"run": "loss_2, relay, seed 2", "why": "short"}]
    assert document["notes"][0] == "Not played yet: loss_10."
    assert document["configuration"]["seed"] == 1
    assert document["configuration"]["ended_at"] > document["configuration"]["began_at"][:0]


def test_what_was_played_is_gone_on_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)
    outcome = Outcome("adaptation", 1, 1, [LOSS], "then")
    kept = attempt(1, never=math.inf, untold=math.nan, told=1.5)
    outcome.played.add("loss_2", Way.RELAY, attempt(1, "short"))
    outcome.played.add("loss_2", Way.RELAY, kept)
    outcome.write()
    again = Played.read(tmp_path / "adaptation.json")
    assert again.is_settled("loss_2", Way.RELAY, 1)
    assert not again.is_settled("loss_2", Way.RELAY, 2)
    assert not again.is_settled("loss_2", Way.DIRECT, 1)
    (figures,) = again.counted("loss_2", Way.RELAY)
    assert math.isnan(figures.pop("untold"))
    assert figures == {"never": math.inf, "told": 1.5}
    assert Played.read(tmp_path / "missing.json").attempts == {}
    (tmp_path / "other.json").write_text('{"figures": {}}')
    with pytest.raises(BenchmarkFailed, match="leave out --resume"):
        Played.read(tmp_path / "other.json")


def test_layers_are_not_played_directly() -> None:
    ways = list(Way)
    assert endtoend.ways_of(SCENARIOS["step_layers"], ways) == [Way.RELAY]
    assert endtoend.ways_of(SCENARIOS["step"], ways) == ways
    assert all(not each.beside or each.beside in SCENARIOS for each in SCENARIOS.values())


@pytest.fixture
def anywhere(results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Measure without root, without a browser, and with plots of nothing; give where results go."""

    def draw(name: str, scenario: Scenario, courses: Sequence[Any]) -> report.Plot:
        assert 1 <= len(courses) <= 2
        plots.path_of(name).write_bytes(b"a plot")
        return drawing.shown(name, scenario)

    monkeypatch.setattr(endtoend, "FOLDER", results_folder)
    monkeypatch.setattr(endtoend, "need_rights", lambda: None)
    monkeypatch.setattr(endtoend, "EXECUTABLE", Path(__file__))
    monkeypatch.setattr("benchmarks.harness.machine.need_cores", lambda _: None)
    monkeypatch.setattr(drawing, "draw", draw)
    return results_folder


def test_a_measurement_that_is_interrupted_goes_on_where_it_was(
    anywhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = [name for name in SCENARIOS if not name.startswith("rfc8867")]
    played_by(monkeypatch, CALM, CALM, SHORT, CALM, KeyboardInterrupt())
    with pytest.raises(BenchmarkFailed, match="--resume goes on from there"):
        endtoend.main(["--runs", "1"])
    path = anywhere / "adaptation.json"
    part = json.loads(path.read_text())
    assert part["notes"][0] == f"Not played yet: {', '.join(every[2:])}."
    assert part["figures"]["counted"] == 3
    assert [void["run"] for void in part["figures"]["void"]] == ["step_layers, relay, seed 1"]

    left = [CALM] * (2 * len(every) - 4)
    played_by(monkeypatch, *left)
    assert endtoend.main(["--runs", "1", "--resume"]) == 0
    whole = json.loads(path.read_text())
    assert whole["figures"]["counted"] == 2 * len(every) - 1, "layers are not played directly"
    assert list(whole["figures"]["runs"]) == every
    assert whole["figures"]["plots"][:2] == ["adaptation", "adaptation_step_layers"]
    assert "Not played yet" not in whole["notes"][0]
    assert whole["notes"][0].startswith("One run of each")
    assert (anywhere / "adaptation.html").read_text().count("data:image/png") == len(every)


def test_one_scenario_alone_is_no_result_that_documents_show(
    anywhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played_by(monkeypatch, CALM, CALM)
    assert endtoend.main(["--runs", "1", "--scenario", "loss_2"]) == 0
    assert sorted(path.name for path in anywhere.glob("*.json")) == ["adaptation_tried.json"]


def test_rfc_8867_is_one_run_of_each_unless_more_are_asked_for(
    anywhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [name for name in SCENARIOS if name.startswith("rfc8867")]
    played_by(monkeypatch, *([CALM] * 2 * len(cases)))
    assert endtoend.main(["--rfc8867"]) == 0
    document = json.loads((anywhere / "adaptation_rfc8867.json").read_text())
    assert document["configuration"]["runs"] == 1
    assert document["configuration"]["left_out"]
    assert document["figures"]["counted"] == 2 * len(cases)
    lasts_s = sum(SCENARIOS[name].lasts_s + STARTS_TAKE_S for name in cases)
    assert 2 * lasts_s <= 52 * 60
