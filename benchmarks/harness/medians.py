"""Medians over runs, of those that say something."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.stage import Stage


def trusted(stages: Iterable[Stage], what: str) -> list[Stage]:
    """Keep the stages that the server, not the generator, shaped.

    Raises:
        BenchmarkFailed: None is left.

    """
    every = list(stages)
    kept = [stage for stage in every if not stage.generator_was_limit]
    if not kept:
        void = statistics.median(stage.void_share for stage in every)
        busy = statistics.median(stage.generator_share for stage in every)
        raise BenchmarkFailed(
            f"{what}: the generator was the limit in every run ({void:.0%} of the time was void, "
            f"{busy:.0%} of its core in use). Nothing was written; stop what else runs, or ask "
            "for less"
        )
    return kept


def median(stages: Sequence[Stage], figure: Callable[[Stage], float]) -> float:
    """Give a figure's median over runs of one stage."""
    return float(statistics.median(figure(stage) for stage in stages))
