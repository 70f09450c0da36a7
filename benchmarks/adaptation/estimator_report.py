"""The estimator's report: plots and tables. Called by `benchmarks.adaptation.estimator`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from benchmarks.adaptation.cost import Cost
from benchmarks.adaptation.judging import LEAST_USED, MOST_WAIT_MS, Verdict
from benchmarks.adaptation.links import TICK_US, Links
from benchmarks.adaptation.simulation import Course
from benchmarks.harness import plots, report
from benchmarks.harness.results import Result

DRAWN: Final = (
    report.Plot("estimator", "Utilisation and queueing delay of all links, as distributions"),
    report.Plot("estimator_changes", "How fast halved and doubled capacities are followed"),
    report.Plot("estimator_course", "Capacity, rate and waiting over time on four links"),
)
SHOWN_SHARES: Final = (0.05, 0.35, 0.65, 0.95)
"""Links are drawn from the bad ones to the good ones, by what was used."""


def write(result: Result, run: tuple[Links, Course, Verdict], costs: Sequence[Cost]) -> None:
    """Draw the plots of the first run and write `results/estimator.html`."""
    links, course, verdict = run
    _distributions(verdict)
    _changes(verdict)
    _courses(links, course, verdict)
    worst = result.figures["worst"]
    report.write(
        result,
        title="The bandwidth estimator against random links",
        summary="Every link has a capacity that changes, a queue, a length and a loss of its own; "
        "a sender sends what the estimator allows it. Computed in virtual time.",
        drawn=DRAWN,
        tables=[
            report.Table(
                "The worst ten links, by the share that was used",
                ["link", "used", "p95 wait", "Mbit/s", "round trip", "queue", "loss", "why"],
                [
                    [
                        each["link"],
                        f"{100 * each['used']:.0f} %",
                        f"{each['wait_p95_ms']:.0f} ms",
                        " → ".join(f"{rate:g}" for rate in each["mbps"]),
                        f"{each['round_trip_ms']} ms",
                        f"{each['queue_ms']} ms",
                        f"{100 * each['loss']:.1f} %",
                        each["why"],
                    ]
                    for each in worst
                ],
            ),
            report.Table(
                "What the estimator costs",
                ["receivers", "packets a feedback", "of a core", "a tick's 99th percentile"],
                [
                    [
                        f"{cost.receivers:,}",
                        f"{cost.samples_each:.1f}",
                        f"{100 * cost.share:.1f} %",
                        f"{cost.tick_p99_ms:.1f} ms",
                    ]
                    for cost in costs
                ],
            ),
        ],
    )


def _distributions(verdict: Verdict) -> None:
    title = "What random links make of the estimator"
    with plots.plot("estimator", title) as axes:
        links = len(verdict.utilisation)
        rank = (np.arange(links) + 0.5) / links * 100
        axes.plot(rank, 100 * np.sort(verdict.utilisation), color=plots.RELAY, label="used, %")
        axes.plot(
            rank,
            np.sort(verdict.wait_p95_ms),
            color=plots.STAGES[4],
            label="queueing delay, 95th percentile, ms",
        )
        axes.axhline(100 * LEAST_USED, color=plots.RELAY, lw=1, ls="--", label="to be used, median")
        axes.axhline(
            MOST_WAIT_MS, color=plots.STAGES[4], lw=1, ls="--", label="allowed delay, median"
        )
        axes.axvline(50, color=plots.FLOOR, lw=1)
        axes.set_ylim(0, 150)
        axes.set_xlabel("% of the links, each curve sorted by itself")
        axes.legend(fontsize=8)


def _changes(verdict: Verdict) -> None:
    with plots.plot("estimator_changes", "How fast a change is followed") as axes:
        for words, seconds, colour in (
            ("halved: no more than the capacity is sent", verdict.step_down_s, plots.TARGET),
            ("doubled: nine tenths of it are sent", verdict.recovery_s, plots.RELAY),
        ):
            share = (np.arange(len(seconds)) + 1) / len(seconds)
            axes.step(np.sort(seconds), share, color=colour, label=words, where="post")
        axes.set_xlim(0, 20)
        plots.percent(axes)
        axes.set_xlabel("s after the change")
        axes.set_ylabel("of all changes")
        axes.legend(fontsize=8)


def _courses(links: Links, course: Course, verdict: Verdict) -> None:
    order = np.argsort(verdict.utilisation)
    chosen = [int(order[int(share * (len(order) - 1))]) for share in SHOWN_SHARES]
    seconds = np.arange(len(course.rate_bps)) * TICK_US / 1e6
    title = "From links of which little is used to links of which much is"
    with plots.panels("estimator_course", title, len(chosen)) as panels:
        for axes, link in zip(panels, chosen, strict=True):
            axes.step(
                seconds, course.capacity_bps[:, link] / 1e6, color=plots.FLOOR, label="capacity"
            )
            axes.plot(
                seconds, course.rate_bps[:, link] / 1e6, color=plots.RELAY, lw=1, label="rate"
            )
            axes.set_ylabel("Mbit/s")
            axes.set_ylim(0)
            wait = axes.twinx()
            wait.fill_between(seconds, course.standing_ms[:, link], color=plots.TARGET, alpha=0.4)
            wait.set_ylim(0, 500)
            wait.set_ylabel("standing queue, ms")
            wait.grid(visible=False)
            axes.set_title(
                f"{links.round_trip_us[link] / 1e3:.0f} ms there and back, "
                f"queue {links.queue_ms[link]:.0f} ms, {100 * links.loss[link]:.1f} % loss, "
                f"{100 * verdict.utilisation[link]:.0f} % used",
                fontsize=8,
                loc="right",
            )
        panels[0].legend(fontsize=8, loc="upper left")
        panels[-1].set_xlabel("s")
