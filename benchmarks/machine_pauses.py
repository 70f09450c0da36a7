"""How steadily the machine itself runs a program: what no relay on it can be better than.

`python -m benchmarks.machine_pauses`. A loop on each of two cores does the same small piece of work
again and again, memory included, and nothing else runs. Where a piece takes several times as long
as usual on both cores at once, it is the machine, or its host; delays of a relay that fall into
such times are not the relay's.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import failure, machine, options, plots, progress, report
from benchmarks.harness.results import Bar, Result

WORDS: Final = 131_072
"""Of eight bytes: a mebibyte, as much as a core's own caches hold."""

TOUCHED: Final = 20_000
"""Words changed by one piece of work, anywhere: about a tenth of a millisecond."""

BUCKET_S: Final = 0.02
"""One frame of sound."""

SLOW: Final = 2.0
"""Times the usual: at half its speed a core that was half busy is full."""

MOST_SLOW_SHARE: Final = 0.01
"""Beyond, a 99th percentile of delays is the machine's."""

WORKS: Final = "both cores busy"
"""What the machine is asked to do, as results and reports name it."""

DRAWN_S: Final = 20.0
SECONDS: Final = 30.0

Buckets = NDArray[np.float64]
"""Of each bucket: how many times as long as usual work took in it; 0 where none was done."""


@dataclass(frozen=True, slots=True)
class Run:
    """What two cores did at the same time."""

    buckets: tuple[Buckets, Buckets]

    @property
    def slow_share(self) -> float:
        """Share of buckets in which some core was slow."""
        return float(np.mean((self.buckets[0] > SLOW) | (self.buckets[1] > SLOW)))

    @property
    def pauses(self) -> list[tuple[float, float]]:
        """When both cores were slow, and for how long, in seconds."""
        return stretches((self.buckets[0] > SLOW) & (self.buckets[1] > SLOW))

    @property
    def slowest(self) -> float:
        """How many times as long as usual work took in the worst bucket of a pause."""
        return float(np.minimum(*self.buckets).max())

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        pauses = self.pauses
        gaps = [after[0] - before[0] for before, after in pairwise(pauses)]
        lengths = [length for _, length in pauses]
        return {
            "slow_share": round(self.slow_share, 4),
            "pauses": len(pauses),
            "median_pause_ms": round(statistics.median(lengths) * 1_000) if lengths else None,
            "longest_pause_ms": round(max(lengths) * 1_000) if lengths else None,
            "median_gap_s": round(statistics.median(gaps), 2) if gaps else None,
            "slowest": round(self.slowest, 1),
        }


def stretches(slow: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Find runs of slow buckets: when each began, and how long it was, in seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], slow, [False])).astype(np.int8)))
    return [
        (float(begin) * BUCKET_S, float(end - begin) * BUCKET_S)
        for begin, end in edges.reshape(-1, 2)
    ]


def in_buckets(began_s: NDArray[np.float64], took_s: NDArray[np.float64], count: int) -> Buckets:
    """Give how many times as long as usual (the median) the work done in each bucket took.

    A piece counts in every bucket in which it was under way, by its part there: a core that stands
    still is slow all the while.

    Args:
        began_s: When each piece of work began, since the beginning.
        took_s: How long it took.
        count: How many buckets there are.

    """
    moments_s = np.ravel(np.column_stack((began_s, began_s + took_s)))
    at_work_s = np.repeat(np.cumsum(took_s), 2)
    at_work_s[::2] -= took_s
    done = np.repeat(np.arange(1.0, len(took_s) + 1), 2)
    done[::2] -= 1
    edges_s = np.arange(count + 1) * BUCKET_S
    worked_s = np.diff(np.interp(edges_s, moments_s, at_work_s))
    usual_s = np.diff(np.interp(edges_s, moments_s, done)) * np.median(took_s)
    buckets: Buckets = np.divide(worked_s, usual_s, out=np.zeros(count), where=usual_s > 0)
    return buckets


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("machine_pauses", "Measure how steadily the machine runs a program.")
    parser.add_argument("--measure-s", type=options.seconds, default=SECONDS, help="of each run")
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    runs: list[Run] = []
    with progress.watch("machine pauses", chosen.measure_s * chosen.runs) as watch:
        for index in range(chosen.runs):
            with watch.step(f"run {index + 1}", chosen.measure_s):
                runs.append(_run(chosen.measure_s, chosen.seed + index))
    result = _result(runs, chosen.measure_s, chosen.seed)
    _draw(_middle(runs))
    path = result.write()
    _report(result, runs)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _run(measure_s: float, seed: int) -> Run:
    cores = sorted(os.sched_getaffinity(0))[:2]
    begin_s = time.monotonic() + 1.0
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(len(cores), mp_context=forked) as pool:
        works = [pool.submit(_work, core, begin_s, measure_s, seed) for core in cores]
        first, second = (work.result() for work in works)
    return Run((first, second))


def _work(core: int, begin_s: float, measure_s: float, seed: int) -> Buckets:
    os.sched_setaffinity(0, {core})
    words = np.zeros(WORDS)
    places = np.random.default_rng(seed).integers(0, WORDS, TOUCHED)
    began_s, took_s = [], []
    time.sleep(max(0.0, begin_s - time.monotonic()))
    now_s = time.monotonic()
    while now_s < begin_s + measure_s:
        words[places] += 1
        ended_s = time.monotonic()
        began_s.append(now_s - begin_s)
        took_s.append(ended_s - now_s)
        now_s = ended_s
    return in_buckets(np.array(began_s), np.array(took_s), round(measure_s / BUCKET_S))


def _median_share(runs: Sequence[Run]) -> float:
    return statistics.median(run.slow_share for run in runs)


def _middle(runs: Sequence[Run]) -> Run:
    """Give a run whose share of slow time is nearest to the median."""
    return min(runs, key=lambda run: abs(run.slow_share - _median_share(runs)))


def _result(runs: Sequence[Run], measure_s: float, seed: int) -> Result:
    rows = [run.row() for run in runs]
    return Result(
        name="machine_pauses",
        configuration={
            "runs": len(runs),
            "measure_s": measure_s,
            "seed": seed,
        },
        figures={WORKS: rows},
        bars=[
            Bar(
                f"time in which a core runs at less than half its usual speed, {WORKS}",
                100 * _median_share(runs),
                "%",
                100 * MOST_SLOW_SHARE,
            )
        ],
        notes=[_in_words(number, row, measure_s) for number, row in enumerate(rows, 1)],
    )


def _in_words(number: int, row: Mapping[str, Any], measure_s: float) -> str:
    begin = (
        f"Run {number}, {WORKS}: {row['pauses']} pauses of both cores at once in {measure_s:g} s"
    )
    if not row["pauses"]:
        return f"{begin}."
    return (
        f"{begin}, half of them of {row['median_pause_ms']} ms or more, the longest of "
        f"{row['longest_pause_ms']} ms; the slowest 20 ms took {row['slowest']} times as long as "
        "usual."
    )


def _draw(run: Run) -> None:
    title = "How long the same work takes, from moment to moment"
    with plots.plot("machine_pauses", title) as axes:
        for core, (buckets, colour) in enumerate(
            zip(run.buckets, (plots.RELAY, plots.STAGES[4]), strict=True)
        ):
            drawn = buckets[: round(DRAWN_S / BUCKET_S)]
            at_s = np.arange(len(drawn)) * BUCKET_S
            axes.plot(at_s, drawn, color=colour, linewidth=0.9, label=f"core {core}, {WORKS}")
        axes.axhline(SLOW, color=plots.TARGET, linestyle="--", linewidth=0.8)
        axes.set(xlabel="seconds", ylabel="times as long as usual")
        axes.legend()


def _report(result: Result, runs: Sequence[Run]) -> None:
    rows = [[WORKS, number, *run.row().values()] for number, run in enumerate(runs, 1)]
    report.write(
        result,
        title="Pauses of the machine",
        summary="Two loops, each on a core of its own, change twenty thousand words of a mebibyte "
        "again and again; nothing else runs, least of all a relay.",
        drawn=[report.Plot("machine_pauses", "Duration of the same work, in buckets of 20 ms")],
        tables=[report.Table("Each run", ["cores", "run", *runs[0].row()], rows)],
    )


if __name__ == "__main__":
    failure.run("machine_pauses", lambda: main(sys.argv[1:]))
