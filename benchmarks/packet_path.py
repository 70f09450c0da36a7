"""The packet path in memory: nanoseconds by profile and by stage, and no allocation.

`python -m benchmarks.packet_path`.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks.harness import failure, options, plots, programs, progress, report
from benchmarks.harness.results import Bar, Result

CASE_KEYS: Final = ("profile", "kind", "subscribers", "rooms", "cold")
STAGES: Final = {
    "find_leg_ns": "whose is it",
    "unprotect_ns": "SRTP in",
    "register_ns": "headers, statistics, cache",
    "rewrite_ns": "choose, renumber, rewrite",
    "protect_ns": "SRTP out",
}
CORE: Final = 0
EXPECTED_NS_PER_PACKET: Final = 70 * 6_000
"""All cases and stages together, about; for the progress bar only."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("packet_path", "Measure the packet path in memory.")
    parser.add_argument("--packets", type=options.within(1_000, 10_000_000), default=50_000)
    parser.add_argument(
        "--rooms",
        type=options.within(1, 2_000),
        nargs="+",
        default=[1, 133],
        help="that take turns",
    )
    chosen = parser.parse_args(arguments)

    outcomes = []
    one_run_s = chosen.packets * EXPECTED_NS_PER_PACKET / 1e9 + 1.0
    with progress.watch("packet path", one_run_s * chosen.runs) as watch:
        for index in range(chosen.runs):
            with watch.step(f"run {index + 1}", one_run_s):
                setup = {
                    "core": CORE,
                    "packets": chosen.packets,
                    "rooms": sorted(set(chosen.rooms)),
                    "seed": chosen.seed + index,
                }
                outcome = programs.run("packet_path", setup, timeout_s=60 + 20 * one_run_s)
                outcomes.append(outcome)
    cases = _medians([outcome["cases"] for outcome in outcomes], CASE_KEYS)
    stages = _medians([outcome["stages"] for outcome in outcomes], CASE_KEYS[:2])
    allocations = max(case["allocations"] for outcome in outcomes for case in outcome["cases"])
    result = Result(
        name="packet_path",
        configuration={
            "runs": chosen.runs,
            "packets": chosen.packets,
            "rooms": sorted(set(chosen.rooms)),
            "clock": "processor time of the thread, one core",
        },
        figures={"cases": cases, "stages": stages},
        bars=[Bar("allocations in all packets of any case", allocations, "allocations", 0)],
        notes=[
            "One room fits the nearest cache; many rooms that take turns are a busy worker.",
            "Cold: 4 MiB are written between two batches, which leaves nothing in a core's caches.",
            "Stages are differences between cases: a small one may come out below 0.",
            "Timers are shared by the packets of 10 ms: in a single room, by very few.",
        ],
    )
    _draw(stages)
    path = result.write()
    _report(result, cases, stages)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 1 if allocations else 0


def _medians(runs: Sequence[Sequence[dict[str, Any]]], keys: Sequence[str]) -> list[dict[str, Any]]:
    """Join the same row of all runs: names stay, figures become medians."""
    return [
        {
            name: value if name in keys else round(statistics.median(row[name] for row in rows), 2)
            for name, value in rows[0].items()
        }
        for rows in zip(*runs, strict=True)
    ]


def _draw(stages: Sequence[dict[str, Any]]) -> None:
    with plots.plot("packet_path", "One packet to one subscriber, by stage") as axes:
        labels = [f"{row['kind']}\n{row['profile']}" for row in stages]
        lefts = [0.0] * len(stages)
        for (name, words), colour in zip(STAGES.items(), plots.STAGES, strict=False):
            widths = [max(0.0, row[name]) for row in stages]
            axes.barh(labels, widths, left=lefts, color=colour, label=words)
            lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
        axes.invert_yaxis()
        axes.set_xlabel("ns")
        axes.tick_params(axis="y", labelsize=7)
        axes.legend(fontsize=8)


def _report(
    result: Result, cases: Sequence[dict[str, Any]], stages: Sequence[dict[str, Any]]
) -> None:
    figures = ("ns_per_packet", "tick_ns_per_packet", "allocations")
    report.write(
        result,
        title="The packet path in memory",
        summary="From a datagram as it was read to the datagrams that would be sent, without "
        "sockets: SRTP in, statistics, rewriting, SRTP out.",
        drawn=[report.Plot("packet_path", "Time of a packet by stage, profile and kind")],
        tables=[
            report.Table(
                "Cases (medians, for each packet that comes in)",
                [*CASE_KEYS, "ns", "ns of timers", "allocations"],
                [
                    [*(case[key] for key in CASE_KEYS), *(case[f] for f in figures)]
                    for case in cases
                ],
            ),
            report.Table(
                "Stages (ns, one room)",
                ["profile", "kind", *STAGES.values()],
                [[row["profile"], row["kind"], *(row[name] for name in STAGES)] for row in stages],
            ),
        ],
    )


if __name__ == "__main__":
    failure.run("packet_path", lambda: main(sys.argv[1:]))
