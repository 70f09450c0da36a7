"""People who join consultations of two at a steady pace and leave again, measured by their joins.

Called by measurements that hold joins beside something against joins without it.
"""

from __future__ import annotations

from typing import Final

from benchmarks import arrivals, load
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.progress import Watch
from benchmarks.harness.stage import Stage

STAY_S: Final = 3.0
WARMING_S: Final = 3.0


def joins(
    server: load.Server,
    watch: Watch,
    *,
    joins_per_s: int,
    measure_s: float,
    seed: int,
    words: str,
) -> Stage:
    """Let people join consultations and leave again; the first ones are not measured.

    Raises:
        BenchmarkFailed: Nobody could join.

    """
    script = load.Script(server)
    for name, seconds in (("warming", WARMING_S), ("joins", measure_s)):
        starts = arrivals.steady(
            max(1, round(joins_per_s * seconds / script.parties)),
            joins_per_s / script.parties,
        )
        watched_s = seconds + STAY_S + 1.0
        script.arrive(name, starts.tolist(), measure_s=watched_s, stay_s=STAY_S)
    found = load.run(script, watch, seed=seed, words=words, judged=True)
    stage = found.stages[-1]
    if not stage.joins["succeeded"]:
        raise BenchmarkFailed(f"nobody could join: {stage.joins['failed']}")
    return stage


def expected_s(measure_s: float) -> float:
    """Say how long it takes."""
    return WARMING_S + measure_s + 2 * (STAY_S + 1.0)
