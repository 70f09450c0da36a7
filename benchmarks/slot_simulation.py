"""Consultations one by one: how many run at each phase of a slot, and who finds every slot taken.

Pure, seeded; no formula of `relay.planning` is used here, so that both can be compared.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.arrivals import SLOT_S, Times, appointment_grid, poisson

Series = NDArray[np.float64]

WARM_UP_SLOTS: Final = 12
"""Three hours, after which 1e-6 of the consultations of the beginning still run."""

PHASES: Final = 90
"""Of a slot: every 10 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """How people come and how long they stay."""

    load_erlang: float
    """Consultations at once, on average, if nobody is refused."""
    mean_duration_min: float = 15.0
    duration_cv: float = 0.85
    on_grid_share: float = 0.88
    start_jitter_min: float = 3.0
    grid: bool = True
    """Whether people have appointments; else they come independently of one another."""


def draw(practice: Practice, slots_of_time: int, seed: int) -> tuple[Times, Series]:
    """Draw the starts and the durations of so many quarters of an hour, in seconds."""
    over_s = slots_of_time * SLOT_S
    per_s = practice.load_erlang / (practice.mean_duration_min * 60)
    chance = np.random.default_rng((seed, 1))
    if practice.grid:
        starts = appointment_grid(
            max(1, round(per_s * over_s)),
            over_s,
            seed=seed,
            on_grid_share=practice.on_grid_share,
            jitter_s=practice.start_jitter_min * 60,
        )
    else:
        starts = poisson(per_s, over_s, seed=seed)
    variance = math.log1p(practice.duration_cv**2)
    location = math.log(practice.mean_duration_min * 60) - variance / 2
    return starts, chance.lognormal(location, math.sqrt(variance), len(starts))


def running_by_phase(practice: Practice, slots_of_time: int, seed: int) -> Series:
    """Count who runs at each phase of a slot, over the mean load; nobody is refused."""
    starts, durations = draw(practice, slots_of_time, seed)
    ends = np.sort(starts + durations)
    moments = np.arange(WARM_UP_SLOTS * PHASES, slots_of_time * PHASES) * (SLOT_S / PHASES)
    running = np.searchsorted(starts, moments, "right") - np.searchsorted(ends, moments, "right")
    by_phase: Series = running.reshape(-1, PHASES).mean(axis=0) / practice.load_erlang
    return by_phase


def refused(practice: Practice, session_slots: int, slots_of_time: int, seed: int) -> float:
    """Give the share of starts that find every session slot taken and go away."""
    starts, durations = draw(practice, slots_of_time, seed)
    warm_s = WARM_UP_SLOTS * SLOT_S
    ends: list[float] = []
    asked = turned_away = 0
    for start, duration in zip(starts.tolist(), durations.tolist(), strict=True):
        while ends and ends[0] <= start:
            heapq.heappop(ends)
        counts = start >= warm_s
        asked += counts
        if len(ends) < session_slots:
            heapq.heappush(ends, start + duration)
        else:
            turned_away += counts
    return turned_away / max(1, asked)
