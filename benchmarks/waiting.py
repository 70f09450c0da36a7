"""What ten thousand people who wait to be admitted cost a relay, and those who join meanwhile.

`python -m benchmarks.waiting`. In each run people join consultations and leave again, first while
nobody waits, then while everybody does, then when they have gone; a join is everything from the
socket's opening to media both ways. Those who wait are a process of their own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from benchmarks import load, steady_joins, waiting_report
from benchmarks.harness import failure, machine, options, progress, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.readings import Between
from benchmarks.harness.repetition import Repetition
from benchmarks.harness.results import Result
from benchmarks.harness.stage import Stage
from benchmarks.served_relay import ServedRelay, served_relay
from benchmarks.waiting_people import WaitingPeople, waiting_people
from benchmarks.waiting_report import WHEN, Run, bars_of

PEOPLE: Final = 10_000
A_ROOM: Final = 5
"""As many as wait for one practitioner on a bad morning."""

PING_S: Final = 20.0
"""The page's own signs of life while it waits (`signalling/client/signalling.js`)."""

SETTLE_S: Final = 5.0
COMING_PER_S: Final = 250.0
"""About; for the progress bar only, as is START_S."""
START_S: Final = 3.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("waiting", "Measure what people in waiting rooms cost a relay.")
    parser.add_argument("--people", type=options.within(10, 15_000), default=PEOPLE)
    parser.add_argument("--joins-per-s", type=options.within(2, 100), default=20)
    parser.add_argument("--measure-s", type=options.seconds, default=20.0, help="joins, each time")
    parser.add_argument("--idle-s", type=options.seconds, default=40.0, help="with nobody joining")
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    machine.need_cores(2)
    sockets.open_many()
    with progress.watch("waiting", chosen.runs * _one_s(chosen)) as watch:
        runs = [
            watch.repetition.least_disturbed(
                f"run {index + 1}", _attempt(watch, chosen, index), lambda run: run.shares
            )
            for index in range(chosen.runs)
        ]
    result = _result(chosen, runs, watch.repetition)
    waiting_report.draw(runs)
    path = result.write()
    waiting_report.write(result, runs)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _one_s(chosen: Any) -> float:
    joins_s = len(WHEN) * steady_joins.expected_s(chosen.measure_s)
    coming_s: float = chosen.people / COMING_PER_S
    return START_S + joins_s + coming_s + 2 * SETTLE_S + float(chosen.idle_s)


def _attempt(watch: progress.Watch, chosen: Any, index: int) -> Callable[[str], Run]:
    def attempt(words: str) -> Run:
        with served_relay([load.RELAY_CORE]) as relay:
            tokens = [
                relay.waiting_credential(f"wait-{number // A_ROOM}", number % A_ROOM)
                for number in range(chosen.people)
            ]
            before = _joins(relay, watch, chosen, index, f"{words}, nobody waits")
            time.sleep(SETTLE_S)
            empty = relay.read()
            with waiting_people(
                relay.url, tokens, core=load.GENERATOR_CORE, ping_s=PING_S
            ) as people:
                with watch.step(f"{words}, people come", chosen.people / COMING_PER_S):
                    people.until_all_wait()
                waiting = _idle(relay, people, watch, chosen, words)
                joins = _joins(relay, watch, chosen, index, f"{words}, everybody waits")
                people.leave()
                lost = people.lost
            time.sleep(SETTLE_S)
            after = _joins(relay, watch, chosen, index, f"{words}, they have gone")
        return Run((before, joins, after), empty, waiting, chosen.people, lost)

    return attempt


def _idle(
    relay: ServedRelay, people: WaitingPeople, watch: progress.Watch, chosen: Any, words: str
) -> Between:
    with watch.step(f"{words}, nothing happens", SETTLE_S + chosen.idle_s):
        time.sleep(SETTLE_S)
        begun = relay.read()
        time.sleep(chosen.idle_s)
        ended = relay.read()
    there = ended.scrape.total("visavis_waiting")
    if there < chosen.people or people.process.poll() is not None:
        raise BenchmarkFailed(f"{there:.0f} of {chosen.people} were still there after a while")
    return Between(begun, ended)


def _joins(relay: ServedRelay, watch: progress.Watch, chosen: Any, index: int, words: str) -> Stage:
    return steady_joins.joins(
        relay,
        watch,
        joins_per_s=chosen.joins_per_s,
        measure_s=float(chosen.measure_s),
        seed=chosen.seed + index,
        words=words,
    )


def _result(chosen: Any, runs: Sequence[Run], repetition: Repetition) -> Result:
    return Result(
        name="waiting",
        configuration={
            "runs": len(runs),
            "people": chosen.people,
            "people_a_waiting_room": A_ROOM,
            "a_page_pings_every_s": PING_S,
            "joins_per_s": chosen.joins_per_s,
            "joins_measured_s": chosen.measure_s,
            "people_who_join_stay_s": steady_joins.STAY_S,
            "idle_s": chosen.idle_s,
            "cores": f"relay {load.RELAY_CORE} (all its threads), everybody else "
            f"{load.GENERATOR_CORE}",
        },
        figures={"runs": [run.row() for run in runs], "repeated": repetition.rows()},
        bars=[*bars_of(runs), *repetition.bars],
        notes=[
            "Memory is the growth of the relay's resident memory; kernel buffers are not in it.",
            "The core while nothing happens is the whole relay's, Prometheus' scrapes included.",
            "A join while they wait is held against the mean of joins before and after (p95).",
            *(f"Run {number}: {run.words}." for number, run in enumerate(runs, 1)),
            *repetition.notes,
        ],
    )


if __name__ == "__main__":
    failure.run("waiting", lambda: main(sys.argv[1:]))
