"""Plots and report of the measurement of joins."""

from __future__ import annotations

from typing import Any

from benchmarks.harness import plots, report
from benchmarks.harness.results import Result
from benchmarks.join_rates import (
    BURST_P99_MS,
    JOIN_P95_MS,
    Runs,
    began_late_ms,
    cpu_ms_per_join,
    stream_name,
)


def draw(chosen: Any, stream: Runs, burst: Runs) -> None:
    """Draw join times and core use by rate, and delays before and during the burst."""
    with plots.panels("joins", "Joining one core at a steady rate", 2) as (times, shares):
        rates = chosen.joins_per_s
        for quantile, shade in (("p50", plots.STAGES[2]), ("p95", plots.RELAY)):
            for index, run in enumerate(stream):
                shown = [rate for rate in rates if run[stream_name(rate)].joins["succeeded"]]
                values = [run[stream_name(rate)].join_ms(quantile) for rate in shown]
                label = quantile if index == 0 else None
                times.plot(shown, values, "o-", color=shade, label=label)
        times.axhline(JOIN_P95_MS, color=plots.TARGET, linestyle="--", label="p95 has to be below")
        for index, run in enumerate(stream):
            stages = [run[stream_name(rate)] for rate in rates]
            for values, colour, words in (
                ([s.server.core_share() for s in stages], plots.RELAY, "relay"),
                ([s.generator_share for s in stages], plots.FLOOR, "generator"),
            ):
                shares.plot(rates, values, "o-", color=colour, label=words if index == 0 else None)
        times.set(yscale="log", ylabel="ms")
        shares.set(ylabel="core in use", xlabel="joins per second")
        plots.percent(shares)
        times.legend(fontsize=8)
        shares.legend(fontsize=8)
    title = f"{chosen.running} consultations, before and while {chosen.burst} people join in 5 s"
    with plots.plot("joins_burst", title) as axes:
        for index, run in enumerate(burst):
            for name, colour, words in (
                ("before", plots.FLOOR, "before"),
                ("burst", plots.RELAY, "during the burst"),
            ):
                edges, rest = plots.exceeding(
                    run[name].path("relayed", clean=False)["delay"]["buckets"]
                )
                label = words if index == 0 else None
                axes.plot([edge / 1_000 for edge in edges], rest, color=colour, label=label)
        axes.axvline(BURST_P99_MS, color=plots.TARGET, linestyle="--", label="p99 has to be below")
        axes.set(xscale="log", yscale="log", xlabel="one-way delay, ms")
        axes.set_ylabel("packets that took longer")
        plots.label_shares(axes)
        axes.legend(fontsize=8)


def write(result: Result, stream: Runs, burst: Runs) -> None:
    """Write the report."""
    headings = [
        "run",
        "arrivals",
        "joined",
        "failed",
        "p50, ms",
        "p95",
        "longest",
        "began late, p95",
        "relay's core",
        "generator's core",
        "CPU ms a join",
        "void",
        "of it stolen",
        "generator late",
    ]
    rows = [
        [
            index + 1,
            name,
            stage.joins["succeeded"],
            ", ".join(f"{n} {why}" for why, n in stage.joins["failed"].items()) or "0",
            *(
                f"{stage.join_ms(q):,.0f}" if stage.joins["succeeded"] else "-"
                for q in ("p50", "p95", "max")
            ),
            f"{began_late_ms(stage):,.1f}",
            f"{stage.server.core_share():.0%}",
            f"{stage.generator_share:.0%}",
            f"{cpu_ms_per_join(stage):.1f}",
            *(f"{share:.0%}" for share in stage.shares.row().values()),
        ]
        for runs in (stream, burst)
        for index, run in enumerate(runs)
        for name, stage in run.items()
    ]
    report.write(
        result,
        title="Joining",
        summary="People join a relay on one core: at steady rates, by other patterns, and all at "
        "once while consultations run.",
        drawn=[
            report.Plot("joins", "Join time and core use by rate"),
            report.Plot("joins_burst", "Delays of running consultations before and during a burst"),
        ],
        tables=[report.Table("Joins", headings, rows)],
    )
