"""The bandwidth estimator alone, against random links in virtual time, and what it costs.

`python -m benchmarks.adaptation.estimator`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from benchmarks.adaptation import estimator_report, links, simulation
from benchmarks.adaptation.cost import WARM_UP_TICKS, Cost, measure
from benchmarks.adaptation.judging import (
    COLLAPSED_S,
    LEAST_USED,
    MOST_WAIT_MS,
    Verdict,
    judge,
    why,
)
from benchmarks.adaptation.links import Links
from benchmarks.adaptation.simulation import JUDGED_FROM_S, Course
from benchmarks.harness import failure, options, progress
from benchmarks.harness.results import Bar, Result, Sense

LEAST_LINKS: Final = 1_000
LOSSES: Final = {0.0: 0.85, 0.02: 0.90, 0.10: 0.70, 0.20: 0.40}
"""Of packets, and the share of the capacity that has to be used all the same."""

LOSSY_LINKS: Final = 24
"""For each loss: 2 Mbit/s, round trips and queues from the shortest to the longest."""

RECEIVERS: Final = {1_000: 5.0, 4_000: 20.0}
"""And the share of a core they may cost, in %."""

EXPECTED_S: Final = {"link and second": 0.0008, "receiver": 0.02}
"""For the progress bar only."""

WORST: Final = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, judge, write, and say what was found."""
    parser = options.parser("adaptation.estimator", "Hold the estimator against random links.")
    parser.set_defaults(runs=1)
    parser.add_argument("--links", type=options.within(10, 20_000), default=LEAST_LINKS)
    parser.add_argument(
        "--seconds", type=options.seconds, default=120.0, help="of each link's life"
    )
    parser.add_argument(
        "--cost-seconds", type=options.seconds, default=12.0, help="of virtual time"
    )
    chosen = parser.parse_args(arguments)
    if chosen.seconds <= JUDGED_FROM_S:
        parser.error(f"--seconds: links are judged from {JUDGED_FROM_S:g} s on")
    if chosen.cost_seconds * 1e6 <= WARM_UP_TICKS * links.TICK_US:
        parser.error(f"--cost-seconds: the first {WARM_UP_TICKS} ticks do not count")
    one_run_s = chosen.links * chosen.seconds * EXPECTED_S["link and second"]
    cost_s = sum(RECEIVERS) * EXPECTED_S["receiver"]
    runs: list[tuple[Links, Course, Verdict]] = []
    with progress.watch("estimator", chosen.runs * one_run_s + one_run_s / 10 + cost_s) as watch:
        for run in range(chosen.runs):
            drawn = links.draw(chosen.links, chosen.seconds, chosen.seed + run)
            words = f"links, run {run + 1} of {chosen.runs}"
            with watch.step(words, one_run_s):
                course = simulation.run(drawn, chosen.seconds, chosen.seed + run)
            runs.append((drawn, course, judge(drawn, course)))
        with watch.step("steady loss", one_run_s / 10):
            losses = _losses(chosen.seconds, chosen.seed)
        costs = []
        for receivers in RECEIVERS:
            with watch.step(f"cost, {receivers:,} receivers", receivers * EXPECTED_S["receiver"]):
                costs.append(measure(receivers, chosen.cost_seconds, chosen.seed))
    result = Result(
        name="estimator",
        configuration={
            "links": chosen.links,
            "runs": chosen.runs,
            "virtual seconds": chosen.seconds,
            "seed": chosen.seed,
            "capacity": "0.1-10 Mbit/s, log-uniform; halves, doubles or changes by up to 2.5",
            "round trip": "10-300 ms, uniform",
            "queue": "50-1,000 ms at the first capacity, log-uniform, at least 3,000 bytes",
            "loss": "0-5 %, uniform, behind the queue",
        },
        figures=_figures(runs, losses, costs),
        bars=_bars([verdict for _, _, verdict in runs], losses, costs, chosen.links * chosen.runs),
        notes=NOTES,
    )
    estimator_report.write(result, runs[0], costs)
    progress.show_bars(list(result.bars))
    path = result.write()
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0 if all(bar.met for bar in result.bars) else 1


NOTES: Final = (
    "The sender follows the rate at once; browsers' encoders take longer, layers of an SFU do not.",
    "Utilisation counts what the link's queue took, sound and bursts included, from 10 s on.",
    "A wait is the time until a packet's own transmission begins.",
    "Cost is the CPU time of the estimator's thread; every receiver reports in every tick.",
)


def _losses(seconds: float, seed: int) -> dict[float, float]:
    """Give the median utilisation of steady links of 2 Mbit/s, by their loss."""
    loss = np.repeat(list(LOSSES), LOSSY_LINKS)
    turn = np.tile(np.linspace(0, 1, LOSSY_LINKS), len(LOSSES))
    steady = links.scheduled(
        np.zeros((len(loss), 1)),
        np.full((len(loss), 1), 2e6),
        round_trip_us=10e3 + 290e3 * turn,
        queue_ms=50 * 20 ** turn[::-1],
        loss=loss,
    )
    verdict = judge(steady, simulation.run(steady, seconds, seed))
    used = verdict.utilisation.reshape(len(LOSSES), LOSSY_LINKS)
    return {each: float(np.median(row)) for each, row in zip(LOSSES, used, strict=True)}


def _together(verdicts: Sequence[Verdict], name: str) -> np.ndarray:
    return np.concatenate([getattr(verdict, name) for verdict in verdicts])


def _median(values: np.ndarray) -> float | None:
    """Give the median; infinity is greater than any number, and no value has none."""
    if not len(values):
        return None
    median = float(np.median(values))
    return median if np.isfinite(median) else None


def _bars(
    verdicts: Sequence[Verdict], losses: dict[float, float], costs: Sequence[Cost], count: int
) -> list[Bar]:
    few = "" if count >= LEAST_LINKS else f"of {count} links, and {LEAST_LINKS:,} are asked for"
    rows: tuple[tuple[str, str, float, str, float, Sense], ...] = (
        ("utilisation, median", "utilisation", 100, "%", 100 * LEAST_USED, "at least"),
        (
            "queueing delay, 95th percentile, median",
            "wait_p95_ms",
            1,
            "ms",
            MOST_WAIT_MS,
            "at most",
        ),
        ("step down after a halving, median", "step_down_s", 1, "s", 1.0, "at most"),
        ("90 % of a doubled capacity, median", "recovery_s", 1, "s", 10.0, "at most"),
    )
    bars = []
    for words, name, times, unit, target, sense in rows:
        median = _median(_together(verdicts, name))
        value = None if median is None else times * median
        unproven = few or ("" if value is not None else "there was no such change")
        bars.append(Bar(words, value, unit, target, sense, unproven=unproven))
    spared = float((_together(verdicts, "collapsed_s") <= COLLAPSED_S).mean())
    words = "links that never collapsed for more than 5 s"
    bars.append(Bar(words, 100 * spared, "%", 99.0, "at least", unproven=few))
    bars += [
        Bar(
            f"used at {100 * loss:g} % loss, median",
            100 * losses[loss],
            "%",
            100 * least,
            "at least",
        )
        for loss, least in LOSSES.items()
    ]
    bars += [
        Bar(f"cost of {cost.receivers:,} receivers", 100 * cost.share, "% of a core", most)
        for cost, most in zip(costs, RECEIVERS.values(), strict=True)
    ]
    return bars


def _figures(
    runs: Sequence[tuple[Links, Course, Verdict]], losses: dict[float, float], costs: Sequence[Cost]
) -> dict[str, Any]:
    verdicts = [verdict for _, _, verdict in runs]
    recovery_s = _together(verdicts, "recovery_s")
    names = (
        "utilisation",
        "wait_p50_ms",
        "wait_p95_ms",
        "step_down_s",
        "recovery_s",
        "dropped_share",
    )
    return {
        "quantiles": {
            name: {
                f"p{100 * share:g}": round(float(value), 4) if np.isfinite(value) else None
                for share, value in zip(SHARES, _quantiles(_together(verdicts, name)), strict=True)
            }
            for name in names
        },
        "never recovered": float(np.isinf(recovery_s).mean()) if len(recovery_s) else None,
        "bursts a minute": float(
            np.mean([c.bursts.mean() / (len(c.rate_bps) * links.TICK_US / 6e7) for _, c, _ in runs])
        ),
        "used by loss": {f"{100 * loss:g} %": round(used, 4) for loss, used in losses.items()},
        "cost": [
            {
                "receivers": cost.receivers,
                "packets a feedback": round(cost.samples_each, 1),
                "share of a core": round(cost.share, 4),
                "tick, 99th percentile, ms": round(cost.tick_p99_ms, 2),
            }
            for cost in costs
        ],
        "worst": worst(*runs[0]),
    }


SHARES: Final = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


def _quantiles(values: np.ndarray) -> np.ndarray:
    """Give quantiles that exist among the values, since infinity cannot be averaged."""
    if not len(values):
        return np.full(len(SHARES), np.inf)
    return np.asarray(np.quantile(values, SHARES, method="higher"))


def worst(drawn: Links, course: Course, verdict: Verdict) -> list[dict[str, Any]]:
    """Give the links of which least was used, and why."""
    return [
        {
            "link": int(link),
            "used": round(float(verdict.utilisation[link]), 3),
            "wait_p95_ms": float(verdict.wait_p95_ms[link]),
            "mbps": [round(float(rate) / 1e6, 2) for rate in drawn.rate_bps[link]],
            "round_trip_ms": round(float(drawn.round_trip_us[link]) / 1e3),
            "queue_ms": round(float(drawn.queue_ms[link])),
            "loss": round(float(drawn.loss[link]), 4),
            "collapsed_s": round(float(verdict.collapsed_s[link]), 1),
            "why": why(drawn, course, verdict, int(link)),
        }
        for link in np.argsort(verdict.utilisation)[:WORST]
    ]


if __name__ == "__main__":
    failure.run("estimator", lambda: main(sys.argv[1:]))
