"""How fast people can join one core: a steady stream, a burst on running consultations, patterns.

`python -m benchmarks.joins`. A join is everything from the socket's opening to media both ways:
signalling, offer and answer, ICE, DTLS, the first packet of the other.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from benchmarks import arrivals, joins_report, load
from benchmarks.harness import aside, failure, machine, options, progress
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Bar, Result
from benchmarks.harness.stage import Stage
from benchmarks.join_rates import (
    BEGAN_LATE_P95_MS,
    BURST_P99_MS,
    JOIN_P95_MS,
    Runs,
    began_late_ms,
    cpu_ms_per_join,
    stream_name,
    sustained,
    telling,
    why_not_sustained,
)
from benchmarks.served_relay import served_relay

JOINS_PER_S: Final = 60
BURST_LOSS_SHARE: Final = 0.001

STAY_S: Final = 3.0
"""People leave again, so that joins, not the media of all who ever came, fill the core."""

BURST_S: Final = 5.0
"""Measured for exactly so long; who has not joined at its end is waited for."""

MOST_STOLEN_OF_BURST: Final = 0.2
"""Its bars are of all windows: with joins come the moments that matter, clean or not."""

PATTERN_S: Final = 8.0
PATTERN_JOINS_PER_S: Final = 30
STORM_S: Final = 4.0
START_S: Final = 3.0


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
    with progress.watch("joins", _all_s(chosen)) as watch:
        for index in range(chosen.runs):
            stream.append(_stream(watch, chosen, index))
            burst.append(_burst(watch, chosen, index))
    result = _result(chosen, stream, burst, watch.repetition)
    joins_report.draw(chosen, stream, burst)
    path = result.write()
    joins_report.write(result, stream, burst)
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
        "rising rate": arrivals.ramp(0.0, 2 * starts_per_s, PATTERN_S).tolist(),
        "rejoin storm": arrivals.rejoin_storm(count, seed=seed, over_s=STORM_S).tolist(),
    }


def _stream(watch: progress.Watch, chosen: Any, index: int) -> dict[str, Stage]:
    seed = chosen.seed + index

    def attempt(words: str) -> load.Run:
        with served_relay([load.RELAY_CORE]) as relay:
            script = load.Script(relay)
            for rate in chosen.joins_per_s:
                starts = arrivals.steady(max(1, round(rate * chosen.measure_s / 2)), rate / 2)
                watched_s = chosen.measure_s + STAY_S + 1.0
                name = stream_name(rate)
                script.arrive(name, starts.tolist(), measure_s=watched_s, stay_s=STAY_S)
            # No bar is of them: once is enough to see them.
            for name, starts_at_s in patterns(seed).items() if index == 0 else ():
                watched_s = PATTERN_S + STAY_S + 1.0
                script.arrive(name, starts_at_s, measure_s=watched_s, stay_s=STAY_S)
            return load.run(script, watch, seed=seed, words=words, judged=True)

    stages = load.repeated(watch, f"run {index + 1}, stream", attempt).stages
    return {str(stage.found["name"]): stage for stage in stages}


def _burst(watch: progress.Watch, chosen: Any, index: int) -> dict[str, Stage]:
    def attempt(words: str) -> load.Run:
        with served_relay([load.RELAY_CORE]) as relay:
            script = load.Script(relay)
            script.grow("before", chosen.running, measure_s=5.0)
            starts = arrivals.steady(chosen.burst // 2, chosen.burst / 2 / BURST_S)
            script.arrive("burst", starts.tolist(), measure_s=BURST_S)
            return load.run(script, watch, seed=chosen.seed + index, words=words)

    words = f"run {index + 1}, burst"
    found = watch.repetition.least_disturbed(
        words, attempt, lambda run: run.stages[-1].shares, most_stolen=MOST_STOLEN_OF_BURST
    )
    before, burst = found.stages
    return {"before": before, "burst": burst}


def _all_s(chosen: Any) -> float:
    rates_s = len(chosen.joins_per_s) * (chosen.measure_s + STAY_S + 1.0)
    patterns_s = len(patterns(chosen.seed)) * (PATTERN_S + STAY_S + 1.0)
    burst_s = 2 * chosen.running / 50 + load.SETTLE_S + 6.0 + BURST_S
    all_s: float = chosen.runs * (2 * START_S + rates_s + burst_s) + patterns_s
    return all_s


def _result(chosen: Any, stream: Runs, burst: Runs, repetition: Repetition) -> Result:
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
            "sustained": f"every join succeeds, p95 < {JOIN_P95_MS / 1_000:g} s, 95 of 100 begin "
            f"at most {BEGAN_LATE_P95_MS:g} ms late, and the generator was not the limit",
            "harness": aside.WORDS,
            "protection": load.AES_GCM,
            "cores": f"relay {load.RELAY_CORE} (all its threads), generator {load.GENERATOR_CORE}",
        },
        figures={
            "sustained_joins_per_s_each_run": held,
            "cpu_ms_per_join": round(
                statistics.median(
                    cpu_ms_per_join(run[stream_name(chosen.joins_per_s[0])]) for run in stream
                ),
                2,
            ),
            "stream": [{name: stage.row() for name, stage in run.items()} for run in stream],
            "burst": [{name: stage.row() for name, stage in run.items()} for run in burst],
            "repeated": repetition.rows(),
        },
        bars=[*_bars(chosen, stream, bursts), *repetition.bars],
        notes=[*_notes(chosen, stream, bursts), *repetition.notes],
    )


def _bars(chosen: Any, stream: Runs, bursts: Sequence[Stage]) -> list[Bar]:
    words = f"joins sustained on one core, p95 < {JOIN_P95_MS / 1_000:g} s"
    during = f"during {chosen.burst} joins in {BURST_S:g} s"
    rates = telling(stream, chosen.joins_per_s)
    held = statistics.median_low(rates) if rates else None
    why = "" if rates else "generator or host ended every run"
    failed = max(stage.failed_joins for stage in bursts)
    loss = statistics.median(stage.loss_share(clean=False) for stage in bursts)
    p99_ms = statistics.median(stage.delay_ms("p99", clean=False) for stage in bursts)
    doubt = _why_unproven(bursts)
    loss_words = f"loss of running consultations {during}"
    delay_words = f"one-way delay of running consultations {during}, p99"
    return [
        Bar(words, held, "joins/s", JOINS_PER_S, "at least", unproven=why),
        Bar(f"joins that failed {during}, worst run", failed, "joins", 0, unproven=doubt),
        Bar(loss_words, 100 * loss, "%", 100 * BURST_LOSS_SHARE, unproven=doubt),
        Bar(delay_words, p99_ms, "ms", BURST_P99_MS, unproven=doubt),
    ]


def _why_unproven(bursts: Sequence[Stage]) -> str:
    """Say why what the bursts show is not the relay's doing alone; nothing if it is."""
    if any(began_late_ms(stage) > BEGAN_LATE_P95_MS for stage in bursts):
        return "the generator spread a burst over more than its time"
    if any(stage.generator_was_limit for stage in bursts):
        return "the generator was the bottleneck of a burst"
    return ""


def _notes(chosen: Any, stream: Runs, bursts: Sequence[Stage]) -> list[str]:
    void = statistics.median(stage.void_share for stage in bursts)
    clean = [stage for stage in bursts if stage.path("relayed")["received"]]
    whole = (
        f"What running consultations saw is of all {BURST_S:g} s of the burst, {void:.0%} of "
        "which was void"
    )
    if clean:
        loss = statistics.median(stage.loss_share() for stage in clean)
        p99_ms = statistics.median(stage.delay_ms("p99") for stage in clean)
        whole += f"; without that {loss:.3%} was lost, and p99 was {p99_ms:.2f} ms."
    else:
        whole += ": not a packet was in a clean window."
    whole += " " + " ".join(
        f"Run {index}: {stage.shares.words}." for index, stage in enumerate(bursts, 1)
    )
    notes = [
        "Both of a consultation join at the same moment, stay, and leave together.",
        whole,
        f"A join was also sustained if fewer were asked for: at most {max(chosen.joins_per_s)}/s.",
    ]
    for index, run in enumerate(stream, 1):
        for rate in chosen.joins_per_s:
            why = why_not_sustained(run[stream_name(rate)])
            if why:
                notes.append(f"Run {index}: {rate} joins/s are not counted as sustained: {why}.")
                break
    return notes


if __name__ == "__main__":
    failure.run("joins", lambda: main(sys.argv[1:]))
