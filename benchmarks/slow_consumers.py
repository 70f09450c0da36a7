"""What people who do not read what they are told add to the delay of everybody else.

`python -m benchmarks.slow_consumers`. In each run the same consultations are measured three times,
at a relay each: alone, beside people who ask all the time and read nothing, and alone again. The
relay cuts those off as slow consumers, and they come back at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any, Final

from benchmarks import load, slow_consumers_report
from benchmarks.harness import failure, machine, options, progress, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Result
from benchmarks.harness.stage import Stage
from benchmarks.served_relay import served_relay
from benchmarks.slow_consumers_report import SLOW, WHEN, Run, bars_of
from benchmarks.slow_people import slow_people

START_S: Final = 6.0
"""For the progress bar only: a relay's start, and joins."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("slow_consumers", "Measure what slow consumers cost the others.")
    parser.add_argument("--consultations", type=options.within(2, 200), default=20)
    parser.add_argument("--people", type=options.within(1, 150), default=50, help="who do not read")
    parser.add_argument("--measure-s", type=options.seconds, default=30.0, help="each time")
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    sockets.open_many()
    one_s = len(WHEN) * (START_S + load.SETTLE_S + chosen.measure_s)
    with progress.watch("slow_consumers", chosen.runs * one_s) as watch:
        runs = [
            watch.repetition.least_disturbed(
                f"run {index + 1}", _attempt(watch, chosen, index), lambda run: run.shares
            )
            for index in range(chosen.runs)
        ]
    result = _result(chosen, runs, watch.repetition)
    slow_consumers_report.draw(runs)
    path = result.write()
    slow_consumers_report.write(result, runs)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _attempt(watch: progress.Watch, chosen: Any, index: int) -> Callable[[str], Run]:
    def attempt(words: str) -> Run:
        stages = list[Stage]()
        cut_off = 0.0
        for when in WHEN:
            with ExitStack() as held:
                relay = held.enter_context(served_relay([load.RELAY_CORE]))
                if when == SLOW:
                    tokens = [relay.credential(f"slow-{n}", 0) for n in range(chosen.people)]
                    held.enter_context(slow_people(relay.url, tokens, core=load.GENERATOR_CORE))
                script = load.Script(relay)
                script.grow("media", chosen.consultations, measure_s=float(chosen.measure_s))
                seed = chosen.seed + index
                found = load.run(script, watch, seed=seed, words=f"{words}, {when}")
                stages.append(found.stages[-1])
                if when == SLOW:
                    closes = relay.read().scrape
                    cut_off = closes.total("visavis_websocket_closes_total", reason="slow_consumer")
        if not cut_off:
            raise BenchmarkFailed("nobody was cut off as a slow consumer: measure for longer")
        return Run(stages, cut_off)

    return attempt


def _result(chosen: Any, runs: Sequence[Run], repetition: Repetition) -> Result:
    return Result(
        name="slow_consumers",
        configuration={
            "runs": len(runs),
            "consultations_of_two": chosen.consultations,
            "people_who_do_not_read": chosen.people,
            "measured_s": chosen.measure_s,
            "cores": f"relay {load.RELAY_CORE} (all its threads), everybody else "
            f"{load.GENERATOR_CORE}",
        },
        figures={"runs": [run.row() for run in runs], "repeated": repetition.rows()},
        bars=[*bars_of(runs), *repetition.bars],
        notes=[
            "Delay is one way, of sound and pictures from sending to arriving, clean windows only.",
            "It is held against the mean of the same consultations before and after, alone (p99).",
            "Each of those who do not read sends 20 requests a second and reads no answer.",
            *(f"Run {number}: {run.words}." for number, run in enumerate(runs, 1)),
            *repetition.notes,
        ],
    )


if __name__ == "__main__":
    failure.run("slow_consumers", lambda: main(sys.argv[1:]))
