"""The delay a relay adds to each packet, from a tenth of its capacity to nine tenths.

`python -m benchmarks.latency`. One relay per run takes more and more consultations; beside them a
few send directly, and what those take is subtracted, percentile by percentile.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from benchmarks import load
from benchmarks.harness import aside, failure, machine, medians, options, plots, progress, report
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import WITHHELD_SHARE, Stage
from benchmarks.known_capacity import measured_capacity
from benchmarks.served_relay import served_relay

LEVELS: Final = (10, 20, 30, 40, 50, 60, 70, 80, 90)
HALF, NEARLY_FULL = 50, 90
HALF_P50_MS, HALF_P99_MS, NEARLY_FULL_P99_MS = 0.6, 2.0, 10.0

FIRST_CONSULTATIONS, FIRST_P99_MS, FIRST_LOST = 50, 2.0, 0
"""What the first consultation had to reach, at so many of them."""

START_S: Final = 3.0

Levels = Mapping[int, list[Stage]]
"""Consultations to the stages in which so many ran, one for each run."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("latency", "Measure the delay added, against load.")
    parser.add_argument(
        "--capacity",
        type=options.within(20, 5_000),
        help="consultations that are 100 %%; default: what the capacity measurement found",
    )
    parser.add_argument(
        "--levels", type=options.within(1, 100), nargs="+", default=LEVELS, help="in %% of it"
    )
    parser.add_argument("--measure-s", type=options.seconds, default=6.0, help="each level")
    options.add_adaptation(parser)
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    capacity = chosen.capacity or measured_capacity(adaptation=chosen.adaptation)
    wanted = sorted({*chosen.levels, HALF, NEARLY_FULL})
    counts = {level: max(1, round(capacity * level / 100)) for level in wanted}

    levels: dict[int, list[Stage]] = {
        count: [] for count in sorted({*counts.values(), FIRST_CONSULTATIONS})
    }
    joins_s = 2 * max(levels) / 50
    settle_s = load.ADAPTED_SETTLE_S if chosen.adaptation else load.SETTLE_S
    run_s = START_S + joins_s + len(levels) * (settle_s + 1.0 + chosen.measure_s)
    with progress.watch("latency", run_s * chosen.runs) as watch:
        for index in range(chosen.runs):
            for stage in _run(watch, chosen, list(levels), index):
                levels[stage.running].append(stage)
    result = _result(chosen, capacity, counts, levels, watch.repetition)
    _draw(result.name, capacity, counts, levels)
    path = result.write()
    _report(result, capacity, levels)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _run(watch: progress.Watch, chosen: Any, counts: Sequence[int], index: int) -> Sequence[Stage]:
    def attempt(words: str) -> load.Run:
        with served_relay([load.RELAY_CORE], adaptation=chosen.adaptation) as relay:
            script = load.Script(relay)
            for count in counts:
                script.grow(f"{count} consultations", count, measure_s=chosen.measure_s)
            return load.run(script, watch, seed=chosen.seed + index, words=words)

    return load.repeated(watch, f"run {index + 1}", attempt).stages


def _bars(counts: Mapping[int, int], levels: Levels) -> list[Bar]:
    half, nearly = counts[HALF], counts[NEARLY_FULL]
    few = f"{FIRST_CONSULTATIONS} consultations"
    at_half, at_nearly = f"half capacity ({half})", f"90 % of capacity ({nearly})"
    bars = []
    for count, where, quantile, limit_ms in (
        (half, at_half, "p50", HALF_P50_MS),
        (half, at_half, "p99", HALF_P99_MS),
        (nearly, at_nearly, "p99", NEARLY_FULL_P99_MS),
        (FIRST_CONSULTATIONS, few, "p99", FIRST_P99_MS),
    ):
        kept = medians.trusted(levels[count])
        # Where every window was void, what was seen in them stands, and shows nothing.
        added_ms = statistics.median(
            stage.added_ms(quantile, clean=bool(kept)) for stage in kept or levels[count]
        )
        words, doubt = f"delay added at {where}, {quantile}", medians.why_unproven(kept)
        bars.append(Bar(words, added_ms, "ms", limit_ms, unproven=doubt))
    every = levels[FIRST_CONSULTATIONS]
    kept = medians.trusted(every)
    lost = max(stage.path("relayed", clean=bool(kept))["lost"] for stage in kept or every)
    words, doubt = f"packets lost at {few}, worst run", medians.why_unproven(kept)
    bars.append(Bar(words, lost, "packets", FIRST_LOST, unproven=doubt))
    return bars


def _withheld_bar(levels: Levels) -> Bar:
    """Judge the load at which the most was kept back: what is kept back is not late."""

    def share(stages: Sequence[Stage]) -> float:
        kept = medians.trusted(stages)
        every = (stage.withheld_share(clean=bool(kept)) for stage in kept or stages)
        return statistics.median(every)

    worst = max(levels.values(), key=share)
    doubt = medians.why_unproven(medians.trusted(worst))
    words, limit = "pictures kept back on purpose, at the worst load", 100 * WITHHELD_SHARE
    return Bar(words, 100 * share(worst), "%", limit, unproven=doubt)


def _result(
    chosen: Any,
    capacity: int,
    counts: Mapping[int, int],
    levels: Levels,
    repetition: Repetition,
) -> Result:
    return Result(
        name=options.result_name("latency", adaptation=chosen.adaptation),
        configuration={
            "runs": chosen.runs,
            "measured_s_each_level": chosen.measure_s,
            "capacity_consultations": capacity,
            "adaptation": chosen.adaptation,
            "protection": load.AES_GCM,
            "switched_on": "signalling, ICE, DTLS, TWCC and RTCP both ways, caches, metrics",
            "cores": f"relay {load.RELAY_CORE} (all its threads), generator {load.GENERATOR_CORE}",
            "harness": aside.WORDS,
            "added": "a percentile through the relay less the same percentile without, same run",
        },
        figures={
            "capacity_consultations": capacity,
            "levels": [
                {
                    "percent_of_capacity": round(100 * count / capacity),
                    "consultations": count,
                    "medians": _medians(stages),
                    "runs": [stage.row() for stage in stages],
                }
                for count, stages in levels.items()
            ],
            "repeated": repetition.rows(),
        },
        # Without adaptation nothing is ever kept back.
        bars=[
            *_bars(counts, levels),
            *([_withheld_bar(levels)] if chosen.adaptation else []),
            *repetition.bars,
        ],
        notes=[*_notes(levels), *repetition.notes],
    )


def _medians(stages: Sequence[Stage]) -> dict[str, float]:
    figures: dict[str, Callable[[Stage], float]] = {
        "added_p50_ms": lambda stage: stage.added_ms("p50"),
        "added_p95_ms": lambda stage: stage.added_ms("p95"),
        "added_p99_ms": lambda stage: stage.added_ms("p99"),
        "bare_p50_ms": lambda stage: stage.delay_ms("p50", "bare"),
        "bare_p99_ms": lambda stage: stage.delay_ms("p99", "bare"),
        "worst_consultation_p99_ms": lambda stage: (
            stage.found["consultations_clean"]["delay_p99_us"]["max"] / 1_000
        ),
        "added_p99_all_windows_ms": lambda stage: stage.added_ms("p99", clean=False),
        "loss_share": lambda stage: stage.loss_share(),
        "withheld_share": lambda stage: stage.withheld_share(),
        "void_share": lambda stage: stage.shares.void,
        "stolen_share": lambda stage: stage.shares.stolen,
        "late_share": lambda stage: stage.shares.late,
        "relay_core_share": lambda stage: stage.server.core_share(),
        "generator_core_share": lambda stage: stage.generator_share,
        "cpu_ns_per_packet": lambda stage: stage.cpu_ns_per_packet(),
    }
    kept = medians.trusted(stages)
    if not kept:
        return {}
    return {name: round(medians.median(kept, figure), 4) for name, figure in figures.items()}


def _notes(levels: Levels) -> list[str]:
    void = f"A window of {load.WINDOW_MS} ms in which the generator was late, or lost its core,"
    notes = [f"{void} is void: figures are of the others; those over all stand beside them."]
    for count, stages in levels.items():
        notes += medians.caution(stages, f"{count} consultations")
    return notes


def _draw(name: str, capacity: int, counts: Mapping[int, int], levels: Levels) -> None:
    found = {count: _medians(stages) for count, stages in levels.items() if _medians(stages)}
    percents = [100 * count / capacity for count in found]
    with plots.plot(name, "Delay added by the relay, against load") as axes:
        for quantile, colour in (("p50", 1), ("p95", 3), ("p99", 0)):
            axes.plot(
                percents,
                [max(0.01, medians_[f"added_{quantile}_ms"]) for medians_ in found.values()],
                "o-",
                color=plots.STAGES[colour],
                label=f"added, {quantile}",
            )
        bare = [medians_["bare_p99_ms"] for medians_ in found.values()]
        axes.plot(percents, bare, ":", color=plots.FLOOR, label="bare loopback, p99")
        for level, limit, words in (
            (HALF, HALF_P50_MS, "p50"),
            (HALF, HALF_P99_MS, "p99"),
            (NEARLY_FULL, NEARLY_FULL_P99_MS, "p99"),
        ):
            axes.plot(level, limit, "v", color=plots.TARGET, markersize=9)
            axes.text(level + 1, limit, f"{words} below", color=plots.TARGET, fontsize=8)
        axes.set(yscale="log", xlabel="% of capacity", ylabel="ms")
        axes.legend(fontsize=8)
    with plots.plot(f"{name}_distribution", "One-way delay through the relay, by load") as axes:
        shown = [level for level in (min(counts), HALF, NEARLY_FULL) if level in counts]
        for level, shade in zip(shown, plots.STAGES[2::-1], strict=False):
            _exceeding(axes, levels[counts[level]][0], "relayed", f"{level} % of capacity", shade)
        _exceeding(axes, levels[counts[HALF]][0], "bare", "bare loopback", plots.FLOOR)
        axes.axhline(0.01, color=plots.TARGET, linewidth=0.8, linestyle="--", label="p99")
        axes.set(xscale="log", yscale="log", xlabel="ms", ylabel="packets that took longer")
        plots.label_shares(axes)
        axes.legend(fontsize=8)


def _exceeding(axes: Any, stage: Stage, name: str, words: str, colour: str) -> None:
    edges, shares = plots.exceeding(stage.path(name)["delay"]["buckets"])
    axes.plot([edge / 1_000 for edge in edges], shares, color=colour, label=words)


def _report(result: Result, capacity: int, levels: Levels) -> None:
    columns = {
        "added p50, ms": ("added_p50_ms", ".2f"),
        "p95": ("added_p95_ms", ".2f"),
        "p99": ("added_p99_ms", ".2f"),
        "worst consultation's p99": ("worst_consultation_p99_ms", ".2f"),
        "p99, void windows too": ("added_p99_all_windows_ms", ".2f"),
        "bare p50, ms": ("bare_p50_ms", ".3f"),
        "bare p99": ("bare_p99_ms", ".3f"),
        "lost": ("loss_share", ".4%"),
        "kept back": ("withheld_share", ".2%"),
        "relay's core": ("relay_core_share", ".0%"),
        "generator's core": ("generator_core_share", ".0%"),
        "void": ("void_share", ".0%"),
        "of it stolen": ("stolen_share", ".0%"),
        "generator late": ("late_share", ".0%"),
    }
    rows = []
    for count, stages in levels.items():
        found = _medians(stages)
        figures = (f"{found[name]:{form}}" if found else "-" for name, form in columns.values())
        rows.append([f"{count / capacity:.0%}", count, *figures])
    report.write(
        result,
        title="Delay added by the relay",
        summary="How much longer a packet takes through the relay than straight from one socket to "
        "the other on this machine, while more and more consultations go on.",
        drawn=[
            report.Plot(result.name, "Added delay by load: median, p95 and p99"),
            report.Plot(
                f"{result.name}_distribution", "Distribution of one-way delays at three loads"
            ),
        ],
        tables=[report.Table("Medians over runs", ["load", "consultations", *columns], rows)],
    )


if __name__ == "__main__":
    failure.run("latency", lambda: main(sys.argv[1:]))
