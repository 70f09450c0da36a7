"""How soon calls come about, and go on, through networks that block UDP: Chromium and Firefox.

`python -m benchmarks.fallback`. People come in where nothing is let through but TCP to the relay,
or but a real coturn by TCP or by TLS; and in mid-call UDP dies, then the rest but TLS, or all of it
at once. A network namespace needs root.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from playwright.async_api import Error

from benchmarks.fallback import dying, joining, outcome
from benchmarks.fallback.dying import CALLS, DEATHS
from benchmarks.fallback.houses import KINDS, Kind, behind_a_firewall
from benchmarks.fallback.network import Network
from benchmarks.fallback.outcome import JOINS, Found
from benchmarks.harness import failure, machine, options, progress
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Result
from benchmarks.outages.people import APPEARANCES, House
from tests.endtoend import chromium, firefox
from tests.endtoend.turn_server import TURNSERVER

RUNS: Final = 2
TIMES: Final = 10
PARTS: Final = ("joins", "deaths")
MOST_SPOILT: Final = 6
"""Calls that are made again, in all: beyond, something else is wrong."""

JOIN_S: Final = 12.0
CALL_S: Final = 16.0
DEATH_S: Final = 13.0
"""What they take, about; for the progress bar."""

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("fallback", "Measure calls through networks that block UDP.")
    parser.add_argument("--times", type=options.within(1, 50), default=TIMES, help="in each run")
    parser.add_argument("--browser", choices=list(KINDS), action="append", help="only this one")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one")
    parser.set_defaults(runs=RUNS)
    chosen = parser.parse_args(arguments)
    chosen.kinds = chosen.browser or list(KINDS)
    chosen.parts = chosen.part or list(PARTS)
    _need_programs(chosen.kinds)
    began, commit = _now(), machine.commit()
    found = Found()
    with progress.watch("fallback", chosen.runs * chosen.times * _round_s(chosen)) as watch:
        for index in range(chosen.runs):
            chance = random.Random(chosen.seed + index)
            asyncio.run(_run(chosen, f"run {index + 1}", chance, watch, found))
    result = Result(
        name="fallback",
        configuration={
            "runs": chosen.runs,
            "times_a_run": chosen.times,
            "seeds": [chosen.seed + index for index in range(chosen.runs)],
            "began_at": began,
            "ended_at": _now(),
            "commit_at_the_start": commit,
            "browsers": [f"{KINDS[kind]}, headless, both people" for kind in chosen.kinds],
            "turn_urls": ["udp", "tcp", "tls"],
        },
        figures=found.figures(),
        bars=outcome.bars_of(found),
        notes=outcome.notes_of(found),
    )
    outcome.draw(found)
    path = result.write()
    outcome.write(result, found)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _need_programs(kinds: Sequence[Kind]) -> None:
    programs: dict[str, Path] = {"coturn": TURNSERVER}
    if "chromium" in kinds:
        programs["chromium"] = chromium.EXECUTABLE
    if "firefox" in kinds:
        programs["firefox-esr"] = firefox.EXECUTABLE
    for package, path in programs.items():
        if not path.exists():
            raise BenchmarkFailed(f"there is no {path}: install the package {package}")
    if os.geteuid() != 0:
        raise BenchmarkFailed("a network of its own needs root; run the same command with sudo")


def _round_s(chosen: Any) -> float:
    joins = len(JOINS) * JOIN_S if "joins" in chosen.parts else 0.0
    calls = sum(_call_s(deaths) for deaths in CALLS) if "deaths" in chosen.parts else 0.0
    return len(chosen.kinds) * (joins + calls)


def _call_s(deaths: Sequence[str]) -> float:
    return CALL_S + len(deaths) * DEATH_S


async def _run(
    chosen: Any, words: str, chance: random.Random, watch: progress.Watch, found: Found
) -> None:
    """Do everything so many times, in turn; relay, coturn and browsers last as long as the run."""
    people = {kind: dict.fromkeys(APPEARANCES, kind) for kind in chosen.kinds}
    async with behind_a_firewall(people) as (houses, network):
        for number in range(chosen.times):
            step = f"{words}, {number + 1}"
            if "joins" in chosen.parts:
                await _join_all(step, houses, network, watch, found)
            if "deaths" in chosen.parts:
                await _call_all(step, houses, network, chance, watch, found)


async def _join_all(
    step: str,
    houses: Mapping[Kind, House],
    network: Network,
    watch: progress.Watch,
    found: Found,
) -> None:
    for kind, house in houses.items():
        for left, words in JOINS.items():
            with watch.step(f"{step}: {KINDS[kind]}, {words} alone", JOIN_S):
                work = partial(joining.join, house, network, left)
                joined = await _until_done(work, watch, found.spoilt)
            found.joins.setdefault((kind, left), []).append(joined)


async def _call_all(
    step: str,
    houses: Mapping[Kind, House],
    network: Network,
    chance: random.Random,
    watch: progress.Watch,
    found: Found,
) -> None:
    for kind, house in houses.items():
        for deaths in CALLS:
            with watch.step(f"{step}: {KINDS[kind]}, {DEATHS[deaths[0]].words}", _call_s(deaths)):
                work = partial(dying.call, house, network, deaths, chance)
                noticed = await _until_done(work, watch, found.spoilt)
            for name, fallback in noticed.items():
                found.deaths.setdefault((kind, name), []).append(fallback)


async def _until_done(
    work: Callable[[], Awaitable[T]], watch: progress.Watch, spoilt: list[str]
) -> T:
    """Do something again that came to nothing before there was anything to measure.

    Raises:
        BenchmarkFailed: That happened too often.

    """
    while True:
        try:
            return await work()
        # What Playwright, Firefox's driver, a wait and the harness raise.
        except (Error, RuntimeError, AssertionError, BenchmarkFailed) as failed:
            # A link's token stays out of it.
            why = str(failed).partition("\n")[0].partition("http")[0]
            spoilt.append(why)
            watch.tell(f"made again: {why}")
            if len(spoilt) > MOST_SPOILT:
                raise BenchmarkFailed(f"{len(spoilt)} calls did not come about: {why}") from failed


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    failure.run("fallback", lambda: main(sys.argv[1:]))
