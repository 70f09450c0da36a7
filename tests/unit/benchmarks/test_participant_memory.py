"""Participants come to a real relay by stages, and its memory is told apart by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import participant_memory
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.served_relay import ServedRelay


@pytest.fixture
def quick(results_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder of the results of a measurement that takes a few seconds."""
    monkeypatch.setattr(participant_memory, "WARM_UP", 2)
    monkeypatch.setattr(participant_memory, "SETTLE_S", 0.2)
    return results_folder


def test_each_stage_has_its_figure_and_everybody_is_connected_in_the_end(quick: Path) -> None:
    assert participant_memory.main(["--runs", "1", "--participants", "20"]) == 0
    document = json.loads((quick / "memory.json").read_text())
    figures = document["figures"]["bytes_of_a_participant"]
    assert list(figures) == list(participant_memory.STAGES)
    (bar,) = document["bars"]
    assert bar["value"] == pytest.approx(sum(figures.values()) / 1_000, abs=0.01)
    assert bar["value"] > 0
    assert "make bench-memory" in (quick / "memory.html").read_text()


def test_somebody_who_cannot_come_ends_the_measurement(
    quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ServedRelay, "credential", lambda *_: "no.token.atall")
    with pytest.raises(BenchmarkFailed, match="somebody could not come: Refused"):
        participant_memory.main(["--runs", "1"])
    assert not list(quick.iterdir())
