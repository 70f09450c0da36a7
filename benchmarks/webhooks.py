"""What webhooks add to a join, where whoever should hear them is down or does not answer.

`python -m benchmarks.webhooks`. In each run people join consultations and leave again: at a relay
that tells nobody, at one whose receiver is down, at one whose receiver takes connections and never
answers, and at one that tells nobody again. A join is everything from the socket's opening to media
both ways; each is held against those of the same run without webhooks.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from benchmarks import load, steady_joins, webhooks_report
from benchmarks.harness import failure, machine, options, progress, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Result
from benchmarks.harness.stage import Stage
from benchmarks.served_relay import served_relay
from benchmarks.webhooks_report import DOWN, MUTE, WHEN, Run, bars_of

BACKLOG: Final = 4_096
"""Connections that the kernel takes for a receiver that never accepts one."""

START_S: Final = 3.0
"""For the progress bar only."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("webhooks", "Measure what webhooks add to a join.")
    parser.add_argument("--joins-per-s", type=options.within(2, 100), default=20)
    parser.add_argument("--measure-s", type=options.seconds, default=20.0, help="joins, each time")
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    sockets.open_many()
    one_s = len(WHEN) * (START_S + steady_joins.expected_s(chosen.measure_s))
    with progress.watch("webhooks", chosen.runs * one_s) as watch:
        runs = [
            watch.repetition.least_disturbed(
                f"run {index + 1}", _attempt(watch, chosen, index), lambda run: run.shares
            )
            for index in range(chosen.runs)
        ]
    result = _result(chosen, runs, watch.repetition)
    webhooks_report.draw(runs)
    path = result.write()
    webhooks_report.write(result, runs)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _attempt(watch: progress.Watch, chosen: Any, index: int) -> Callable[[str], Run]:
    def attempt(words: str) -> Run:
        stages = list[Stage]()
        queued = dict[str, float]()
        for when in WHEN:
            with _receiver(when) as url, served_relay([load.RELAY_CORE], webhooks_url=url) as relay:
                stages.append(
                    steady_joins.joins(
                        relay,
                        watch,
                        joins_per_s=chosen.joins_per_s,
                        measure_s=float(chosen.measure_s),
                        seed=chosen.seed + index,
                        words=f"{words}, {when}",
                    )
                )
                if url:
                    queued[when] = relay.read().scrape.total("visavis_webhooks_queued")
                    if not queued[when]:
                        raise BenchmarkFailed(f"{when}: there was nothing left to tell")
        return Run(stages, queued)

    return attempt


@contextmanager
def _receiver(when: str) -> Iterator[str]:
    """Give the address of whoever hears webhooks, or does not; empty where nobody should."""
    if when == DOWN:
        yield f"http://127.0.0.1:{sockets.free_tcp_port()}/webhooks"
    elif when == MUTE:
        with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listening:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks"
    else:
        yield ""


def _result(chosen: Any, runs: Sequence[Run], repetition: Repetition) -> Result:
    return Result(
        name="webhooks",
        configuration={
            "runs": len(runs),
            "joins_per_s": chosen.joins_per_s,
            "joins_measured_s": chosen.measure_s,
            "people_who_join_stay_s": steady_joins.STAY_S,
            "cores": f"relay {load.RELAY_CORE} (all its threads), everybody else "
            f"{load.GENERATOR_CORE}",
        },
        figures={"runs": [run.row() for run in runs], "repeated": repetition.rows()},
        bars=[*bars_of(runs), *repetition.bars],
        notes=[
            "A join with webhooks is held against the mean of joins before and after (p95).",
            "A receiver that never answers is given up on after webhooks.timeout_s, 5 s.",
            *(f"Run {number}: {run.words}." for number, run in enumerate(runs, 1)),
            *repetition.notes,
        ],
    )


if __name__ == "__main__":
    failure.run("webhooks", lambda: main(sys.argv[1:]))
