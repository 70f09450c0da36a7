"""What a measurement of calls leaves behind: result, bars and report, or what there is by now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from benchmarks.adaptation.endtoend import drawing
from benchmarks.adaptation.endtoend.bars import bars, bars_beside, median
from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.played import Played
from benchmarks.adaptation.endtoend.scenarios import LEFT_OUT, Scenario, is_of_rfc_8867
from benchmarks.harness import plots, report
from benchmarks.harness.results import MISSING, Bar, Result

NOTES: Final = (
    "Browsers, relay and link share the machine; a run whose encoders lacked it is void.",
    "Queues are by the link's own record: what a packet would have waited that came at that time.",
    "Direct calls have an encoder for each receiver; through the relay a room has one for all.",
)


@dataclass(slots=True)
class Outcome:
    """A measurement, finished or not."""

    name: str
    runs: int
    seed: int
    scenarios: Sequence[Scenario]
    began_at: str
    played: Played = field(default_factory=Played)
    notes: list[str] = field(default_factory=list)
    drawn: dict[str, report.Plot] = field(default_factory=dict)

    def write(self) -> Result:
        """Write what is known by now."""
        result = self._result()
        result.write()
        return result

    def report(self, result: Result) -> None:
        """Write the report of a result; plots that are there from before are shown, too."""
        of_rfc = is_of_rfc_8867(self.scenarios[0].name)
        report.write(
            result,
            title="Adaptation, end to end" + (": RFC 8867" if of_rfc else ""),
            summary="A call over a link that changes: through the relay, and beside it directly "
            "between two browsers, one after the other.",
            drawn=[
                self.drawn.get(scenario.name) or drawing.shown(self.plot_name(scenario), scenario)
                for scenario in self._plotted()
            ],
            tables=[
                _table(scenario, self.played)
                for scenario in self.scenarios
                if scenario.name in self.played.attempts
            ],
        )

    def plot_name(self, scenario: Scenario) -> str:
        """Give the name of a scenario's plot; the first one has the result's own."""
        is_first = scenario is self.scenarios[0]
        return self.name if is_first else f"{self.name}_{scenario.name}"

    def _plotted(self) -> list[Scenario]:
        return [
            scenario
            for scenario in self.scenarios
            if scenario.name in self.played.attempts
            and plots.path_of(self.plot_name(scenario)).exists()
        ]

    def _result(self) -> Result:
        void = list(self.played.void())
        found = {
            name: self.played.counted(name, Way.RELAY)
            for name in self.played.attempts
            if self.played.of(name, Way.RELAY)
        }
        direct = {name: self.played.counted(name, Way.DIRECT) for name in found}
        one = "One run of each: what stands here is no median." if self.runs == 1 else ""
        lacking = [s.name for s in self.scenarios if s.name not in self.played.attempts]
        cut_short = f"Not played yet: {', '.join(lacking)}." if lacking else ""
        of_rfc = any(is_of_rfc_8867(scenario.name) for scenario in self.scenarios)
        return Result(
            name=self.name,
            configuration={
                "runs": self.runs,
                "seed": self.seed,
                "began_at": self.began_at,
                "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "scenarios": [scenario.name for scenario in self.scenarios],
                "picture": "640x360, 25 frames a second, VP8, grain",
                "left_out": dict(LEFT_OUT) if of_rfc else {},
            },
            figures={
                "counted": sum(len(self.played.counted(n, w)) for n, w in self._each()),
                "void": [{"run": run, "why": attempt.void} for run, attempt in void],
                "plots": [self.plot_name(scenario) for scenario in self._plotted()],
                "runs": self.played.rows(),
            },
            bars=[
                *bars(found, self.runs),
                *bars_beside(found, direct, self.runs),
                Bar("attempts that came to nothing", self.played.failed, "attempts", 0),
            ],
            notes=[
                *filter(None, (cut_short, one)),
                *NOTES,
                *self.played.notes(),
                *self.notes,
            ],
        )

    def _each(self) -> list[tuple[str, Way]]:
        return [(name, way) for name, ways in self.played.attempts.items() for way in ways]


def _table(scenario: Scenario, played: Played) -> report.Table:
    """Set the figures of both ways beside one another."""
    columns = [(scenario.name, Way.RELAY), (scenario.beside or scenario.name, Way.DIRECT)]
    runs = [played.counted(name, way) for name, way in columns]
    names = dict.fromkeys(name for each in runs for figures in each for name in figures)
    rows: list[list[Any]] = []
    for name in names:
        row: list[Any] = [name.replace("_", " ")]
        for each in runs:
            values = [figures.get(name, math.nan) for figures in each]
            row += [_words(median(values)), ", ".join(map(_words, values))]
        rows.append(row)
    headings = ["figure"]
    for _, way in columns:
        headings += [f"{drawing.NAMES[way]}, median", "runs"]
    return report.Table(f"{scenario.name}: {scenario.words}", headings, rows)


def _words(value: float) -> str:
    if math.isnan(value):
        return MISSING
    return "never" if math.isinf(value) else f"{value:,.2f}"
