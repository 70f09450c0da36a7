"""Plots and report of the capacity measurement."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Final

from benchmarks.capacity import runs, search
from benchmarks.capacity.denominators import Comparison
from benchmarks.capacity.runs import COMPARED, Ladder
from benchmarks.harness import plots, report
from benchmarks.harness.readings import MEDIA_THREADS
from benchmarks.harness.results import Result
from benchmarks.harness.stage import Stage

SMALLEST_LOSS: Final = 1e-6
"""A logarithmic axis has no 0."""


def draw(
    name: str, ladders: Sequence[Ladder], shapes: Sequence[dict[str, Stage]], held: int
) -> None:
    """Draw the knee, the cost of a packet, and the cost by shape, under this result's name."""
    _draw_knee(name, ladders, held)
    _draw_cost(f"{name}_cost", ladders)
    _draw_shapes(f"{name}_shapes", shapes)


def report_on(
    result: Result, ladders: Sequence[Ladder], shapes: Sequence[dict[str, Stage]]
) -> None:
    """Write the report."""
    report.write(
        result,
        title="What one core holds",
        summary="Two-party consultations join a relay on one core, more and more of them, with "
        "real signalling, handshakes and media, until packets are lost, late, or joins take too "
        "long.",
        drawn=[
            report.Plot(result.name, "Added delay, loss and core use against consultations"),
            report.Plot(f"{result.name}_cost", "CPU per relayed packet of relay and floor"),
            report.Plot(f"{result.name}_shapes", "CPU per relayed packet by parties and workers"),
        ],
        tables=[_stages_table(ladders), _cost_table(ladders), _shapes_table(shapes)],
    )


def _draw_knee(name: str, ladders: Sequence[Ladder], held: int) -> None:
    with plots.panels(name, "What one core holds", 3) as (delays, losses, shares):
        for index, ladder in enumerate(ladders):
            counts = [stage.running for stage in ladder.stages]
            first = index == 0
            delays.plot(
                counts,
                [max(0.01, stage.added_ms("p99")) for stage in ladder.stages],
                "o-",
                color=plots.RELAY,
                label="added delay, p99" if first else None,
            )
            losses.plot(
                counts,
                [max(SMALLEST_LOSS, stage.loss_share()) for stage in ladder.stages],
                "o-",
                color=plots.RELAY,
                label="lost" if first else None,
            )
            for share, colour, words in (
                ([s.server.core_share() for s in ladder.stages], plots.RELAY, "relay"),
                ([s.generator_share for s in ladder.stages], plots.FLOOR, "generator"),
            ):
                shares.plot(counts, share, "o-", color=colour, label=words if first else None)
        limits = ((delays, search.ADDED_P99_MS), (losses, search.LOSS_SHARE))
        for axes, limit in limits:
            axes.axhline(limit, color=plots.TARGET, linestyle="--", linewidth=0.9, label="limit")
            axes.set_yscale("log")
        for axes in (delays, losses, shares):
            axes.axvline(held, color=plots.TARGET, linewidth=0.9)
            axes.legend(fontsize=8, loc="upper left")
        delays.text(
            held,
            0.9,
            f"{held} held ",
            color=plots.TARGET,
            ha="right",
            transform=delays.get_xaxis_transform(),
        )
        delays.set_ylabel("ms")
        losses.set_ylabel("packets lost\n(none: 0.0001 %)")
        plots.label_shares(losses)
        shares.set_ylabel("core in use")
        plots.percent(shares)
        shares.set_xlabel("two-party consultations")


def _draw_cost(name: str, ladders: Sequence[Ladder]) -> None:
    with plots.plot(name, "CPU per relayed packet") as axes:
        for index, ladder in enumerate(ladders):
            rates = [stage.relayed_per_s for stage in ladder.stages]
            for threads, style, words in (
                ("", "o-", "relay, whole process"),
                (MEDIA_THREADS, "o:", "of it the packet worker"),
            ):
                costs = [stage.cpu_ns_per_packet(threads) / 1_000 for stage in ladder.stages]
                label = words if index == 0 else None
                axes.plot(rates, costs, style, color=plots.RELAY, label=label, alpha=0.8)
            axes.plot(
                [one.stage.relayed_per_s for one in ladder.compared.values() if not one.refusal],
                [one.floor_ns / 1_000 for one in ladder.compared.values() if not one.refusal],
                "s--",
                color=plots.STAGES[4],
                label="floor: a bare loop" if index == 0 else None,
            )
        axes.set_ylim(bottom=0)
        axes.set_xlabel("relayed packets per second")
        axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.set_ylabel("µs")
        axes.legend(fontsize=8)


def _draw_shapes(result_name: str, shapes: Sequence[dict[str, Stage]]) -> None:
    with plots.plot(result_name, "CPU per relayed packet, by kind of load") as axes:
        found = runs.by_shape(shapes)
        names = list(found)
        medians = [
            statistics.median(stage.cpu_ns_per_packet() / 1_000 for stage in stages)
            for stages in found.values()
        ]
        axes.bar(range(len(names)), medians, width=0.5, color=plots.RELAY)
        for place, name in enumerate(names):
            for stage in found[name]:
                axes.plot(place, stage.cpu_ns_per_packet() / 1_000, "k.", alpha=0.5)
        labels = [
            f"{name.replace(', ', chr(10))}\n{runs.SHAPES[name].consultations} consultations"
            for name in names
        ]
        axes.set_xticks(range(len(names)), labels, fontsize=8)
        axes.set_ylabel("µs")


def _stages_table(ladders: Sequence[Ladder]) -> report.Table:
    rows = [
        [
            index + 1,
            stage.running,
            f"{stage.relayed_per_s:,.0f}",
            f"{stage.added_ms('p50'):.2f}",
            f"{stage.added_ms('p99'):.2f}",
            f"{stage.added_ms('p99', clean=False):.2f}",
            f"{stage.loss_share():.3%}",
            f"{stage.loss_share(clean=False):.3%}",
            f"{stage.withheld_share():.2%}",
            f"{stage.join_ms('p95'):,.0f}" if stage.joins["succeeded"] else "-",
            f"{stage.server.core_share():.0%}",
            f"{stage.generator_share:.0%}",
            *(f"{share:.0%}" for share in stage.shares.row().values()),
            search.limit_of(stage) or "held",
        ]
        for index, ladder in enumerate(ladders)
        for stage in ladder.stages
    ]
    headings = [
        "run",
        "consultations",
        "packets/s",
        "added p50, ms",
        "added p99, ms",
        "the same, void windows too",
        "lost",
        "void windows too",
        "kept back on purpose",
        "join p95, ms",
        "relay's core",
        "generator's core",
        "void",
        "of it stolen",
        "generator late",
        "",
    ]
    return report.Table("Stages", headings, rows)


def _cost_table(ladders: Sequence[Ladder]) -> report.Table:
    rows = [
        [
            index + 1,
            f"{rate:,}",
            f"{ladder.stage(running).cpu_ns_per_packet():,.0f}",
            f"{ladder.stage(running).cpu_ns_per_packet(MEDIA_THREADS):,.0f}",
            *_held_against(ladder.compared[running]),
        ]
        for index, ladder in enumerate(ladders)
        for running, rate in COMPARED.items()
    ]
    headings = ["run", "packets/s", "relay, ns", "its worker, ns", "floor, ns", "ratio", "worker's"]
    return report.Table("Relay and floor", headings, rows)


def _held_against(one: Comparison) -> list[str]:
    if one.refusal:
        return ["-", "-", one.refusal]
    return [f"{one.floor_ns:,.0f}", f"{one.ratio():.2f}", f"{one.ratio(MEDIA_THREADS):.2f}"]


def _shapes_table(shapes: Sequence[dict[str, Stage]]) -> report.Table:
    rows = [
        [
            name,
            runs.SHAPES[name].consultations,
            f"{statistics.median(stage.relayed_per_s for stage in stages):,.0f}",
            f"{statistics.median(stage.cpu_ns_per_packet() for stage in stages):,.0f}",
            f"{statistics.median(stage.server.core_share() for stage in stages):.0%}",
        ]
        for name, stages in runs.by_shape(shapes).items()
    ]
    headings = ["load", "consultations", "packets/s", "ns a packet", "relay's core"]
    return report.Table("Parties and workers (medians)", headings, rows)
