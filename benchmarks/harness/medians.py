"""Medians over runs, of those that say something."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks.harness.stage import Stage


def trusted(stages: Iterable[Stage]) -> list[Stage]:
    """Keep the stages that the server shaped; where there is none, the least disturbed one.

    Empty if not a packet of any of them is in a clean window: then nothing can be said.
    """
    every = [stage for stage in stages if stage.path("relayed")["received"]]
    kept = [stage for stage in every if stage.is_trusted]
    return kept or sorted(every, key=lambda stage: stage.void_share)[:1]


def caution(stages: Sequence[Stage], what: str) -> list[str]:
    """Say in words what was left out, and what stands although it was disturbed."""
    if not trusted(stages):
        return [f"{what}: not a packet of any run was in a clean window; nothing is judged."]
    left_out = [stage for stage in stages if not stage.is_trusted]
    if not left_out:
        return []
    reasons = "; ".join(why_untrusted(stage) for stage in left_out)
    if len(left_out) < len(stages):
        return [f"{what}: {len(left_out)} of {len(stages)} runs are left out ({reasons})."]
    return [f"{what}: every run was disturbed; the least disturbed one stands ({reasons})."]


def why_untrusted(stage: Stage) -> str:
    """Say who, other than the server, shaped a stage; nothing if nobody did."""
    if stage.generator_was_limit:
        busy = f"{stage.generator_share:.0%} of its core in use"
        return f"the generator was the bottleneck: {busy}, {stage.shares.words}"
    return f"the host: {stage.shares.words}" if stage.host_was_limit else ""


def why_unproven(stages: Sequence[Stage]) -> str:
    """Say why what stands for stages shows nothing for certain; nothing if it does."""
    return "" if any(stage.is_trusted for stage in stages) else "every run was disturbed"


def median(stages: Sequence[Stage], figure: Callable[[Stage], float]) -> float:
    """Give a figure's median over runs of one stage."""
    return float(statistics.median(figure(stage) for stage in stages))
