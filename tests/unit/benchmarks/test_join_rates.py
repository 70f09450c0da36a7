"""A rate is sustained if people joined in time, and if that many were really asked for."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.harness.readings import Between
from benchmarks.harness.stage import Stage
from benchmarks.join_rates import stream_name, sustained, telling, why_not_sustained
from tests.unit.benchmarks.conftest import reading
from tests.unit.benchmarks.played_load import stage_document, summary


def stage(**changes: Any) -> Stage:
    return Stage(stage_document(100, 60, **changes), Between(reading(0), reading(2)), 100)


def joins(**changes: Any) -> dict[str, Any]:
    return {"joins": stage_document(100, 60)["joins"] | changes}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, ""),
        (joins(failed={"timeout": 2}), "2 joins failed"),
        ({"ended": {"socket_lost": 3}}, "3 who had joined were dropped"),
        (joins(join_ms=summary(900_000.0)), "took up to 1,350 ms"),
        (joins(began_late=summary(90_000.0)), "135 ms late"),
        ({"generator_core_share": 0.95}, "95% of its core in use"),
    ],
)
def test_a_rate_that_does_not_count_says_why(changes: dict[str, Any], words: str) -> None:
    assert words in why_not_sustained(stage(**changes))
    assert (why_not_sustained(stage(**changes)) == "") == (words == "")


def test_a_rate_above_one_that_failed_is_not_sustained() -> None:
    late = stage(**joins(began_late=summary(90_000.0)))
    run = {stream_name(30): stage(), stream_name(60): late, stream_name(90): stage()}
    assert sustained(run, [30, 60, 90]) == 30


def test_a_run_that_others_ended_at_once_tells_nothing() -> None:
    whole, slow = stage(), stage(**joins(join_ms=summary(900_000.0)))
    spoiled = stage(generator_core_share=0.95)
    runs = [
        {stream_name(30): first, stream_name(60): second}
        for first, second in [(whole, slow), (spoiled, whole), (slow, slow), (whole, spoiled)]
    ]
    assert telling(runs, [30, 60]) == [30, 0, 30]
