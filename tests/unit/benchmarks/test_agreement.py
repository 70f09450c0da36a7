"""The planner says what the published load study says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from benchmarks.agreement import AGREES, OUTPUTS, compare, study
from benchmarks.harness.results import Bar, Result
from benchmarks.planned_capacity import PATH, adopt
from relay.planning.capacity import chosen_capacity, parse_capacity
from signalling.plan import default_capacity

WEEKS = (3_300, 10_000, 20_000, 230_000, 500_000, 913_000, 1_000_000, 10_000_000)


def test_every_published_figure_is_met_within_5_percent() -> None:
    compared = compare(chosen_capacity(100_000.0))
    counts = Counter(each.output for each in compared)
    assert counts == {1: 8 * 16, 2: 8 * 4 * 3, 3: 10, 4: 8, 5: 7 * 4, 6: 25}
    assert counts.keys() == OUTPUTS.keys()
    assert [each for each in compared if each.deviation > AGREES] == []


def test_the_study_has_every_published_target() -> None:
    assert tuple(week["weekly"] for week in study()["weeks"]) == WEEKS


def test_a_measured_capacity_becomes_the_planners(tmp_path: Path) -> None:
    result = Result("capacity", {}, {}, [Bar("consultations", 450, "", 450, "at least")])
    adopt(166_512.4, result, path=tmp_path / "capacity.json")
    adopted = parse_capacity((tmp_path / "capacity.json").read_bytes())
    assert adopted.measured
    assert adopted.relayed_packets_per_core_per_s == 166_512
    assert (adopted.commit, adopted.processor) == (result.commit, result.where.processor)
    assert default_capacity() == parse_capacity(PATH.read_bytes())
