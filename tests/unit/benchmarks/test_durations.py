"""Times of few attempts, some of which came to nothing."""

from __future__ import annotations

from benchmarks import durations
from benchmarks.durations import Durations
from benchmarks.harness.results import MISSING

TWENTY = [float(second) for second in range(20, 0, -1)]


def test_quantiles_are_of_nearest_rank() -> None:
    found = Durations(TWENTY)
    assert (found.median_s, found.p95_s, found.max_s) == (10.0, 19.0, 20.0)


def test_who_waits_in_vain_waits_longest() -> None:
    found = Durations([1.0, None, 2.0, None])
    assert found.missing == 2
    assert found.median_s == 2.0
    assert (found.p95_s, found.max_s) == (None, None)
    assert Durations([None, None, 1.0]).median_s is None
    assert Durations([]).row()["median_s"] is None


def test_a_bar_says_why_it_shows_nothing() -> None:
    assert Durations(TWENTY).bar("told", "p95", 19.0).met
    few = Durations(TWENTY[1:]).bar("told", "p95", 30.0)
    assert not few.met
    assert few.doubt == "19 are too few for a 95th percentile"
    vain = Durations([1.0] * 18 + [None] * 2).bar("told", "p95", 3.0)
    assert vain.value is None
    assert vain.doubt == "2 of 20 were waited for in vain"
    assert Durations([1.0, 2.0]).bar("told", "median", 1.0).met


def test_a_report_shows_dashes_for_what_never_came() -> None:
    assert Durations([0.5, None]).cells() == ["0.50", MISSING, MISSING, "1"]
    assert len(durations.headings("told")) == len(Durations([1.0]).cells())
    assert durations.together([Durations([1.0]), Durations([None])]).every_s == [1.0, None]
