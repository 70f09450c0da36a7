"""What was found of others' delay beside slow consumers: figures, bars, plot and report."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.harness import medians, plots, report
from benchmarks.harness.repetition import mean_shares
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Shares, Stage

MOST_ADDED_MS: Final = 5.0
BEFORE, SLOW, AFTER = "alone", "beside slow consumers", "alone again"
WHEN: Final = (BEFORE, SLOW, AFTER)


@dataclass(frozen=True, slots=True)
class Run:
    """The same consultations three times."""

    stages: Sequence[Stage]
    """In the order of `WHEN`."""
    cut_off: float
    """How often the relay cut somebody off as a slow consumer."""

    @property
    def added_ms(self) -> float:
        """How much later others' packets arrive (p99) than the mean of before and after."""
        before, slow, after = (stage.delay_ms("p99") for stage in self.stages)
        return slow - (before + after) / 2

    @property
    def shares(self) -> Shares:
        """How much of it was void, and why."""
        return mean_shares(self.stages)

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "added_p99_ms": round(self.added_ms, 3),
            "cut_off": self.cut_off,
            **{name: stage.row() for name, stage in zip(WHEN, self.stages, strict=True)},
        }

    @property
    def words(self) -> str:
        """Say what was found."""
        p99 = (
            f"{stage.delay_ms('p99'):,.2f} ms {name}"
            for name, stage in zip(WHEN, self.stages, strict=True)
        )
        return f"delay p99 {', '.join(p99)}; {self.cut_off:.0f} cut off"


def bars_of(runs: Sequence[Run]) -> list[Bar]:
    """Hold the median, and what was lost, against what they have to be."""
    doubts = [medians.why_untrusted(stage) for run in runs for stage in run.stages]
    lost = max(run.stages[WHEN.index(SLOW)].loss_share() for run in runs)
    return [
        Bar(
            "others' packets arrive later beside slow consumers, p99",
            statistics.median(run.added_ms for run in runs),
            "ms",
            MOST_ADDED_MS,
            unproven=next(filter(None, doubts), "") if all(doubts) else "",
        ),
        Bar("of the others' packets lost meanwhile, worst run", 100 * lost, "%", 0.1),
    ]


def draw(runs: Sequence[Run]) -> None:
    """Draw the delays."""
    with plots.plot("slow_consumers", "Others' delay beside slow consumers") as axes:
        for place, (when, colour) in enumerate(
            zip(WHEN, (plots.FLOOR, plots.RELAY, plots.FLOOR), strict=True)
        ):
            lefts = [index + 0.25 * (place - 1) for index in range(len(runs))]
            p99 = [run.stages[place].delay_ms("p99") for run in runs]
            axes.bar(lefts, p99, width=0.22, color=colour, label=when if place < 2 else None)
        axes.set_xticks(range(len(runs)), [f"run {index + 1}" for index in range(len(runs))])
        axes.set_ylabel("one-way delay, p99, ms")
        axes.legend(fontsize=8)


def write(result: Result, runs: Sequence[Run]) -> None:
    """Write the report."""
    headings = ["run", "when", "p50, ms", "p99, ms", "lost", "relay's core", "void"]
    rows = [
        [
            index + 1,
            when,
            f"{stage.delay_ms('p50'):,.2f}",
            f"{stage.delay_ms('p99'):,.2f}",
            f"{stage.loss_share():.3%}",
            f"{stage.server.core_share():.0%}",
            f"{stage.void_share:.0%}",
        ]
        for index, run in enumerate(runs)
        for when, stage in zip(WHEN, run.stages, strict=True)
    ]
    report.write(
        result,
        title="Slow consumers",
        summary="Consultations go on while others ask the relay all the time and read nothing.",
        drawn=[report.Plot("slow_consumers", "Others' delay, alone and beside slow consumers")],
        tables=[report.Table("Delay of the others", headings, rows)],
    )
