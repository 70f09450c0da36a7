"""Each measurement, from its command line to its report; relay and generator are played."""

from __future__ import annotations

import json
from argparse import Namespace
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks import joins, latency, soak
from benchmarks.capacity import __main__ as capacity
from benchmarks.capacity import runs
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.readings import Between
from benchmarks.harness.results import Bar
from benchmarks.harness.stage import Stage
from benchmarks.join_rates import stream_name
from benchmarks.known_capacity import measured_capacity
from tests.unit.benchmarks.conftest import reading
from tests.unit.benchmarks.played_load import path, stage_document, summary


def result(folder: Path, name: str) -> Any:
    assert (folder / f"{name}.html").read_text().count("data:image/png;base64,") >= 1
    return json.loads((folder / f"{name}.json").read_text())


def bars(document: Any) -> dict[str, Any]:
    return {bar["name"]: bar for bar in document["bars"]}


def test_capacity_finds_the_knee(played: Path) -> None:
    assert capacity.main([]) == 0
    document = result(played, "capacity")
    figures = document["figures"]
    # The played core holds 300; the steps near it are a twentieth apart.
    assert 280 <= figures["held_consultations"] <= 300
    assert set(figures["limit_in_each_run"]) <= {"loss", "none reached"}
    assert figures["relayed_packets_per_s_each"] == 370
    held = next(bar for name, bar in bars(document).items() if "held on one core" in name)
    assert (held["met"], held["stretch"]) == (False, 800)
    # 0.4 s for 1,000 packets, and a floor of 300 ns. 399 are more than it holds: no figure.
    *ratios, missing = [bar for name, bar in bars(document).items() if "relay / floor" in name]
    assert [round(bar["value"]) for bar in ratios] == [1_333] * 2
    assert "at 150,000 packets/s" in missing["name"]
    assert (missing["value"], missing["met"]) == (None, False)
    assert missing["unproven"] == "no valid stage reached that rate (loss)"
    assert any("No run has a ratio at 150,000 packets/s" in note for note in document["notes"])
    refused = [run["floors"][rate]["refused"] for run in figures["runs"] for rate in ("133", "399")]
    assert set(refused) <= {"", "the relay's stage was not held (loss)"}
    planned = json.loads((played / "planned.json").read_text())
    carried = figures["held_consultations"] * 370
    assert planned["relayed_packets_per_core_per_s"] == pytest.approx(carried, rel=0.05)


def test_capacity_without_adaptation_is_a_result_of_its_own_that_nobody_plans_with(
    played: Path,
) -> None:
    assert capacity.main(["--runs", "1", "--no-adaptation"]) == 0
    document = result(played, "capacity_unadapted")
    assert document["configuration"]["adaptation"] is False
    kept = next(note for note in document["notes"] if "planner keeps" in note)
    assert "adaptation was not left as it is" in kept
    assert not any((played / name).exists() for name in ("capacity.json", "planned.json"))


def test_a_capacity_that_nobody_could_see_is_written_and_not_met(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.harness.stage.LEAST_CLEAN", 1.0)
    monkeypatch.setattr("benchmarks.capacity.search.FULL_RATE_EACH", 400.0)
    assert capacity.main(["--runs", "1"]) == 0
    document = result(played, "capacity")
    held = document["bars"][0]
    assert (held["value"], held["met"]) == (None, False)
    assert "spoiled every stage" in held["unproven"]
    assert document["figures"]["limit_in_each_run"] == ["host"]
    assert not (played / "planned.json").exists()
    with pytest.raises(BenchmarkFailed, match="make bench-capacity"):
        measured_capacity(adaptation=True)


def test_what_nobody_measured_of_two_workers_has_no_figure(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "shapes", lambda *_: [{}])
    assert capacity.main(["--runs", "1"]) == 0
    named = bars(result(played, "capacity"))
    workers = named["two workers carry, of what one does (by CPU a packet)"]
    assert (workers["value"], workers["met"]) == (None, False)
    assert workers["unproven"] == "people were missing from every run"


def test_a_rate_without_a_valid_floor_has_no_ratio(
    played: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = "benchmarks.capacity.denominators.untrusted"
    monkeypatch.setattr(refused, lambda *_: "its generator was late")
    assert capacity.main(["--runs", "1"]) == 0
    at_50_000 = [bar for name, bar in bars(result(played, "capacity")).items() if "50,000" in name]
    first, compared = (bar for bar in at_50_000 if "150,000" not in bar["name"])
    assert first["value"] is compared["value"] is None
    assert "a valid stage had no floor" in first["unproven"]


def test_latency_subtracts_what_the_loopback_takes(played: Path) -> None:
    (played / "capacity.json").write_text('{"figures": {"held_consultations": 200}}')
    assert latency.main(["--runs", "2", "--measure-s", "1"]) == 0
    document = result(played, "latency")
    levels = {level["consultations"]: level for level in document["figures"]["levels"]}
    assert list(levels) == [20, 40, 50, 60, 80, 100, 120, 140, 160, 180]
    # Played: 400 µs and one for each consultation, less 40 µs.
    assert levels[100]["medians"]["added_p50_ms"] == pytest.approx(0.460)
    named = bars(document)
    assert named["delay added at half capacity (100), p50"]["met"]
    assert named["packets lost at 50 consultations, worst run"]["value"] == 0


def test_without_adaptation_a_capacity_of_its_own_comes_first(played: Path) -> None:
    def found(held: int) -> str:
        return json.dumps({"figures": {"held_consultations": held}})

    (played / "capacity.json").write_text(found(200))
    assert measured_capacity(adaptation=False) == 200
    (played / "capacity_unadapted.json").write_text(found(300))
    assert measured_capacity(adaptation=False) == 300
    assert measured_capacity(adaptation=True) == 200
    (played / "capacity_unadapted.json").write_text(found(0))
    assert measured_capacity(adaptation=False) == 200


def test_with_adaptation_it_is_judged_how_much_was_kept_back(played: Path) -> None:
    asked = ["--capacity", "100", "--runs", "2", "--measure-s", "1"]
    assert latency.main(asked) == 0
    assert latency.main([*asked, "--no-adaptation"]) == 0
    words = "pictures kept back on purpose, at the worst load"
    assert words not in bars(result(played, "latency_unadapted"))
    kept_back = bars(result(played, "latency"))[words]
    assert (kept_back["value"], kept_back["target"], kept_back["met"]) == (0, 1, True)


def test_latency_wants_to_know_what_full_is(played: Path) -> None:
    with pytest.raises(BenchmarkFailed, match="run `make bench-capacity` first, or pass --cap"):
        latency.main([])
    assert not list(played.glob("*.json"))


def test_joins_are_sustained_up_to_the_rate_asked_for(played: Path) -> None:
    assert joins.main(["--runs", "1", "--joins-per-s", "90", "30", "60"]) == 0
    document = result(played, "joins")
    assert document["figures"]["sustained_joins_per_s_each_run"] == [90]
    assert all(bar["met"] for bar in document["bars"])
    names = set(document["figures"]["stream"][0])
    assert names == {"30 joins/s", "60 joins/s", "90 joins/s"} | set(joins.patterns(1))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({"generator_core_share": 0.95}, "the generator was the bottleneck of a burst"),
        ({"void_share": 0.7, "late_share": 0.7}, "the generator was the bottleneck of a burst"),
        ({"void_share": 0.7, "stolen_share": 0.7}, ""),
        (
            {"joins": stage_document(1, 500)["joins"] | {"began_late": summary(90_000.0)}},
            "the generator spread a burst over more than its time",
        ),
    ],
)
def test_a_burst_that_the_generator_limited_proves_nothing(
    changes: dict[str, Any], why: str
) -> None:
    def burst(**changes: Any) -> Stage:
        return Stage(stage_document(100, 500, **changes), Between(reading(0), reading(5)), 100)

    chosen = Namespace(burst=500, joins_per_s=[60])
    stream = [{stream_name(60): burst()}, {stream_name(60): burst(**changes)}]
    sustained, *of_burst = joins._bars(chosen, stream, [burst(), burst(**changes)])
    assert (sustained.value, sustained.met) == (60, True)  # the other run shows nothing else
    assert [bar.unproven for bar in of_burst] == [why] * 3
    assert {bar.met for bar in of_burst} == {not why}


def test_a_soak_is_kept_minute_by_minute(played: Path) -> None:
    assert soak.main(["--minutes", "30", "--consultations", "100"]) == 0
    document = result(played, "soak")
    assert len(document["figures"]["minutes"]) == 30
    assert {"consultations", "seed", "begun_at", "ended_at"} <= document["configuration"].keys()
    assert bars(document)["growth of memory, beside the caches"]["value"] == 0


def test_a_short_soak_has_figures_and_no_bars(played: Path) -> None:
    assert soak.main(["--minutes", "2", "--consultations", "100"]) == 0
    document = result(played, "soak")
    assert document["bars"] == []
    assert "too short to judge" in document["notes"][0]
    assert document["figures"]["growth_percent"] == 0


def test_a_soak_is_judged_by_the_most_it_ever_had() -> None:
    def minute(index: int) -> Stage:
        before, after = reading(index), reading(index + 1)
        grown = replace(
            after.process,
            resident_bytes=100_000_000 + 1_000_000 * index,
            open_files=25 if index == 10 else 20,
        )
        dropped = {"socket_lost": 1} if index == 20 else {}
        server = Between(before, replace(after, process=grown))
        return Stage(stage_document(100, ended=dropped), server, 100)

    found = {
        bar.name: bar
        for bar in soak._Seen.of([minute(n) for n in range(30)]).bars(adaptation=False)
    }
    growth = found["growth of memory, beside the caches"]
    assert growth.value == pytest.approx(100 * 26 / 116)
    assert not growth.met
    assert found["most open descriptors above the first"].value == 5
    assert found["participants dropped, or never there"].value == 1
    assert found["packets lost"].met


def test_a_soak_with_adaptation_keeps_back_hardly_anything() -> None:
    def found(withheld: int) -> dict[str, Bar]:
        kept = stage_document(100)["relayed"] | {"withheld": withheld}
        document = stage_document(100, relayed=kept, relayed_clean=kept)
        minutes = [Stage(document, Between(reading(n), reading(n + 1)), 100) for n in range(30)]
        return {bar.name: bar for bar in soak._Seen.of(minutes).bars(adaptation=True)}

    expected = stage_document(100)["relayed"]["expected"]
    kept_back = found(round(0.02 * expected))["pictures kept back on purpose"]
    assert kept_back.value == pytest.approx(100 * 0.02 / 1.02, rel=0.01)
    assert not kept_back.met
    assert found(expected // 200)["pictures kept back on purpose"].met


def test_a_minute_in_which_nobody_was_there_says_nothing_of_delay() -> None:
    def minute(index: int, **changes: Any) -> Stage:
        return Stage(stage_document(100, **changes), Between(reading(index), reading(index + 1)), 1)

    nothing = path(0, 0, 0.0)
    empty = {"consultations": 0, "relayed": nothing, "relayed_clean": nothing}
    there = [minute(n) for n in range(15)]
    half = soak._Seen.of([*there, *(minute(n, **empty) for n in range(15, 30))])
    assert half.added_p99_ms == soak._Seen.of(there).added_p99_ms
    assert half.doubt == ""
    most = soak._Seen.of([*there[:14], *(minute(n, **empty) for n in range(14, 30))])
    assert most.doubt == "most minutes were disturbed or empty"
    silent = path(1_000, 1_000, 0.0)
    lost = [minute(n, relayed=silent, relayed_clean=silent) for n in range(30)]
    found = {bar.name: bar for bar in soak._Seen.of(lost).bars(adaptation=False)}
    assert found["packets lost"].value == 100
    assert found["delay added, p99"].value is None
    assert not found["delay added, p99"].met


@pytest.mark.parametrize(
    ("values", "grown"),
    [([100.0] * 10, 0.0), ([100.0 + n for n in range(11)], 10 / 105), ([100.0] * 9 + [900.0], 0.0)],
)
def test_growth_is_what_most_minutes_say(values: list[float], grown: float) -> None:
    assert soak.growth_share(values) == pytest.approx(grown)
