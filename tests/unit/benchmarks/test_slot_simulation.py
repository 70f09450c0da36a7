"""The simulation, where the answer is known otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.slot_simulation import PHASES, Practice, draw, refused, running_by_phase


def test_independent_arrivals_are_refused_as_erlang_says() -> None:
    """Erlang B holds for durations of any distribution: 5 erlangs on 8 slots lose 7.005 %."""
    practice = Practice(load_erlang=5.0, grid=False)
    shares = [refused(practice, 8, 2_000, seed) for seed in range(5)]
    assert np.mean(shares) == pytest.approx(0.07005, rel=0.1)


def test_nobody_is_refused_where_there_is_room_and_all_are_where_there_is_none() -> None:
    practice = Practice(load_erlang=5.0)
    assert refused(practice, 100, 50, seed=1) == 0.0
    assert refused(practice, 0, 50, seed=1) == 1.0


def test_durations_have_the_mean_and_the_spread_that_were_asked_for() -> None:
    practice = Practice(load_erlang=600.0, mean_duration_min=20.0, duration_cv=0.5)
    starts, durations = draw(practice, 400, seed=2)
    assert len(starts) == 600 * 400 * 15 / 20
    assert durations.mean() == pytest.approx(20 * 60, rel=0.01)
    assert durations.std() == pytest.approx(10 * 60, rel=0.02)


def test_a_punctual_slot_starts_with_its_crest() -> None:
    practice = Practice(load_erlang=300.0, on_grid_share=1.0, start_jitter_min=0.0)
    phases = running_by_phase(practice, 300, seed=3)
    assert len(phases) == PHASES
    assert phases.argmax() == 0
    assert phases.mean() == pytest.approx(1.0, abs=0.02)
    # slot/T plus the consultations of earlier slots that still run.
    assert phases[0] == pytest.approx(1.51, abs=0.06)
