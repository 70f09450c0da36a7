"""Erlang's formula against its definition, the ripple against a direct integral, and monotony."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.planning.assumptions import Assumptions
from relay.planning.capacity import chosen_capacity
from relay.planning.erlang import blocking, load_for, slots_for
from relay.planning.plan import Plan, make_plan
from relay.planning.ripple import CELLS, concurrency_by_phase

CAPACITY = chosen_capacity(100_000.0)
WEEKLY = st.integers(1, 2_000_000)
LOADS = st.floats(1e-3, 2_000.0)


@given(st.integers(0, 400), LOADS)
def test_blocking_is_erlangs_sum(slots: int, load: float) -> None:
    """A^n/n! over the sum of A^k/k!, in logarithms."""
    terms = [k * math.log(load) - math.lgamma(k + 1) for k in range(slots + 1)]
    greatest = max(terms)
    total = math.fsum(math.exp(term - greatest) for term in terms)
    expected = math.exp(terms[-1] - greatest) / total
    assert blocking(slots, load) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@given(LOADS, st.floats(1e-9, 0.5))
def test_slots_are_enough_and_one_less_is_not(load: float, allowed: float) -> None:
    slots = slots_for(load, allowed)
    assert blocking(slots, load) <= allowed * (1 + 1e-12)
    assert blocking(slots - 1, load) > allowed


@given(st.integers(1, 1_000), st.floats(1e-9, 0.5))
@settings(max_examples=50)
def test_the_load_of_a_pool_is_the_largest_it_carries(slots: int, allowed: float) -> None:
    load = load_for(slots, allowed)
    assert blocking(slots, load) <= allowed * (1 + 1e-9)
    assert blocking(slots, load * 1.001) > allowed


@given(
    st.floats(1.0, 60.0),
    st.floats(0.1, 2.0),
    st.floats(5.0, 60.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 20.0),
)
@example(1.0, 1.0, 5.0, 0.0, 5e-324)
@settings(max_examples=60, deadline=None)
def test_a_slot_has_as_many_below_as_above_its_mean(
    duration: float, cv: float, slot: float, share: float, jitter: float
) -> None:
    phases = concurrency_by_phase(
        mean_duration_min=duration,
        duration_cv=cv,
        slot_min=slot,
        on_grid_share=share,
        start_jitter_min=jitter,
    )
    assert len(phases) == CELLS
    assert math.fsum(phases) / CELLS == pytest.approx(1.0, abs=1e-6)
    assert min(phases) >= 0.0


def test_the_ripple_of_punctual_people_is_the_survival_summed() -> None:
    """Without jitter, right after the appointment: slot/T times the sum of P(D > k slots)."""
    mean, cv, slot = 15.0, 0.85, 15.0
    variance = math.log1p(cv**2)
    location = math.log(mean) - variance / 2

    def survival(minutes: float) -> float:
        return math.erfc((math.log(minutes) - location) / math.sqrt(2 * variance)) / 2

    crest = slot / mean * (1.0 + sum(survival(k * slot) for k in range(1, 500)))
    phases = concurrency_by_phase(
        mean_duration_min=mean,
        duration_cv=cv,
        slot_min=slot,
        on_grid_share=1.0,
        start_jitter_min=0.0,
    )
    assert phases[0] == max(phases) == pytest.approx(crest, rel=0.002)


@given(st.floats(0.5, 8.0), st.floats(0.5, 2.0))
@settings(max_examples=40, deadline=None)
def test_lateness_levels_the_crest(jitter: float, more: float) -> None:
    def crest(jitter_min: float) -> float:
        return max(
            concurrency_by_phase(
                mean_duration_min=15.0,
                duration_cv=0.85,
                slot_min=15.0,
                on_grid_share=0.88,
                start_jitter_min=jitter_min,
            )
        )

    assert crest(jitter) >= crest(jitter + more) - 1e-6


def machines(plan: Plan) -> tuple[float, ...]:
    return (
        plan.load.peak_sessions,
        plan.slots_for_blocking,
        plan.fleet.provision,
        plan.fleet.cores,
        plan.fleet.nodes,
    )


def at_least(more: Plan, less: Plan) -> bool:
    return all(a >= b for a, b in zip(machines(more), machines(less), strict=True))


@given(WEEKLY, WEEKLY, st.booleans())
@settings(max_examples=50, deadline=None)
def test_more_consultations_never_need_less(one: int, other: int, average: bool) -> None:
    less, more = (
        make_plan(weekly, Assumptions(), CAPACITY, annual_average=average)
        for weekly in sorted((one, other))
    )
    assert at_least(more, less)


@given(
    WEEKLY,
    st.sampled_from(
        ["peak_day_share", "peak_hour_share", "season_factor", "video_kbit_s", "three_party_share"]
    ),
    st.floats(0.0, 1.0),
)
@settings(max_examples=50, deadline=None)
def test_a_heavier_assumption_never_needs_less(weekly: int, name: str, share: float) -> None:
    given_ = Assumptions()
    room = {"peak_day_share": 1.0, "peak_hour_share": 1.0, "three_party_share": 0.9}
    central = getattr(given_, name)
    heavier = central + share * (room.get(name, 4 * central) - central)
    less = make_plan(weekly, given_, CAPACITY, annual_average=True)
    moved = replace(given_, **{name: heavier})
    assert at_least(make_plan(weekly, moved, CAPACITY, annual_average=True), less)


@given(WEEKLY, st.floats(1_000.0, 1e6), st.floats(1.0, 10.0))
@settings(max_examples=50, deadline=None)
def test_a_faster_core_never_needs_more(weekly: int, packets: float, factor: float) -> None:
    slow = make_plan(weekly, Assumptions(), chosen_capacity(packets))
    fast = make_plan(weekly, Assumptions(), chosen_capacity(packets * factor))
    assert fast.fleet.cores <= slow.fleet.cores
    assert fast.fleet.nodes <= slow.fleet.nodes
