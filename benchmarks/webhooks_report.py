"""What was found of joins beside webhooks: figures, bars, plot, report. Pure but for the files."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.harness import plots, report
from benchmarks.harness.repetition import mean_shares
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Shares, Stage
from benchmarks.join_rates import why_not_sustained

MOST_LONGER_PERCENT: Final = 20.0
BEFORE, DOWN, MUTE, AFTER = "no webhooks", "nobody listens", "nobody answers", "no webhooks again"
WHEN: Final = (BEFORE, DOWN, MUTE, AFTER)
TOLD: Final = (DOWN, MUTE)


@dataclass(frozen=True, slots=True)
class Run:
    """Joins at four relays, one after the other."""

    stages: Sequence[Stage]
    """In the order of `WHEN`."""
    queued: Mapping[str, float]
    """Events that were still to be heard at the end, where there were webhooks."""

    def longer_percent(self, when: str) -> float:
        """By how much a join takes longer (p95) than the mean of those without webhooks."""
        p95_ms = {name: stage.join_ms("p95") for name, stage in self._named}
        return 100 * (p95_ms[when] / ((p95_ms[BEFORE] + p95_ms[AFTER]) / 2) - 1)

    @property
    def shares(self) -> Shares:
        """How much of it was void, and why."""
        return mean_shares(self.stages)

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "join_p95_longer_percent": {when: round(self.longer_percent(when), 1) for when in TOLD},
            "queued": dict(self.queued),
            **{name: stage.row() for name, stage in self._named},
        }

    @property
    def words(self) -> str:
        """Say what was found."""
        p95 = (f"{stage.join_ms('p95'):,.0f} ms with {name}" for name, stage in self._named)
        return f"join p95 {', '.join(p95)}"

    @property
    def _named(self) -> list[tuple[str, Stage]]:
        return list(zip(WHEN, self.stages, strict=True))


def bars_of(runs: Sequence[Run]) -> list[Bar]:
    """Hold the medians against what they have to be."""
    doubts = [why_not_sustained(stage) for run in runs for stage in run.stages]
    doubt = next(filter(None, doubts), "") if all(doubts) else ""
    return [
        Bar(
            f"a join takes longer with webhooks where {when}, p95",
            statistics.median(run.longer_percent(when) for run in runs),
            "%",
            MOST_LONGER_PERCENT,
            unproven=doubt,
        )
        for when in TOLD
    ]


def draw(runs: Sequence[Run]) -> None:
    """Draw how long joins took."""
    with plots.plot("webhooks", "Joining a consultation, with and without webhooks") as axes:
        for place, when in enumerate(WHEN):
            lefts = [index + 0.2 * (place - 1.5) for index in range(len(runs))]
            p95 = [run.stages[place].join_ms("p95") for run in runs]
            colour = plots.RELAY if when in TOLD else plots.FLOOR
            bars = axes.bar(lefts, p95, width=0.18, color=colour, label=when)
            axes.bar_label(bars, [when] * len(p95), rotation=90, fontsize=6, padding=2)
        axes.set_xticks(range(len(runs)), [f"run {index + 1}" for index in range(len(runs))])
        axes.set_ylabel("join, p95, ms")


def write(result: Result, runs: Sequence[Run]) -> None:
    """Write the report."""
    headings = ["run", "webhooks", "joined", "failed", "p50, ms", "p95, ms", "relay's core", "void"]
    rows = [
        [
            index + 1,
            when,
            stage.joins["succeeded"],
            stage.failed_joins,
            f"{stage.join_ms('p50'):,.0f}",
            f"{stage.join_ms('p95'):,.0f}",
            f"{stage.server.core_share():.0%}",
            f"{stage.void_share:.0%}",
        ]
        for index, run in enumerate(runs)
        for when, stage in zip(WHEN, run.stages, strict=True)
    ]
    report.write(
        result,
        title="Joins beside webhooks",
        summary="People join consultations at a relay that tells nobody, and at relays whose "
        "webhooks nobody hears.",
        drawn=[report.Plot("webhooks", "Time of a join, with and without webhooks")],
        tables=[report.Table("Joins", headings, rows)],
    )
