"""When people come: join times, for load benchmarks and for the planner's simulation.

Pure: the seed is an argument, nothing is read or waited for. Every pattern gives seconds from its
own beginning, never negative, in rising order; the same arguments give the same times again.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

Times = NDArray[np.float64]
"""Seconds from the pattern's beginning, rising."""

SLOT_S: Final = 900.0
"""Consultations are booked on the quarter of an hour."""

ON_GRID_SHARE: Final = 0.88
"""Booked consultations among all, 7 French platforms, 2021; the others come at any time."""

JITTER_S: Final = 180.0
"""Standard deviation of a start around its appointment: an assumption of the load study."""

STORM_S: Final = 30.0
"""In which everybody of a lost zone comes back: an assumption of the load study."""


def steady(count: int, per_s: float) -> Times:
    """Give `count` joins at equal distances, the first at 0."""
    _check(count=count, per_s=per_s)
    return np.arange(count, dtype=np.float64) / per_s


def ramp(from_per_s: float, to_per_s: float, over_s: float) -> Times:
    """Let the rate change evenly from one to another.

    The k-th join comes when the rate's integral reaches k: nothing is drawn, and the number of
    joins is the mean rate times the duration, rounded down.
    """
    _check(from_per_s=1.0 + from_per_s, to_per_s=1.0 + to_per_s, over_s=over_s)
    _check(rate=from_per_s + to_per_s)
    slope = (to_per_s - from_per_s) / over_s
    wanted = np.arange(1, math.floor((from_per_s + to_per_s) / 2 * over_s) + 1, dtype=np.float64)
    # from*t + slope*t²/2 = k; this form of the root has no difference of near equals at slope 0.
    root = np.sqrt(np.maximum(0.0, from_per_s**2 + 2 * slope * wanted))
    return np.minimum(2 * wanted / (from_per_s + root), over_s)


def poisson(per_s: float, over_s: float, *, seed: int) -> Times:
    """Let people come independently of one another: exponential gaps, a random number of joins."""
    _check(per_s=per_s, over_s=over_s)
    draw = np.random.default_rng(seed)
    # Given their number, independent arrivals are uniform.
    return np.sort(draw.uniform(0.0, over_s, draw.poisson(per_s * over_s)))


def appointment_grid(
    count: int,
    over_s: float,
    *,
    seed: int,
    slot_s: float = SLOT_S,
    on_grid_share: float = ON_GRID_SHARE,
    jitter_s: float = JITTER_S,
) -> Times:
    """Let most people come around the appointments, and the others at any time.

    Appointments stand at 0, `slot_s`, 2 `slot_s` … Who has which one is drawn, so that their number
    varies from slot to slot. Who would come before 0 or after `over_s` is put at the other end: the
    pattern can be repeated, and no slot is thinner than another.

    Args:
        count: Joins in all.
        over_s: A whole number of slots.
        seed: Of the numbers drawn.
        slot_s: Between two appointments; a smaller one makes a shorter test with the same peaks.
        on_grid_share: Of those who have an appointment, 0 to 1.
        jitter_s: Standard deviation of a start around its appointment, normal.

    Raises:
        ValueError: The times are no whole number of slots, or an argument is out of its range.

    """
    _check(count=count, over_s=over_s, slot_s=slot_s)
    slots = round(over_s / slot_s)
    if slots < 1 or not math.isclose(slots * slot_s, over_s):
        raise ValueError(f"{over_s:g} s is no whole number of slots of {slot_s:g} s")
    if not 0.0 <= on_grid_share <= 1.0 or not jitter_s >= 0.0:
        raise ValueError("a share is between 0 and 1, and a jitter is not negative")
    draw = np.random.default_rng(seed)
    booked = int(draw.binomial(count, on_grid_share))
    appointments = draw.integers(0, slots, booked) * slot_s
    around = (appointments + draw.normal(0.0, jitter_s, booked)) % over_s
    return np.sort(np.concatenate([around, draw.uniform(0.0, over_s, count - booked)]))


def rejoin_storm(count: int, *, seed: int, over_s: float = STORM_S) -> Times:
    """Let everybody who was on a lost node come back, evenly spread but in no order.

    Browsers notice the loss at different moments and wait a random time between tries.
    """
    _check(count=count, over_s=over_s)
    return np.sort(np.random.default_rng(seed).uniform(0.0, over_s, count))


def _check(**positive: float) -> None:
    for name, value in positive.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} has to be above 0, not {value:g}")
