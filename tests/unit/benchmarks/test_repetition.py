"""What the host disturbs is made again, a bounded number of times, and said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import ATTEMPTS, PeopleMissing, Repetition, mean_shares
from benchmarks.harness.stage import Shares
from tests.unit.benchmarks.test_stages import stage


def attempts(*stolen: float | Exception) -> tuple[Callable[[str], float], list[str]]:
    """Play attempts from which so much was stolen, or that fail; collect their words."""
    said: list[str] = []

    def attempt(words: str) -> float:
        said.append(words)
        found = stolen[len(said) - 1]
        if isinstance(found, Exception):
            raise found
        return found

    return attempt, said


CALM = Shares(0.0, 0.0, 0.0)


def shares_of(stolen: float) -> Shares:
    return Shares(stolen, stolen, 0.1)


def test_an_undisturbed_run_is_made_once_and_nothing_is_said() -> None:
    repetition = Repetition()
    attempt, said = attempts(0.5)
    assert repetition.least_disturbed("run 1", attempt, shares_of) == 0.5
    assert said == ["run 1"]
    assert not repetition.rows()
    assert not repetition.notes


def test_a_disturbed_run_is_made_again_and_who_waits_is_told() -> None:
    repetition = Repetition()
    attempt, said = attempts(0.7, 0.2)
    assert repetition.least_disturbed("run 1", attempt, shares_of) == 0.2
    assert said[1] == f"run 1, attempt 2 of {ATTEMPTS}"
    (row,) = repetition.rows()
    assert (row["kept"], row["disturbed"], len(row["attempts"])) == (2, False, 2)


def test_after_the_bound_the_best_attempt_stands_marked() -> None:
    repetition = Repetition()
    attempt, said = attempts(0.9, 0.6, 0.8)
    assert repetition.least_disturbed("run 1", attempt, shares_of) == 0.6
    assert len(said) == ATTEMPTS
    (row,) = repetition.rows()
    assert (row["kept"], row["disturbed"]) == (2, True)
    assert "attempt 2 stands, although the host disturbed it" in repetition.notes[0]
    assert "stolen 60%" in repetition.notes[0]


def test_all_runs_together_have_few_attempts_to_spare() -> None:
    repetition = Repetition(spare=1)
    for expected in (2, 1):
        attempt, said = attempts(0.9, 0.9)
        repetition.least_disturbed("run", attempt, shares_of)
        assert len(said) == expected
    assert [row["disturbed"] for row in repetition.rows()] == [True, True]


def test_a_run_with_people_missing_is_made_again_and_counted() -> None:
    repetition = Repetition()
    attempt, _ = attempts(PeopleMissing("one was dropped", CALM), 0.1)
    assert repetition.least_disturbed("run 1", attempt, shares_of) == 0.1
    words = repetition.rows()[0]["attempts"][0]["came_to_nothing"]
    assert words == f"one was dropped; {CALM.words}"
    assert [(bar.value, bar.met) for bar in repetition.bars] == [(1, False)]
    attempt, _ = attempts(*[PeopleMissing("one was dropped", CALM)] * ATTEMPTS)
    with pytest.raises(PeopleMissing):
        repetition.least_disturbed("run 2", attempt, shares_of)
    assert repetition.rows()[1]["kept"] == 0


def test_a_failure_ends_everything_at_once() -> None:
    attempt, said = attempts(BenchmarkFailed("the relay ended"), 0.1)
    with pytest.raises(BenchmarkFailed, match="the relay ended"):
        Repetition().least_disturbed("run 1", attempt, shares_of)
    assert len(said) == 1


def test_a_run_is_as_void_as_its_stages_by_their_length() -> None:
    long = stage(measured_s=15.0, void_share=0.4, stolen_share=0.4, late_share=0.0)
    short = stage(measured_s=5.0, void_share=0.0, stolen_share=0.0, late_share=0.0)
    assert mean_shares([long, short]).stolen == pytest.approx(0.3)


def test_who_went_while_the_host_was_stealing_is_not_held_against_the_relay() -> None:
    repetition = Repetition()
    attempt, _ = attempts(PeopleMissing("one was dropped", Shares(0.8, 0.8, 0.0)), 0.1)
    repetition.least_disturbed("run 1", attempt, shares_of)
    assert [bar.met for bar in repetition.bars] == [True]
