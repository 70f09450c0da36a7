"""Plots and report of the comparison."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from benchmarks.capacity import search
from benchmarks.harness import plots, report
from benchmarks.harness.results import Result
from benchmarks.harness.stage import Stage
from benchmarks.peers import rounds
from benchmarks.peers.rounds import TOGETHER, Turns


def draw(turns: Sequence[Turns]) -> None:
    """Draw what each holds and what a packet costs, and delay against load."""
    names = [one.contestant.name.replace(", ", "\n") for one in turns]
    colours = [one.contestant.colour for one in turns]
    with plots.plot("peers", "Consultations held on one core") as axes:
        axes.bar(range(len(turns)), [one.held for one in turns], width=0.6, color=colours)
        for place, one in enumerate(turns):
            axes.plot([place] * len(one.knees), [knee.held for knee in one.knees], "k.", alpha=0.5)
            words = f"{'≥ ' if one.was_never_full else ''}{one.held}"
            top = max(knee.held for knee in one.knees)
            axes.annotate(words, (place, top), (0, 5), textcoords="offset points", ha="center")
        axes.set_xticks(range(len(turns)), names, fontsize=8)
        axes.set_ylabel("two-party consultations")
        axes.grid(axis="x", visible=False)
    with plots.plot("peers_cost", "CPU per relayed packet") as axes:
        kinds = (
            (f"{TOGETHER} consultations", -0.27, 1.0, [one.together() for one in turns]),
            (
                f"{TOGETHER} consultations, AES-CM",
                0.0,
                0.65,
                [one.other_profile for one in turns],
            ),
            ("its own most", 0.27, 0.35, [one.at_best() for one in turns]),
        )
        for words, offset, alpha, every in kinds:
            heights = [_median_us(each) for each in every]
            places = [place + offset for place in range(len(turns))]
            axes.bar(places, heights, 0.25, color=colours, alpha=alpha, label=words)
        axes.set_xticks(range(len(turns)), names, fontsize=8)
        axes.set_ylabel("µs")
        axes.grid(axis="x", visible=False)
        axes.legend(fontsize=8)
    with plots.plot("peers_delay", "Added delay, p99, as consultations join") as axes:
        for one in turns:
            for index, stages in enumerate(one.ladders):
                axes.plot(
                    [stage.running for stage in stages],
                    [max(0.01, stage.added_ms("p99")) for stage in stages],
                    "o-",
                    color=one.contestant.colour,
                    markersize=3,
                    label=one.contestant.name if index == 0 else None,
                )
        axes.axhline(
            search.ADDED_P99_MS, color=plots.TARGET, linestyle="--", linewidth=0.9, label="limit"
        )
        axes.set(xscale="log", yscale="log", xlabel="two-party consultations", ylabel="ms")
        axes.legend(fontsize=8)


def report_on(result: Result, turns: Sequence[Turns]) -> None:
    """Write the report."""
    report.write(
        result,
        title="The relay beside Janus",
        summary="The same generator drives the relay and Janus' VideoRoom in turns, on the same "
        "core and with the same protection: how many consultations each holds, what a relayed "
        "packet costs it, and what memory a consultation takes.",
        drawn=[
            report.Plot("peers", "Consultations held on one core"),
            report.Plot("peers_cost", "CPU per relayed packet, by load and protection"),
            report.Plot("peers_delay", "Added delay against consultations"),
        ],
        tables=[_summary(turns), _stages(turns)],
    )


def _summary(turns: Sequence[Turns]) -> report.Table:
    rows = []
    for one in turns:
        memory = [
            rounds.memory_bytes(stages, knee)
            for stages, knee in zip(one.ladders, one.knees, strict=True)
        ]
        rows.append(
            [
                one.contestant.name,
                f"{'≥ ' if one.was_never_full else ''}{one.held}",
                f"{_median_us(one.together()):,.1f}",
                f"{_median_us(one.other_profile):,.1f}",
                f"{_median_us(one.at_best()):,.1f}",
                f"{statistics.median(memory) / 1_000:,.0f}",
            ]
        )
    headings = [
        "",
        "held on one core",
        f"µs a packet at {TOGETHER}",
        "the same, AES-CM",
        "µs a packet at its most",
        "kB a consultation",
    ]
    return report.Table("Medians over runs", headings, rows)


def _stages(turns: Sequence[Turns]) -> report.Table:
    rows = [
        [
            one.contestant.name,
            index + 1,
            stage.running,
            f"{stage.relayed_per_s:,.0f}",
            f"{stage.added_ms('p50'):.2f}",
            f"{stage.added_ms('p99'):.2f}",
            f"{stage.loss_share():.3%}",
            f"{stage.join_ms('p95'):,.0f}" if stage.joins["succeeded"] else "-",
            f"{stage.server.core_share():.0%}",
            len(stage.server.after.process.threads),
            f"{stage.generator_share:.0%}",
            *(f"{share:.0%}" for share in stage.shares.row().values()),
            search.limit_of(stage) or "held",
        ]
        for one in turns
        for index, stages in enumerate(one.ladders)
        for stage in stages
    ]
    headings = [
        "",
        "run",
        "consultations",
        "packets/s",
        "added p50, ms",
        "added p99, ms",
        "lost",
        "join p95, ms",
        "its core",
        "threads",
        "generator's core",
        "void",
        "of it stolen",
        "generator late",
        "limit",
    ]
    return report.Table("Stages", headings, rows)


def _median_us(stages: Sequence[Stage]) -> float:
    if not stages:
        return math.nan
    return statistics.median(rounds.cpu_ns_per_packet(stage) for stage in stages) / 1_000
