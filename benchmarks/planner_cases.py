"""The planner's cases: published targets, the crest of a slot, refused starts.

Called by `benchmarks.planner`; a case says its seed, and the same seed gives the same figures.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from benchmarks import slot_simulation
from benchmarks.agreement import planned
from benchmarks.arrivals import SLOT_S
from benchmarks.slot_simulation import PHASES, WARM_UP_SLOTS, Practice
from relay.planning.assumptions import Assumptions
from relay.planning.capacity import Capacity
from relay.planning.erlang import slots_for
from relay.planning.load import ripple_of
from relay.planning.plan import Plan
from relay.planning.ripple import CELLS, concurrency_by_phase
from relay.planning.scenarios import at_end

ARRIVALS_A_RUN: Final = 100_000
LOADS: Final = {3_300: 19.8, 10_000: 60.0, 100_000: 600.0, 1_000_000: 6_000.0}
"""Erlangs, before the ripple, of so many consultations a week."""

RIPPLE_ERLANG: Final = 600.0
RIPPLE_SLOTS: Final = 200
CURVES_MIN: Final = (1.0, 3.0, 10.0)
CASES: Final = {
    "independent": "independent arrivals, slots by Erlang B",
    "grid": "appointments, slots by Erlang B",
    "planned": "appointments, slots of the planner",
}


def ripple(duration_min: float, jitter_min: float, runs: int, seed: int) -> dict[str, Any]:
    """Compare the crest of a slot by the formula with the simulated one."""
    given = Assumptions(mean_duration_min=duration_min, start_jitter_min=jitter_min)
    phases = simulated_phases(given, runs, seed)
    return {
        "mean_duration_min": duration_min,
        "start_jitter_min": jitter_min,
        "formula": round(ripple_of(given), 4),
        "simulated": round(float(max(phases)), 4),
    }


def simulated_phases(given: Assumptions, runs: int, seed: int) -> slot_simulation.Series:
    """Count who runs at each phase of a slot, over the mean, on average over all runs."""
    practice = Practice(
        load_erlang=RIPPLE_ERLANG,
        mean_duration_min=given.mean_duration_min,
        duration_cv=given.duration_cv,
        on_grid_share=given.on_grid_share,
        start_jitter_min=given.start_jitter_min,
    )
    slots = RIPPLE_SLOTS + WARM_UP_SLOTS
    counted = [slot_simulation.running_by_phase(practice, slots, seed + run) for run in range(runs)]
    phases: slot_simulation.Series = np.mean(counted, axis=0)
    return phases


def refusals(weekly: int, case: str, given: Assumptions, runs: int, seed: int) -> dict[str, Any]:
    """Count who is refused; the interval holds 95 % of such means."""
    load = LOADS[weekly]
    crest = load * ripple_of(given) if case == "planned" else load
    session_slots = slots_for(crest, given.blocking)
    arrivals_a_slot = load * SLOT_S / (given.mean_duration_min * 60)
    slots = WARM_UP_SLOTS + max(1, math.ceil(ARRIVALS_A_RUN / arrivals_a_slot))
    practice = Practice(load_erlang=load, grid=case != "independent")
    shares = [
        slot_simulation.refused(practice, session_slots, slots, seed + run) for run in range(runs)
    ]
    error = statistics.stdev(shares) / math.sqrt(len(shares)) if len(shares) > 1 else 0.0
    mean = statistics.fmean(shares)
    return {
        "weekly": weekly,
        "load_erlang": load,
        "case": case,
        "session_slots": session_slots,
        "refused": mean,
        "interval": [max(0.0, mean - 1.96 * error), mean + 1.96 * error],
    }


def week(target: dict[str, Any], given: Assumptions, capacity: Capacity) -> dict[str, Any]:
    """Plan for a published target: central, low and high case."""

    def figures(case: Assumptions) -> Plan:
        return planned(target, case, capacity)

    return {
        "weekly": target["weekly"],
        "words": target["words"],
        "annual_average": target["annual_average"],
        **figures(given).rounded_figures(),
        "low": figures(at_end(given, "low")).rounded_figures(),
        "high": figures(at_end(given, "high")).rounded_figures(),
    }


Curves = dict[float, tuple[Sequence[float], Sequence[float]]]
"""By punctuality: who runs at each phase, by the formula and simulated."""


def curves(given: Assumptions, runs: int, seed: int) -> Curves:
    """Follow a slot for several degrees of punctuality."""
    found: Curves = {}
    for jitter_min in CURVES_MIN:
        case = replace(given, start_jitter_min=jitter_min)
        computed = concurrency_by_phase(
            mean_duration_min=case.mean_duration_min,
            duration_cv=case.duration_cv,
            slot_min=case.slot_min,
            on_grid_share=case.on_grid_share,
            start_jitter_min=jitter_min,
        )
        simulated = simulated_phases(case, runs, seed)
        found[jitter_min] = (computed[:: CELLS // PHASES], simulated.tolist())
    return found
