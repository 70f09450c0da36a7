"""Where programs are built, and servers that are driven, without either."""

from __future__ import annotations

import itertools
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import joins, known_capacity, latency, planned_capacity, soak
from benchmarks.capacity import runs
from benchmarks.harness import oracle, plots, report, results
from benchmarks.harness.processes import ProcessReading, Thread
from benchmarks.harness.readings import Reading
from benchmarks.harness.scrapes import Scrape, parse
from tests.unit.benchmarks import played_floor, played_load

Put = Callable[[str, str], None]

EXPOSITION = """
# TYPE visavis_rtp_packets counter
visavis_rtp_packets_total{{direction="egress",kind="audio"}} {audio}
visavis_rtp_packets_total{{direction="egress",kind="video"}} {video}
visavis_rtp_packets_total{{direction="ingress",kind="video"}} 7
# TYPE visavis_dropped_packets counter
visavis_dropped_packets_total{{reason="unknown_source"}} {dropped}
# TYPE visavis_event_loop_lag_seconds histogram
visavis_event_loop_lag_seconds_bucket{{le="0.001"}} {quick}
visavis_event_loop_lag_seconds_bucket{{le="0.01"}} {all}
visavis_event_loop_lag_seconds_bucket{{le="+Inf"}} {all}
visavis_event_loop_lag_seconds_count {all}
visavis_event_loop_lag_seconds_sum 1
"""


def reading(second: int) -> Reading:
    """Give a server after so many seconds, in each of which it relayed 1,000 packets in 0.4 s."""
    threads = {
        1: Thread("python", 100_000_000 * second),
        2: Thread("media-0", 300_000_000 * second),
    }
    process = ProcessReading(second * 1_000_000_000, threads, 100_000_000, 90_000_000, 20)
    return Reading(process, scrape(second))


def scrape(second: int) -> Scrape:
    """Give its counters."""
    text = EXPOSITION.format(
        audio=300 * second,
        video=700 * second,
        dropped=2 * second,
        quick=19 * second,
        all=20 * second,
    )
    return parse(text.lstrip())


class PlayedServer:
    """Answers as a server does; its clock is the number of times it was read."""

    kind = "visavis"
    adapts = False
    url = "ws://127.0.0.1:1/v1/ws"

    def __init__(self) -> None:
        self._seconds = itertools.count()

    def credential(self, room: str, place: int) -> str:
        return f"{room}/{place}"

    def read(self) -> Reading:
        return reading(next(self._seconds))

    def check(self) -> None:
        """Live on."""


@contextmanager
def played_relay(cores: Sequence[int], **_: Any) -> Iterator[PlayedServer]:
    assert cores
    yield PlayedServer()


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in for cargo's folder: what is put there is what was built."""
    monkeypatch.setenv("CARGO_TARGET_DIR", str(tmp_path))
    (tmp_path / "release").mkdir()
    return tmp_path / "release"


@pytest.fixture
def put(build: Path) -> Put:
    """Give a way to build a program from a line of shell."""

    def built(program: str, script: str) -> None:
        path = build / program
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return built


@pytest.fixture
def results_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the folder to which results, plots and reports go instead."""
    for module in (plots, report, results):
        monkeypatch.setattr(module, "FOLDER", tmp_path)
    return tmp_path


@pytest.fixture
def played(results_folder: Path, monkeypatch: pytest.MonkeyPatch, put: Put) -> Path:
    """Play relay and generator; give the folder of the results."""
    put("load", f"exec {sys.executable} {played_load.__file__}")
    put("floor", f"exec {sys.executable} {played_floor.__file__}")
    for module in (joins, latency, soak, runs):
        monkeypatch.setattr(module, "served_relay", played_relay)
    monkeypatch.setattr(known_capacity, "FOLDER", results_folder)
    monkeypatch.setattr(planned_capacity, "PATH", results_folder / "planned.json")
    monkeypatch.setattr(oracle, "judge", lambda samples, _: len(samples))
    return results_folder
