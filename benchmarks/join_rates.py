"""Which rate of joins was sustained, and what a join costs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks.harness import medians
from benchmarks.harness.readings import MEDIA_THREADS
from benchmarks.harness.stage import Stage

JOIN_P95_MS: Final = 1_000.0
BEGAN_LATE_P95_MS: Final = 100.0
"""Of joins that begin later than asked for, fewer a second were asked for."""

BURST_P99_MS: Final = 10.0

Runs = Sequence[Mapping[str, Stage]]
"""By run: the stages, by the name of what came."""


def stream_name(rate: int) -> str:
    """Name the stage in which so many join each second."""
    return f"{rate} joins/s"


def began_late_ms(stage: Stage) -> float:
    """Say how late 95 of 100 joins began at most, behind the generator's plan."""
    return float(stage.joins["began_late"]["p95_us"]) / 1_000


def why_relay_did_not(stage: Stage) -> str:
    """Say in words what the relay did not do at a rate; nothing if it did all."""
    if stage.failed_joins or stage.ended or not stage.joins["succeeded"]:
        return f"{stage.failed_joins} joins failed, {stage.ended} who had joined were dropped"
    if stage.join_ms("p95") >= JOIN_P95_MS:
        return f"95 of 100 joins took up to {stage.join_ms('p95'):,.0f} ms"
    return ""


def why_not_sustained(stage: Stage) -> str:
    """Say in words why a rate is not counted as sustained; nothing if it is."""
    if why := why_relay_did_not(stage):
        return why
    if began_late_ms(stage) > BEGAN_LATE_P95_MS:
        return f"the generator began joins up to {began_late_ms(stage):,.0f} ms late (p95)"
    return medians.why_untrusted(stage)


def sustained(run: Mapping[str, Stage], rates: Sequence[int]) -> int:
    """Give the highest rate that was sustained, as were all below it; 0 if none was."""
    held = 0
    for rate in rates:
        if why_not_sustained(run[stream_name(rate)]):
            return held
        held = rate
    return held


def telling(runs: Runs, rates: Sequence[int]) -> list[int]:
    """Give what each run sustained, but for those that others ended before they showed anything."""
    first = [run[stream_name(rates[0])] for run in runs]
    held = [sustained(run, rates) for run in runs]
    return [
        rate for rate, stage in zip(held, first, strict=True) if rate or why_relay_did_not(stage)
    ]


def cpu_ms_per_join(stage: Stage) -> float:
    """Give what a join costs the relay outside its packet workers, leaving included."""
    server = stage.server
    ns = server.cpu_ns() - server.cpu_ns(MEDIA_THREADS)
    return ns / 1e6 / max(1.0, float(stage.joins["succeeded"]))
