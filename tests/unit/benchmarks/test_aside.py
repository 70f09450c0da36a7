"""The harness steps aside while others are measured, and comes back."""

from __future__ import annotations

import os
import threading

import pytest

from benchmarks.harness import aside
from benchmarks.harness.processes import ProcessReading, Thread, midway


def test_work_is_done_on_one_core_behind_everybody_else() -> None:
    usual = os.sched_getaffinity(0)
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    core = max(usual)
    found = aside.call(
        lambda: (os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)), core, lambda: None
    )
    assert found == ({core}, aside.NICEST)
    # A program started now runs where, and as urgently as, it would have before.
    assert os.sched_getaffinity(0) == usual
    assert os.getpriority(os.PRIO_PROCESS, 0) == nice


def test_what_fails_aside_fails_here() -> None:
    stopped = threading.Event()
    with pytest.raises(ZeroDivisionError):
        aside.call(lambda: 1 // 0, max(os.sched_getaffinity(0)), stopped.set)
    assert stopped.is_set()


def test_clocks_of_two_readings_meet_in_the_middle() -> None:
    before = ProcessReading(1_000, {1: Thread("media-0", 100)}, 5, 4, 3)
    after = ProcessReading(3_000, {1: Thread("media-0", 300), 2: Thread("new", 7)}, 9, 9, 9)
    found = midway(before, after)
    assert found.taken_ns == 2_000
    assert found.threads == {1: Thread("media-0", 200), 2: Thread("new", 7)}
    assert (found.resident_bytes, found.open_files) == (5, 3)
