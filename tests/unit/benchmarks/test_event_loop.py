"""A real relay is told of many paths as its engine tells of them, and what that costs is judged."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.adaptation import estimate_news, event_loop
from benchmarks.adaptation.full_house import full_house
from relay.engine import Event
from relay.rooms.permissions import Source


def test_a_rate_is_told_when_it_moves_and_once_a_second() -> None:
    rates = np.full((50, 2), 1e6)
    rates[10:, 0] = 1.5e6
    told = estimate_news.batches(rates, seed=3)
    assert len(told) == 100
    at = {0: list[float](), 1: list[float]()}
    for number, batch in enumerate(told):
        for who, rate_bps, estimate_bps, owed_bps, sound_told, sound_lost in batch:
            at[who].append(number * estimate_news.BATCH_S)
            assert (rate_bps, owed_bps, sound_lost) == (estimate_bps, 0, 0)
            assert sound_told == pytest.approx(50 * number * estimate_news.BATCH_S, abs=6)
    # Five seconds: five times each, and once more where the rate has moved at one second.
    assert len(at[1]) == 5
    assert len(at[0]) in {5, 6}
    assert any(1.0 <= moment < 1.1 for moment in at[0])
    assert all(later - earlier < 1.1 for earlier, later in zip(at[1], at[1][1:], strict=False))


def test_a_change_of_less_than_a_fiftieth_is_no_news() -> None:
    rates = np.full((20, 1), 1e6)
    rates[5:] = 1.015e6
    assert sum(map(len, estimate_news.batches(rates, seed=1))) == 2


async def test_a_full_house_is_adapted_and_heeds_what_it_is_told() -> None:
    async with full_house(11) as house:
        receivers = house.receivers
        assert len(receivers) == 11
        assert house.relay.status()["rooms"] == 5
        (third_room,) = {place.room for place in house._places() if len(place.room.places) == 3}
        places = list(third_room.places.values())
        watched = next(place.leg for place in places if place.leg is not None)
        news: list[tuple[int, int, int, int, int, int]] = [(watched.id, 90_000, 90_000, 0, 100, 0)]
        house.hear(Event.Estimates(estimates=news))
        assert house.relay._engine.reports.estimates[watched.id].rate_bps == 90_000
        paused = next(place for place in places if place.leg is watched)
        assert paused.slots is not None
        pictures = [
            binding
            for binding in paused.slots.bindings
            if getattr(binding, "source", None) is Source.CAMERA
        ]
        assert {getattr(binding, "paused", None) for binding in pictures} == {"low_rate"}


def test_the_measurement_leaves_cost_and_lateness(
    results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_loop, "SETTLE_S", 0.2)
    monkeypatch.setattr(estimate_news, "BEGINS_S", 0.5)
    monkeypatch.setattr(event_loop, "MOST_PERCENT", {6: 100.0})
    monkeypatch.setattr(event_loop, "configure_logs", lambda **_: None)
    assert event_loop.main(["--runs", "1", "--receivers", "6", "--seconds", "1"]) == 0
    document = json.loads((results_folder / "event_loop.json").read_text())
    cost, lag = document["bars"]
    assert (cost["name"], cost["target"]) == ("news of the paths of 6 receivers", 100)
    assert "6 receivers" in lag["name"]
    (run,) = document["figures"]["6"]
    assert 0 < run["cost_percent"] <= run["loop_percent"]
    assert 0 <= run["lag_p50_ms"] <= run["lag_p99_ms"] <= run["lag_max_ms"]
    assert run["news_per_s"] >= 6
