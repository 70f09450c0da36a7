"""How fast people can join one core: a steady stream, a burst on running consultations, patterns.

`python -m benchmarks.joins`. A join is everything from the socket's opening to media both ways:
signalling, offer and answer, ICE, DTLS, the first packet of the other.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks import arrivals, load
from benchmarks.harness import failure, machine, options, plots, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.readings import MEDIA_THREADS
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import GENERATOR_IS_FULL, Stage
from benchmarks.served_relay import served_relay

JOINS_PER_S: Final = 60
JOIN_P95_MS: Final = 1_000.0
BURST_LOSS_SHARE, BURST_P99_MS = 0.001, 10.0

STAY_S: Final = 3.0
"""People leave again, so that joins, not the media of all who ever came, fill the core."""

BURST_S: Final = 5.0
BURST_WATCHED_S: Final = 10.0
PATTERN_S: Final = 8.0
PATTERN_JOINS_PER_S: Final = 30
STORM_S: Final = 4.0
START_S: Final = 3.0

Runs = Sequence[Mapping[str, Stage]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("joins", "Measure how fast people can join one core.")
    rates = options.within(2, 1_000)
    parser.add_argument("--joins-per-s", type=rates, nargs="+", default=[30, 60, 90, 120])
    parser.add_argument("--measure-s", type=options.seconds, default=8.0, help="each rate")
    parser.add_argument("--burst", type=options.within(2, 5_000), default=500, help="joins in 5 s")
    parser.add_argument(
        "--running", type=options.within(1, 2_000), default=100, help="consultations, at the burst"
    )
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    chosen.joins_per_s = sorted(set(chosen.joins_per_s))

    stream, burst = [], []
    with progress.watch("joins", chosen.runs * _run_s(chosen)) as watch:
        for index in range(chosen.runs):
            stream.append(_stream(watch, chosen, index))
            burst.append(_burst(watch, chosen, index))
    result = _result(chosen, stream, burst)
    _draw(chosen, stream, burst)
    path = result.write()
    _report(result, stream, burst)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def patterns(seed: int) -> dict[str, Sequence[float]]:
    """Give when consultations begin under each pattern; as many, on average, in each."""
    starts_per_s = PATTERN_JOINS_PER_S / 2
    count = round(starts_per_s * PATTERN_S)
    # A slot of 4 s instead of 15 minutes, with people as much around it: the same peaks, sooner.
    slot_s = PATTERN_S / 2
    jitter_s = slot_s * arrivals.JITTER_S / arrivals.SLOT_S
    grid = arrivals.appointment_grid(count, PATTERN_S, seed=seed, slot_s=slot_s, jitter_s=jitter_s)
    return {
        "Poisson": arrivals.poisson(starts_per_s, PATTERN_S, seed=seed).tolist(),
        "appointment grid": grid.tolist(),
        "rejoin storm": arrivals.rejoin_storm(count, seed=seed, over_s=STORM_S).tolist(),
    }


def _stream(watch: progress.Watch, chosen: Any, index: int) -> dict[str, Stage]:
    seed = chosen.seed + index
    with served_relay([load.RELAY_CORE]) as relay:
        script = load.Script(relay)
        for rate in chosen.joins_per_s:
            starts = arrivals.steady(max(1, round(rate * chosen.measure_s / 2)), rate / 2)
            watched_s = chosen.measure_s + STAY_S + 1.0
            script.arrive(_stream_name(rate), starts.tolist(), measure_s=watched_s, stay_s=STAY_S)
        for name, starts_at_s in patterns(seed).items():
            watched_s = PATTERN_S + STAY_S + 1.0
            script.arrive(name, starts_at_s, measure_s=watched_s, stay_s=STAY_S)
        stages = load.run(script, watch, seed=seed, words=f"run {index + 1}, stream").stages
    return {str(stage.found["name"]): stage for stage in stages}


def _burst(watch: progress.Watch, chosen: Any, index: int) -> dict[str, Stage]:
    with served_relay([load.RELAY_CORE]) as relay:
        script = load.Script(relay)
        script.grow("before", chosen.running, measure_s=5.0)
        starts = arrivals.steady(chosen.burst // 2, chosen.burst / 2 / BURST_S)
        script.arrive("burst", starts.tolist(), measure_s=BURST_WATCHED_S)
        seed, words = chosen.seed + index, f"run {index + 1}, burst"
        before, burst = load.run(script, watch, seed=seed, words=words).stages
    return {"before": before, "burst": burst}


def sustained(run: Mapping[str, Stage], rates: Sequence[int]) -> int:
    """Give the highest rate that was sustained, as were all below it; 0 if none was."""
    held = 0
    for rate in rates:
        stage = run[_stream_name(rate)]
        if not stage.joins["succeeded"] or stage.failed_joins:
            return held
        if stage.join_ms("p95") >= JOIN_P95_MS:
            return held
        held = rate
    return held


def cpu_ms_per_join(stage: Stage) -> float:
    """Give what a join costs the relay outside its packet workers, leaving included."""
    server = stage.server
    ns = server.cpu_ns() - server.cpu_ns(MEDIA_THREADS)
    return ns / 1e6 / max(1.0, float(stage.joins["succeeded"]))


def _stream_name(rate: int) -> str:
    return f"{rate} joins/s"


def _run_s(chosen: Any) -> float:
    rates_s = len(chosen.joins_per_s) * (chosen.measure_s + STAY_S + 1.0)
    patterns_s = len(patterns(chosen.seed)) * (PATTERN_S + STAY_S + 1.0)
    burst_s = 2 * chosen.running / 50 + load.SETTLE_S + 6.0 + BURST_WATCHED_S
    all_s: float = 2 * START_S + rates_s + patterns_s + burst_s
    return all_s


def _result(chosen: Any, stream: Runs, burst: Runs) -> Result:
    bursts = [run["burst"] for run in burst]
    if not all(stage.path("relayed", clean=False)["expected"] for stage in bursts):
        raise BenchmarkFailed(
            "no consultation was running when the burst came; nothing was written"
        )
    held = [sustained(run, chosen.joins_per_s) for run in stream]
    return Result(
        name="joins",
        configuration={
            "runs": chosen.runs,
            "joins_per_s": chosen.joins_per_s,
            "measured_s_each_rate": chosen.measure_s,
            "people_stay_s": STAY_S,
            "burst": f"{chosen.burst} joins in {BURST_S:g} s on {chosen.running} consultations",
            "patterns": f"{PATTERN_JOINS_PER_S} joins/s on average over {PATTERN_S:g} s; the storm "
            f"in {STORM_S:g} s",
            "protection": load.AES_GCM,
            "cores": f"relay {load.RELAY_CORE} (all its threads), generator {load.GENERATOR_CORE}",
        },
        figures={
            "sustained_joins_per_s_each_run": held,
            "cpu_ms_per_join": round(
                statistics.median(
                    cpu_ms_per_join(run[_stream_name(chosen.joins_per_s[0])]) for run in stream
                ),
                2,
            ),
            "stream": [{name: stage.row() for name, stage in run.items()} for run in stream],
            "burst": [{name: stage.row() for name, stage in run.items()} for run in burst],
        },
        bars=_bars(chosen, held, bursts),
        notes=_notes(chosen, stream, bursts),
    )


def _bars(chosen: Any, held: Sequence[int], bursts: Sequence[Stage]) -> list[Bar]:
    words = f"joins sustained on one core, p95 < {JOIN_P95_MS / 1_000:g} s"
    during = f"during {chosen.burst} joins in {BURST_S:g} s"
    failed = max(stage.failed_joins for stage in bursts)
    seen = [stage for stage in bursts if stage.path("relayed")["received"]]
    if not seen:
        raise BenchmarkFailed(
            "every moment of every burst was void: others use the cores. Nothing was written; stop "
            "what else runs, or ask for less"
        )
    loss = statistics.median(stage.loss_share() for stage in seen)
    p99_ms = statistics.median(stage.delay_ms("p99") for stage in seen)
    return [
        Bar(words, statistics.median(held), "joins/s", JOINS_PER_S, "at least"),
        Bar(f"joins that failed {during}, worst run", failed, "joins", 0),
        Bar(f"loss of running consultations {during}", 100 * loss, "%", 100 * BURST_LOSS_SHARE),
        Bar(f"one-way delay of running consultations {during}, p99", p99_ms, "ms", BURST_P99_MS),
    ]


def _notes(chosen: Any, stream: Runs, bursts: Sequence[Stage]) -> list[str]:
    names = [_stream_name(rate) for rate in chosen.joins_per_s]
    full = sum(run[name].generator_share > GENERATOR_IS_FULL for run in stream for name in names)
    void = statistics.median(stage.void_share for stage in bursts)
    notes = [
        "Both of a consultation join at the same moment, stay, and leave together.",
        f"During the burst {void:.0%} of the time was void: the generator shook hands itself.",
        f"A join was also sustained if fewer were asked for: at most {max(chosen.joins_per_s)}/s.",
    ]
    if full:
        notes.append(
            f"In {full} of {len(names) * len(stream)} stages the generator's core was full: what "
            "was sustained is a lower bound."
        )
    return notes


def _draw(chosen: Any, stream: Runs, burst: Runs) -> None:
    with plots.panels("joins", "Joining one core at a steady rate", 2) as (times, shares):
        rates = chosen.joins_per_s
        for quantile, shade in (("p50", plots.STAGES[2]), ("p95", plots.RELAY)):
            for index, run in enumerate(stream):
                shown = [rate for rate in rates if run[_stream_name(rate)].joins["succeeded"]]
                values = [run[_stream_name(rate)].join_ms(quantile) for rate in shown]
                label = quantile if index == 0 else None
                times.plot(shown, values, "o-", color=shade, label=label)
        times.axhline(JOIN_P95_MS, color=plots.TARGET, linestyle="--", label="p95 has to be below")
        for index, run in enumerate(stream):
            stages = [run[_stream_name(rate)] for rate in rates]
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
                edges, rest = plots.exceeding(run[name].path("relayed")["delay"]["buckets"])
                label = words if index == 0 else None
                axes.plot([edge / 1_000 for edge in edges], rest, color=colour, label=label)
        axes.axvline(BURST_P99_MS, color=plots.TARGET, linestyle="--", label="p99 has to be below")
        axes.set(xscale="log", yscale="log", xlabel="one-way delay, ms")
        axes.set_ylabel("packets that took longer")
        plots.label_shares(axes)
        axes.legend(fontsize=8)


def _report(result: Result, stream: Runs, burst: Runs) -> None:
    headings = [
        "run",
        "arrivals",
        "joined",
        "failed",
        "p50, ms",
        "p95",
        "longest",
        "relay's core",
        "generator's core",
        "CPU ms a join",
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
            f"{stage.server.core_share():.0%}",
            f"{stage.generator_share:.0%}",
            f"{cpu_ms_per_join(stage):.1f}",
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


if __name__ == "__main__":
    failure.run("joins", lambda: main(sys.argv[1:]))
