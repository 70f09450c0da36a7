"""How soon silences are told, held against what it has to be."""

from __future__ import annotations

from benchmarks.durations import Durations
from benchmarks.silences import bars_of


def test_the_slowest_cause_has_a_bar_of_its_own() -> None:
    told = {"quick": Durations([1.0] * 30), "slow": Durations([3.5] * 10)}
    over = {name: Durations([2.0] * len(seen.every_s)) for name, seen in told.items()}
    together, slowest, untold, unended = bars_of(told, over)
    assert (together.value, together.met) == (3.5, False)
    assert "slow" in slowest.name
    assert (slowest.value, slowest.met) == (3.5, False)
    assert untold.met
    assert unended.met


def test_who_is_not_told_is_counted_once() -> None:
    told = {"a cause": Durations([1.0] * 19 + [None])}
    over = {"a cause": Durations([2.0] * 18 + [None, None])}
    _, _, untold, unended = bars_of(told, over)
    assert (untold.value, unended.value) == (1, 1)


def test_a_cause_that_is_mostly_not_told_is_the_slowest() -> None:
    told = {"quick": Durations([1.0] * 10), "never": Durations([None] * 10)}
    slowest = bars_of(told, told)[1]
    assert "never" in slowest.name
    assert slowest.doubt == "10 of 10 were waited for in vain"
