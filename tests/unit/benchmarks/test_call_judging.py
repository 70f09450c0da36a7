"""What curves are worth, on curves whose answers are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.adaptation.endtoend import judging as judge

SECONDS = np.arange(0.0, 60.0, 0.2)


def stepped(*spans: tuple[float, float]) -> judge.Floats:
    """A curve that takes a value from a moment on."""
    values = np.zeros(len(SECONDS))
    for from_s, value in spans:
        values[from_s - 1e-9 <= SECONDS] = value
    return values


def test_the_first_moment_counts_from_the_one_that_was_asked_about() -> None:
    values = stepped((0, 2.5), (30, 2.5), (31, 0.45), (40, 2.0))
    assert judge.first_at_most_s(SECONDS, values, 0.5, 30) == pytest.approx(1.0)
    assert judge.first_at_least_s(SECONDS, values, 2.0, 32) == pytest.approx(8.0)
    assert judge.first_at_least_s(SECONDS, values, 2.0, 32, 39) == judge.NEVER
    # What nobody told is neither high nor low.
    unsaid = np.full(len(SECONDS), np.nan)
    assert math.isnan(judge.first_at_most_s(SECONDS, unsaid, 0.5, 30))
    assert math.isnan(judge.first_at_least_s(SECONDS, unsaid, 0.5, 30))


def test_a_delay_is_back_when_it_does_not_rise_again() -> None:
    waits = stepped((0, 10), (30, 300), (33, 20), (34, 90), (35, 10))
    assert judge.for_good_s(SECONDS, waits, 50, 30, 45) == pytest.approx(5.0)
    assert judge.for_good_s(SECONDS, waits, 50, 40, 45) == 0.0
    assert judge.for_good_s(SECONDS, waits, 5, 30, 45) == judge.NEVER
    assert judge.for_good_s(SECONDS, waits, 5, 30, 90) == judge.NEVER


def test_time_above_a_limit_is_added_up_and_a_stretch_is_not() -> None:
    waits = stepped((0, 10), (10, 300), (12, 20), (20, 250), (25, 10))
    assert judge.time_above_s(SECONDS, waits, 200, 0, 60) == pytest.approx(7.0)
    assert judge.longest_above_s(SECONDS, waits, 200, 0, 60) == pytest.approx(5.0)
    assert judge.time_above_s(SECONDS, waits, 200, 11, 21) == pytest.approx(2.0)


def test_utilisation_leaves_out_what_carried_nothing() -> None:
    capacity = stepped((0, 2.0), (20, 0.0), (30, 1.0))
    arrived = stepped((0, 1.0), (20, 0.0), (30, 0.5))
    assert judge.utilisation(SECONDS, arrived, capacity, 0, 60) == pytest.approx(0.5)
    assert math.isnan(judge.utilisation(SECONDS, arrived, capacity, 20, 30))


def test_a_counter_grows_by_what_it_was_before_the_span() -> None:
    counted = np.where(SECONDS < 5, np.nan, np.floor(SECONDS))
    assert judge.grown(SECONDS, counted, 10, 20) == pytest.approx(10, abs=1)
    assert judge.grown(SECONDS, counted, 0, 6) == pytest.approx(5)
    assert math.isnan(judge.grown(SECONDS, counted, 70, 80))
    assert math.isnan(judge.share_of(0, 0))


def test_a_picture_is_back_with_its_next_frame() -> None:
    frames = np.where((SECONDS > 20) & (SECONDS < 27), 500, SECONDS * 25)
    assert judge.recovery_s(SECONDS, frames, 25) == pytest.approx(2.0, abs=0.2)
    assert judge.longest_standstill_s(SECONDS, frames, 10, 40) == pytest.approx(7.0, abs=0.4)
    assert judge.stills(SECONDS, frames, 0.4, 10, 40) == pytest.approx((1, 7.0), abs=0.4)
    # One that has not ended counts for as long as it was looked at.
    assert judge.stills(SECONDS, frames, 0.4, 10, 24) == pytest.approx((1, 4.0), abs=0.4)
    assert judge.stills(SECONDS, frames, 8.0, 10, 40) == (0, 0)


def test_changes_and_swings_are_counted_by_the_minute() -> None:
    height = stepped((0, 360), (10, 180), (20, 360))
    assert judge.changes_a_minute(SECONDS, height, 0, 60) == pytest.approx(2.0)
    # 500 kbit/s to 2 Mbit/s and back within half a second, twice.
    rate = stepped((0, 2.0), (10, 0.5), (11, 2.0), (20, 0.4), (21, 2.0))
    assert judge.swings_a_minute(SECONDS, rate, 4.0, 0.6, 0, 60) == pytest.approx(2.0)
    slow = np.linspace(2.0, 0.3, len(SECONDS))
    assert judge.swings_a_minute(SECONDS, slow, 4.0, 0.6, 0, 60) == 0


def test_fairness_is_the_worst_window() -> None:
    one, other = stepped((0, 1.0), (30, 1.5)), stepped((0, 1.0), (30, 0.5))
    assert judge.fairness(SECONDS, [one, other], 10, 0, 60) == pytest.approx(3.0)
    assert judge.fairness(SECONDS, [one, other], 60, 0, 60) == pytest.approx(1.25 / 0.75)
    # Of more than two the farthest apart count.
    third = stepped((0, 2.0))
    assert judge.fairness(SECONDS, [one, third, other], 10, 0, 60) == pytest.approx(4.0)
    silent = np.zeros(len(SECONDS))
    assert judge.fairness(SECONDS, [one, silent], 10, 0, 60) == judge.NEVER
    assert math.isnan(judge.fairness(SECONDS, [one, other], 10, 70, 80))


def test_what_settles_stays_so_for_a_while() -> None:
    so = stepped((0, 0), (5, 1), (6, 0), (8, 1)) > 0
    assert judge.settled_s(SECONDS, so, 2.0, 2, 60) == pytest.approx(6.0)
    assert judge.settled_s(SECONDS, so, 0.4, 2, 60) == pytest.approx(3.0)
    # Nine seconds in, only one of the two it has to stay is left.
    assert judge.settled_s(SECONDS, so, 2.0, 0, 9) == judge.NEVER


def test_a_smooth_curve_is_the_mean_of_the_last_second() -> None:
    smooth = judge.smooth(SECONDS, stepped((10, 5.0)))
    at = {second: int(second * 5) for second in (9, 10, 11)}
    assert smooth[at[9]] == 0
    assert smooth[at[10]] == pytest.approx(1.0)
    assert smooth[at[11]] == pytest.approx(5.0)


def test_spans_without_a_step_have_no_mean() -> None:
    values = stepped((0, 1.0), (30, 3.0))
    assert judge.mean_of(SECONDS, values, 20, 40) == pytest.approx(2.0)
    assert judge.quantile_of(SECONDS, values, 0.95, 0, 60) == pytest.approx(3.0)
    assert math.isnan(judge.mean_of(SECONDS, values, 70, 80))
