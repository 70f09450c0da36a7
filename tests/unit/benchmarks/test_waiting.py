"""What people who wait cost, as figures and bars."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from benchmarks.harness.readings import Between, Reading
from benchmarks.harness.stage import Stage
from benchmarks.waiting_report import Run, bars_of
from tests.unit.benchmarks.conftest import reading
from tests.unit.benchmarks.played_load import stage_document, summary


def stage(p95_ms: float, **changes: Any) -> Stage:
    joins = stage_document(0, 100)["joins"] | {"join_ms": summary(1_000 * p95_ms / 1.5, 100)}
    document = stage_document(0, 100, joins=joins, **changes)
    return Stage(document, Between(reading(0), reading(5)), 0)


def resident(at: Reading, resident_bytes: int) -> Reading:
    return replace(at, process=replace(at.process, resident_bytes=resident_bytes))


def run(before_ms: float, waiting_ms: float, after_ms: float, **changes: Any) -> Run:
    stages = [stage(ms, **changes) for ms in (before_ms, waiting_ms, after_ms)]
    grown = resident(reading(1), 100_000_000 + 100 * 20 * 1024)
    return Run(stages, reading(0), Between(grown, reading(2)), people=100, lost=0)


def test_memory_is_what_was_grown_by_over_how_many_came() -> None:
    assert run(40.0, 40.0, 40.0).kib_each == 20.0


def test_a_join_is_held_against_the_mean_of_before_and_after() -> None:
    assert round(run(40.0, 66.0, 80.0).longer_percent, 6) == 10.0


def test_the_bars_are_of_medians_and_of_the_worst_loss() -> None:
    runs = [run(40.0, 44.0, 40.0), run(40.0, 60.0, 40.0), run(40.0, 42.0, 40.0)]
    memory, core, longer, lost = bars_of([*runs[:2], replace(runs[2], lost=3)])
    assert memory.met
    # The played relay keeps 0.4 of a core busy.
    assert (round(core.value or 0.0), core.met) == (40, False)
    assert (round(longer.value or 0.0, 6), longer.met) == (10.0, True)
    assert (lost.value, lost.met) == (3, False)


def test_joins_that_the_generator_shaped_prove_nothing() -> None:
    bar = bars_of([run(40.0, 40.0, 40.0, generator_core_share=1.0)])[2]
    assert not bar.met
    assert "generator" in bar.doubt
