"""The links over which feedback is captured can be judged, and say what they carried."""

from __future__ import annotations

import pytest

from benchmarks.adaptation.feedback_cases import CASES, OUTAGE, Case

SETTLED_S, SHORTEST_S = 8.0, 4.0
"""As `codecs/congestion/tests/judged/judging.rs` has them."""


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 20


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_is_steady_for_long_enough_after_every_step(case: Case) -> None:
    starts = [(0.0, case.rate_bps), *case.steps]
    ends = [at_s for at_s, _ in case.steps] + [case.seconds]
    for (from_s, bps), to_s in zip(starts, ends, strict=True):
        assert bps == OUTAGE or to_s - from_s >= SETTLED_S + SHORTEST_S
    assert case.seconds <= 40


def test_a_step_is_a_change_of_rate_and_an_outage_a_blackout_that_ends() -> None:
    case = Case("it", 2_000_000, 60, 300, steps=((13, 600_000), (20, OUTAGE), (22, 2_000_000)))
    found = [(change.t_ms, change.key, change.value) for change in case.changes()]
    assert found == [
        (13_000, "rate_bps", 600_000),
        (20_000, "blackout", True),
        (22_000, "rate_bps", 2_000_000),
        (22_000, "blackout", False),
    ]
    carried = case.capacity(5, {13: 1_300, 20: 2_000, 22: 2_200})
    assert carried == [(5, 2_000_000), (1_300, 600_000), (2_000, OUTAGE), (2_200, 2_000_000)]


def test_around_a_step_down_the_sender_takes_no_notice() -> None:
    steps = ((10, OUTAGE), (12, 2_000_000), (20, 600_000), (30, 2_000_000))
    case = Case("it", 2_000_000, 60, 300, steps=steps)
    heedless = [tenth / 10 for tenth in range(400) if case.is_heedless(tenth / 10)]
    assert (heedless[0], heedless[-1], len(heedless)) == (18.5, 22.4, 40)
    asked = [case.is_asked(at_s) for at_s in (0, 10, 12, 18.4, 18.5, 29.9, 30, 39)]
    assert asked == [True, True, True, True, False, False, True, True]
    assert case.last_bps == 2_000_000


def test_whatever_a_link_was_before_its_beginning_makes_it_this_one() -> None:
    for case in CASES:
        made = {(change.direction, change.key) for change in case.beginning()}
        assert {("up", "delay_ms"), ("down", "delay_ms"), ("down", "blackout")} <= made
        assert made >= {("down", change.key) for other in CASES for change in other.changes()}
        assert {change.t_ms for change in case.beginning()} == {0}


def test_a_link_says_in_words_what_it_is_like() -> None:
    case = Case("it", 2_000_000, 60, 300, loss=0.02, steps=((13, 600_000),))
    words = "2, 0.6 from 13 s Mbit/s, 60 ms there and back, queue of 300 ms, loss of 2%"
    assert case.words == words
    lossy = Case("it", 800_000, 60, 300, loss={"p": 0.01, "r": 0.3}, jitter_ms=8)
    assert lossy.words.endswith("losses in bursts: p=0.01 r=0.3, jitter of 8 ms")
