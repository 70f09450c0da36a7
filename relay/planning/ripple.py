"""How far the appointment grid lifts the peak above the busy hour's mean.

Pure. Appointments make people start together: inside every slot the number of running consultations
rises and falls, and Erlang's formula, which knows Poisson arrivals only, has to be given the crest.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

CELLS: Final = 450
"""Of a slot: 2 s of a quarter of an hour. Four times as many change no ripple by 0.002."""

TAIL: Final = 1e-4
"""Consultations still running that are spread evenly over the slot instead of being followed."""

DEVIATIONS: Final = 6.0
"""Of the jitter that are followed: 2e-9 of the starts are further off."""

HALF_A_CELL: Final = 0.5


@lru_cache(maxsize=256)
def concurrency_by_phase(
    *,
    mean_duration_min: float,
    duration_cv: float,
    slot_min: float,
    on_grid_share: float,
    start_jitter_min: float,
) -> tuple[float, ...]:
    """Give how many consultations run at each phase of a slot, over the busy hour's mean.

    The chance that a consultation still runs, folded onto one slot, is convolved with the jitter,
    folded likewise. Durations are lognormal, starts normal around their appointment, and those
    without an appointment flat.

    Args:
        mean_duration_min: Of a consultation, above 0.
        duration_cv: Standard deviation over mean of it, above 0.
        slot_min: Between two appointments.
        on_grid_share: Consultations that have one; 0 is flat.
        start_jitter_min: Standard deviation; 0 is everybody on the minute.

    Returns:
        `CELLS` ratios of mean 1; the slot's appointment is at the first.

    """
    running = _folded_survival(mean_duration_min, duration_cv, slot_min)
    jitter = _folded_jitter(start_jitter_min, slot_min)
    # running[phase - shift] by a doubled list, so that the inner loop has no modulo.
    twice = running[::-1] * 2
    booked = (
        sum(map(float.__mul__, jitter, twice[CELLS - 1 - phase : 2 * CELLS - 1 - phase]))
        for phase in range(CELLS)
    )
    return tuple(1.0 - on_grid_share + on_grid_share * ratio for ratio in booked)


def _folded_survival(mean_min: float, cv: float, slot_min: float) -> list[float]:
    """Give the running consultations by phase after a slot's sharp start, of mean 1."""
    log_variance = math.log1p(cv * cv)
    location = math.log(mean_min) - log_variance / 2
    scale = math.sqrt(2 * log_variance)
    cell_min = slot_min / CELLS
    folded = [0.0] * CELLS
    cell = 0
    while True:
        after_min = (cell + 0.5) * cell_min
        survival = math.erfc((math.log(after_min) - location) / scale) / 2
        if survival < TAIL:
            break
        folded[cell % CELLS] += survival * slot_min / mean_min
        cell += 1
    rest = 1.0 - sum(folded) / CELLS
    return [value + rest for value in folded]


def _folded_jitter(deviation_min: float, slot_min: float) -> list[float]:
    """Give the share of starts by phase of the slot, of sum 1."""
    folded = [0.0] * CELLS
    cells_a_deviation = deviation_min / slot_min * CELLS
    if cells_a_deviation * DEVIATIONS < HALF_A_CELL:
        # A deviation as small as numbers go would divide by nothing.
        folded[0] = 1.0
        return folded

    def below(cells: float) -> float:
        return math.erfc(-cells / cells_a_deviation / math.sqrt(2)) / 2

    furthest = math.ceil(DEVIATIONS * cells_a_deviation)
    for cell in range(-furthest, furthest + 1):
        folded[cell % CELLS] += below(cell + 0.5) - below(cell - 0.5)
    return folded
