"""The planner's report: what a manager reads. Called by `benchmarks.planner`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks import planner_plots
from benchmarks.harness import report
from benchmarks.harness.results import Result
from benchmarks.planner_cases import CASES, Curves
from relay.planning.assumptions import Assumptions
from relay.planning.scenarios import influences
from signalling.plan_table import written


def write(
    result: Result,
    given: Assumptions,
    weeks: Sequence[dict[str, Any]],
    ripples: Sequence[dict[str, Any]],
    refusals: Sequence[dict[str, Any]],
    curves: Curves,
) -> None:
    """Draw the plots and write `results/planner.html`."""
    planner_plots.weeks(weeks, measured=result.configuration["that was measured"])
    planner_plots.phases(curves)
    planner_plots.refused(refusals, CASES, given.blocking)
    planner_plots.inputs(influences(1_000_000, given), weeks)
    headings = {
        "busy_hour_starts": "started in the busiest hour",
        "peak_sessions": "at once",
        "peak_participants": "participants",
        "joins_burst_per_s": "joins/s as a slot begins",
        "joins_storm_per_s": "joins/s, zone lost",
        "gbit_in": "Gbit/s in",
        "gbit_out": "Gbit/s out",
        "relayed_packets_per_s": "relayed packets/s",
        "recorded_tb_per_week": "TB a week, if recorded",
        "provision": "slots to provide",
        "cores": "cores",
        "nodes": "nodes",
    }
    report.write(
        result,
        title="From consultations a week to machines",
        summary="What visavis plan computes for published targets, how it agrees with a published "
        "load study, and whether appointments on the quarter of an hour do what it says.",
        drawn=planner_plots.DRAWN,
        tables=[
            report.Table(
                "The targets, central case",
                ["consultations a week", *headings.values()],
                [
                    [
                        f"{week['weekly']:,} ({week['words']})",
                        *(written(week[name]) for name in headings),
                    ]
                    for week in weeks
                ],
            ),
            report.Table(
                "Crest of a slot over the busy hour's mean",
                ["mean duration", "jitter", "formula", "simulated"],
                [
                    [
                        f"{each['mean_duration_min']:g} min",
                        f"{each['start_jitter_min']:g} min",
                        f"{each['formula']:.3f}",
                        f"{each['simulated']:.3f}",
                    ]
                    for each in ripples
                ],
            ),
            report.Table(
                "Refused starts",
                ["a week", "arrivals and slots", "slots", "refused of a million", "95 % interval"],
                [
                    [
                        f"{each['weekly']:,}",
                        CASES[each["case"]],
                        f"{each['session_slots']:,}",
                        f"{1e6 * each['refused']:,.0f}",
                        " to ".join(f"{1e6 * end:,.0f}" for end in each["interval"]),
                    ]
                    for each in refusals
                ],
            ),
        ],
    )
