"""The planner held against a published load study and against a simulation, person by person.

`python -m benchmarks.planner`. Computes; the only thing it measures is chance.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks import planner_cases, planner_report
from benchmarks.agreement import AGREES, OUTPUTS, Comparison, compare, study
from benchmarks.harness import failure, options, progress
from benchmarks.harness.results import Bar, Result
from benchmarks.planner_cases import ARRIVALS_A_RUN, CASES, LOADS
from relay.planning.assumptions import Assumptions
from signalling.plan import default_capacity

RUNS: Final = 20
JUDGED_WEEKLY: Final = 100_000
"""Whose refusals are held against the target: the grid shows, and a run has many slots."""

EXPECTED_S: Final = {"ripple": 1.2, "refusals": 4.0, "report": 8.0}
"""A cell or case with `RUNS`, about; for the progress bar only."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compute, simulate, compare, write."""
    parser = options.parser("planner", "Hold the planner against a study and a simulation.")
    parser.set_defaults(runs=RUNS)
    chosen = parser.parse_args(arguments)
    given, capacity = Assumptions(), default_capacity()
    compared = compare(capacity)
    cells = study()["ripple"]
    share = chosen.runs / RUNS
    total_s = share * (
        EXPECTED_S["ripple"] * len(cells["rows"]) * len(cells["start_jitter_min"])
        + EXPECTED_S["refusals"] * len(LOADS) * len(CASES)
        + EXPECTED_S["report"]
    )
    with progress.watch("planner", total_s) as watch:
        ripples = []
        for row in cells["rows"]:
            for jitter_min in cells["start_jitter_min"]:
                duration_min = row["mean_duration_min"]
                words = f"grid, {duration_min:g} min, jitter {jitter_min} min"
                with watch.step(words, EXPECTED_S["ripple"] * share):
                    ripples.append(
                        planner_cases.ripple(duration_min, jitter_min, chosen.runs, chosen.seed)
                    )
        refusals = []
        for weekly in LOADS:
            for case in CASES:
                with watch.step(f"refusals, {weekly:,} a week", EXPECTED_S["refusals"] * share):
                    refusals.append(
                        planner_cases.refusals(weekly, case, given, chosen.runs, chosen.seed)
                    )
        with watch.step("a slot, minute by minute", EXPECTED_S["report"] * share):
            curves = planner_cases.curves(given, chosen.runs, chosen.seed)
    weeks = [planner_cases.week(week, given, capacity) for week in study()["weeks"]]
    result = Result(
        name="planner",
        configuration={
            "runs": chosen.runs,
            "arrivals in a run": ARRIVALS_A_RUN,
            "seed": chosen.seed,
            "relayed packets a core": capacity.relayed_packets_per_core_per_s,
            "that was measured": capacity.measured,
        },
        figures={
            "weeks": weeks,
            "ripple": ripples,
            "refused": refusals,
            "compared": [
                {
                    "output": each.output,
                    "words": each.words,
                    "published": each.published,
                    "ours": round(each.ours, 6),
                }
                for each in compared
            ],
        },
        bars=_bars(compared, ripples, refusals, given),
        notes=[
            f"Cores and nodes rest on the capacity of a core: {capacity.words}",
            (
                "Load is of the week named; machines of average weeks are sized for the season's "
                f"busiest, {given.season_factor:g} times as much, those of record weeks are not."
            ),
            "Published figures are rounded to two or three digits.",
        ],
    )
    planner_report.write(result, given, weeks, ripples, refusals, curves)
    progress.show_bars(list(result.bars))
    path = result.write()
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0 if all(bar.met for bar in result.bars) else 1


def _bars(
    compared: Sequence[Comparison],
    ripples: Sequence[dict[str, Any]],
    refusals: Sequence[dict[str, Any]],
    given: Assumptions,
) -> list[Bar]:
    judged = {each["case"]: each for each in refusals if each["weekly"] == JUDGED_WEEKLY}
    deviations = {
        f"published {words}, largest deviation": max(
            each.deviation for each in compared if each.output == output
        )
        for output, words in OUTPUTS.items()
    }
    # Chance and the formula's own approximations have the same room as rounding has.
    deviations["simulated ripple, largest deviation"] = max(
        abs(each["simulated"] / each["formula"] - 1) for each in ripples
    )
    return [
        *(Bar(name, 100 * value, "%", 100 * AGREES) for name, value in deviations.items()),
        Bar(
            f"refused of a million on the grid, {JUDGED_WEEKLY:,} a week",
            1e6 * judged["planned"]["refused"],
            "starts",
            1e6 * given.blocking,
        ),
    ]


if __name__ == "__main__":
    failure.run("planner", lambda: main(sys.argv[1:]))
