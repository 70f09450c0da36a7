"""Find where a core's capacity ends: which stages were held, and where to look next.

Pure: stages come in, counts of consultations go out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from benchmarks.harness.stage import GENERATOR_IS_FULL, WITHHELD_SHARE, Stage

LOSS_SHARE: Final = 0.001
ADDED_P99_MS: Final = 20.0
JOIN_P95_MS: Final = 2_000.0
FULL_RATE_EACH: Final = 360.0
"""Packets a second that a consultation of two is to be given: 370 on average, less the chance of
few seconds."""

PILOT: Final = (50, 100, 200)
"""Enough to see what the next consultation costs, few enough for any machine."""

ANCHORS: Final = (50, 133, 266, 399)
"""In every run, so that runs can be compared: 133 and 399 make 50,000 and 150,000 packets/s."""

AROUND_AIM: Final = (0.8, 0.88, 0.96, 1.04, 1.12)
AROUND_KNEE: Final = (0.9, 0.95, 1.0, 1.05, 1.1)
ABOVE_TOP: Final = (1.0, 1.1, 1.2, 1.3, 1.4)
IN_BETWEEN: Final = 6
SHARP: Final = 0.12
"""A knee is known to within so much; one step of any ladder of this file is less."""

Limit = Literal[
    "", "loss", "withheld", "delay", "joins", "signalling", "generator", "host", "missing"
]


def limit_of(stage: Stage) -> Limit:
    """Say what kept a stage from being held; nothing if it was.

    Judged by the windows that host and generator left alone. Where these are too few it is held all
    the same if it stays within the limits over all windows, at the full rate: what was done to it
    only made that harder.
    """
    media = _media_limit(stage, clean=stage.is_trusted)
    if not stage.is_trusted:
        full = stage.offered_per_s >= FULL_RATE_EACH * stage.running
        if media or not full:
            return "generator" if stage.generator_was_limit else "host"
    if media:
        return media
    if stage.ended:
        return "signalling"
    asked = stage.joins["asked"] > 0
    if asked and (stage.failed_joins or stage.join_ms("p95") >= JOIN_P95_MS):
        return "joins"
    # Who went in an earlier stage, which generator or host had spoiled, is not there to be judged.
    return "missing" if stage.found["consultations"] < stage.running else ""


def _media_limit(stage: Stage, *, clean: bool) -> Limit:
    if stage.loss_share(clean=clean) >= LOSS_SHARE:
        return "loss"
    if stage.withheld_share(clean=clean) >= WITHHELD_SHARE:
        return "withheld"
    return "delay" if stage.added_ms("p99", clean=clean) >= ADDED_P99_MS else ""


RELAY_LIMITS: Final = frozenset({"loss", "withheld", "delay", "joins", "signalling"})
"""By which the relay itself ends its capacity."""


@dataclass(frozen=True, slots=True)
class Knee:
    """Where one run's capacity ended."""

    held: int
    """Consultations of the last stage before the first that the server failed; 0 if none was."""
    missed: int
    """Consultations of the first above it that was not held; 0 if there is none."""
    limit: Limit
    """What that one failed by; nothing if there is none."""
    place: int
    """Of the last held stage in the run; -1 if there is none."""

    @property
    def is_sharp(self) -> bool:
        """Whether the run says where it is: something was held, and hardly more was not."""
        return self.held > 0 and 0 < self.missed <= self.held * (1 + SHARP)


def knee_of(stages: Sequence[Stage], *, slow_joins_count: bool = True) -> Knee:
    """Find the last held stage before the first that the server did not hold.

    A stage that generator or host spoiled says nothing of the server, neither good nor bad: it is
    passed over, and ends the capacity only where no later stage was held.

    Args:
        stages: Of one run, more and more consultations.
        slow_joins_count: Whether joins have to be in time; that they succeed they always have to.

    """
    held, place, missed = 0, -1, 0
    ended_by: Limit = ""
    for index, stage in enumerate(stages):
        limit = limit_of(stage)
        if limit == "joins" and not slow_joins_count and not stage.failed_joins:
            limit = ""
        if limit in RELAY_LIMITS:
            return Knee(held, stage.running, limit, place)
        if not limit:
            held, place, missed, ended_by = stage.running, index, 0, ""
        elif not missed:
            missed, ended_by = stage.running, limit
    return Knee(held, missed, ended_by, place)


def aim(pilot: Sequence[Stage]) -> int:
    """Say about how many would fill the relay's core or the generator's, whichever comes first."""
    counts = [stage.running for stage in pilot]
    relay = fills_at(counts, [stage.server.core_share() for stage in pilot], 1.0)
    generator = fills_at(counts, [stage.generator_share for stage in pilot], GENERATOR_IS_FULL)
    return max(PILOT[0], round(min(relay, generator)))


def ladder(aimed: int, last: Knee | None) -> list[int]:
    """Choose the next run's stages: anchors, and finer steps where the knee is thought to be."""
    if last is None or last.held == 0:
        fine = [aimed * share for share in AROUND_AIM]
    elif not last.missed:
        fine = [last.held * share for share in ABOVE_TOP]
    elif last.is_sharp:
        fine = [last.held * share for share in AROUND_KNEE]
    else:
        fine = [float(count) for count in np.linspace(last.held, last.missed, IN_BETWEEN)]
    return sorted({*ANCHORS, *(max(1, 5 * round(count / 5)) for count in fine)})


def extrapolated(stage: Stage) -> float:
    """Say how many would fill the relay's core at the cost each has in this stage.

    Never a measured capacity: queues grow before a core is full.
    """
    return stage.running / max(1e-9, stage.server.core_share())


def bytes_per_consultation(stages: Sequence[Stage]) -> float:
    """Say by how much resident memory grows with each consultation, beside the caches."""
    counts = [stage.running for stage in stages]
    beside = [
        stage.server.after.process.resident_bytes - stage.server.after.cached_bytes
        for stage in stages
    ]
    return line(counts, beside)[0]


def fills_at(counts: Sequence[int], shares: Sequence[float], full: float) -> float:
    """Say how many would fill a core, by the two last points: at low load a packet costs more."""
    slope, start = line(counts[-2:], shares[-2:])
    return (full - start) / slope if slope > 0 else float(counts[-1])


def line(across: Sequence[float], up: Sequence[float]) -> tuple[float, float]:
    """Give slope and start of the straight line that fits best (least squares)."""
    slope, start = np.polyfit(np.asarray(across, float), np.asarray(up, float), 1)
    return float(slope), float(start)
