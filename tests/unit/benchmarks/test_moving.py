"""What people hear while they are moved, held against what it has to be."""

from __future__ import annotations

from benchmarks.durations import Durations
from benchmarks.moving import MOVES, bars_of, result_of

QUIET = {name: Durations([0.02, 0.05]) for name in MOVES}


def test_the_longest_gap_of_each_kind_is_held_against_300_ms() -> None:
    found = QUIET | {"to another relay": Durations([0.1] * 19 + [0.301])}
    *longest, missing = bars_of(found)
    assert [(bar.value, bar.met) for bar in longest] == [(50.0, True), (50.0, True), (301.0, False)]
    assert {bar.target for bar in longest} == {300.0}
    assert missing.met


def test_who_did_not_arrive_is_no_short_gap() -> None:
    found = QUIET | {"to another worker": Durations([0.02, None])}
    _, worker, _, missing = bars_of(found)
    assert (worker.value, worker.met) == (None, False)
    assert worker.doubt == "1 of 2 did not arrive"
    assert (missing.value, missing.met) == (1, False)


def test_every_gap_is_in_the_result() -> None:
    figures = result_of(QUIET, 2).document()["figures"]
    assert {name: figures[name]["every_s"] for name in MOVES} == {
        name: [0.02, 0.05] for name in MOVES
    }
