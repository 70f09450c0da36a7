"""Join times are what their pattern says, and the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.arrivals import Times, appointment_grid, poisson, ramp, rejoin_storm, steady

SEEDED: dict[str, Callable[[int], Times]] = {
    "poisson": lambda seed: poisson(20.0, 60.0, seed=seed),
    "appointment grid": lambda seed: appointment_grid(1_200, 3_600.0, seed=seed),
    "rejoin storm": lambda seed: rejoin_storm(500, seed=seed),
}


@pytest.mark.parametrize("pattern", SEEDED.values(), ids=SEEDED)
def test_a_seed_gives_the_same_times_again_and_another_one_others(
    pattern: Callable[[int], Times],
) -> None:
    assert pattern(1).tolist() == pattern(1).tolist()
    assert pattern(1).tolist() != pattern(2).tolist()


def test_steady_joins_are_equally_far_apart() -> None:
    assert steady(5, 2.0).tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]


@given(
    st.floats(0.0, 200.0),
    st.floats(0.1, 200.0),
    st.floats(1.0, 600.0),
    st.sampled_from([True, False]),
)
def test_a_ramp_joins_what_its_rates_say_in_every_half(
    slow_per_s: float, added_per_s: float, over_s: float, rising: bool
) -> None:
    fast_per_s = slow_per_s + added_per_s
    first, last = (slow_per_s, fast_per_s) if rising else (fast_per_s, slow_per_s)
    times = ramp(first, last, over_s)
    assert (np.diff(times) >= 0).all()
    assert ((times >= 0) & (times <= over_s)).all()
    expected = (first + (first + last) / 2) / 2 * over_s / 2
    assert abs(int((times <= over_s / 2).sum()) - expected) <= 1.0 + 1e-6


def test_poisson_arrivals_scatter_as_much_as_there_are_many() -> None:
    counts = [len(poisson(10.0, 60.0, seed=seed)) for seed in range(400)]
    assert np.mean(counts) == pytest.approx(600, rel=0.02)
    assert np.var(counts) == pytest.approx(600, rel=0.3)


def test_the_grid_gathers_people_around_the_appointments() -> None:
    times = appointment_grid(100_000, 36_000.0, seed=3, jitter_s=60.0)
    from_appointment_s = np.minimum(times % 900.0, 900.0 - times % 900.0)
    near = float((from_appointment_s <= 120.0).mean())
    # Two standard deviations hold 95.45 % of the booked, and 240 of 900 s as much of the others.
    assert near == pytest.approx(0.88 * 0.9545 + 0.12 * 240 / 900, abs=0.005)
    assert len(times) == 100_000
    assert times.min() >= 0.0
    assert times.max() < 36_000.0


def test_without_appointments_the_grid_is_flat() -> None:
    times = appointment_grid(90_000, 3_600.0, seed=4, on_grid_share=0.0)
    counts, _ = np.histogram(times % 900.0, bins=9)
    assert counts == pytest.approx([10_000] * 9, rel=0.05)


def test_a_storm_brings_everybody_back_within_its_time() -> None:
    times = rejoin_storm(5_000, seed=5, over_s=30.0)
    counts, _ = np.histogram(times, bins=6, range=(0.0, 30.0))
    assert counts.sum() == 5_000
    assert counts == pytest.approx([5_000 / 6] * 6, rel=0.15)


@pytest.mark.parametrize(
    "pattern",
    [
        lambda: steady(0, 1.0),
        lambda: steady(3, 0.0),
        lambda: ramp(0.0, 0.0, 10.0),
        lambda: ramp(-2.0, 1.0, 10.0),
        lambda: poisson(float("nan"), 1.0, seed=1),
        lambda: appointment_grid(10, 1_000.0, seed=1),
        lambda: appointment_grid(10, 900.0, seed=1, on_grid_share=1.5),
        lambda: appointment_grid(10, 900.0, seed=1, jitter_s=-1.0),
        lambda: rejoin_storm(10, seed=1, over_s=0.0),
    ],
)
def test_what_cannot_be_is_refused(pattern: Callable[[], Times]) -> None:
    with pytest.raises(ValueError, match=r"\w+ .* \w+"):
        pattern()
