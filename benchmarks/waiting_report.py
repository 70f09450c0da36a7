"""What was found of people who wait: figures, bars, plot and report. Pure but for the files."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.harness import plots, report
from benchmarks.harness.processes import KIB
from benchmarks.harness.readings import Between, Reading
from benchmarks.harness.repetition import mean_shares
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Shares, Stage
from benchmarks.join_rates import why_not_sustained

MOST_KIB: Final = 40.0
MOST_IDLE_PERCENT: Final = 10.0
MOST_LONGER_PERCENT: Final = 20.0

WHEN: Final = ("before", "waiting", "after")


@dataclass(frozen=True, slots=True)
class Run:
    """One relay, with and without people who wait."""

    stages: Sequence[Stage]
    """Joins before, while and after they wait."""
    empty: Reading
    """Before they came."""
    waiting: Between
    """While they waited and nobody joined."""
    people: int
    lost: int
    """Of them, who lost the socket while they waited."""

    @property
    def kib_each(self) -> float:
        """What one who waits takes of the relay's memory."""
        grown = self.waiting.before.process.resident_bytes - self.empty.process.resident_bytes
        return grown / KIB / self.people

    @property
    def idle_percent(self) -> float:
        """What all of them take of a core while nothing happens, scrapes included."""
        return 100 * self.waiting.core_share()

    @property
    def longer_percent(self) -> float:
        """By how much a join takes longer (p95) than the mean of before and after."""
        before, waiting, after = (stage.join_ms("p95") for stage in self.stages)
        return 100 * (waiting / ((before + after) / 2) - 1)

    @property
    def shares(self) -> Shares:
        """How much of it was void, and why."""
        return mean_shares(self.stages)

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "kib_each": round(self.kib_each, 2),
            "idle_core_percent": round(self.idle_percent, 2),
            "join_p95_longer_percent": round(self.longer_percent, 1),
            "lost": self.lost,
            "resident_bytes_empty": self.empty.process.resident_bytes,
            "resident_bytes_waiting": self.waiting.before.process.resident_bytes,
            "loop_lag_p99_ms": self.waiting.loop_lag_p99_ms,
            **{name: stage.row() for name, stage in zip(WHEN, self.stages, strict=True)},
        }

    @property
    def words(self) -> str:
        """Say what was found."""
        p95 = ", ".join(
            f"{stage.join_ms('p95'):,.0f} ms {when}"
            for when, stage in zip(WHEN, self.stages, strict=True)
        )
        return f"{self.kib_each:.1f} KiB each, {self.idle_percent:.1f} % of a core, join p95 {p95}"


def bars_of(runs: Sequence[Run]) -> list[Bar]:
    """Hold the medians against what they have to be."""

    def median(figure: Callable[[Run], float]) -> float:
        return statistics.median(map(figure, runs))

    people = runs[0].people
    lost = max(run.lost for run in runs)
    doubts = [why_not_sustained(stage) for run in runs for stage in run.stages]
    doubt = next(filter(None, doubts), "") if all(doubts) else ""
    return [
        Bar("memory of one who waits", median(lambda run: run.kib_each), "KiB", MOST_KIB),
        Bar(
            f"a core in use while {people:,} wait and nothing happens",
            median(lambda run: run.idle_percent),
            "%",
            MOST_IDLE_PERCENT,
        ),
        Bar(
            f"a join takes longer while {people:,} wait, p95",
            median(lambda run: run.longer_percent),
            "%",
            MOST_LONGER_PERCENT,
            unproven=doubt,
        ),
        Bar("people whose socket was lost while they waited, worst run", lost, "people", 0),
    ]


def draw(runs: Sequence[Run]) -> None:
    """Draw how long joins took."""
    title = f"Joining a consultation while {runs[0].people:,} people wait"
    with plots.plot("waiting", title) as axes:
        for place, (when, colour) in enumerate(
            zip(WHEN, (plots.FLOOR, plots.RELAY, plots.FLOOR), strict=True)
        ):
            lefts = [index + 0.25 * (place - 1) for index in range(len(runs))]
            p95 = [run.stages[place].join_ms("p95") for run in runs]
            axes.bar(lefts, p95, width=0.22, color=colour, label=when if place < 2 else None)
        axes.set_xticks(range(len(runs)), [f"run {index + 1}" for index in range(len(runs))])
        axes.set_ylabel("join, p95, ms")
        axes.legend(fontsize=8)


def write(result: Result, runs: Sequence[Run]) -> None:
    """Write the report."""
    headings = ["run", "when", "joined", "failed", "p50, ms", "p95, ms", "relay's core", "void"]
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
    costs = [
        [index + 1, f"{run.kib_each:.1f}", f"{run.idle_percent:.1f}", run.lost]
        for index, run in enumerate(runs)
    ]
    report.write(
        result,
        title="People who wait",
        summary="People wait to be admitted, each on a socket, while others join consultations.",
        drawn=[report.Plot("waiting", "Time of a join before, while and after people wait")],
        tables=[
            report.Table("Those who wait", ["run", "KiB each", "% of a core", "lost"], costs),
            report.Table("Joins", headings, rows),
        ],
    )
