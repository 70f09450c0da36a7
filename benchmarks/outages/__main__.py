"""How soon people hear and see each other again after outages, in Chromium.

`python -m benchmarks.outages`. A dead zone and the loss of every network for half a minute, Wi-Fi
that becomes mobile, a NAT that forgets, a WebSocket that ends alone, a page that is loaded anew:
each again and again, every time in a consultation of its own. Two network namespaces need root.
"""

from __future__ import annotations

import asyncio
import random
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Error

from benchmarks.adaptation.sides import need_rights
from benchmarks.harness import failure, machine, options, progress
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Result
from benchmarks.outages import cases, outcome
from benchmarks.outages.cases import Attempt, Moments, attempt
from benchmarks.outages.houses import over_a_wire, with_two_networks
from benchmarks.outages.outcome import CASES, Found
from benchmarks.outages.people import House, Pair
from benchmarks.outages.two_networks import MOBILE_MS, WIFI_MS
from tests.endtoend.chromium import EXECUTABLE

Play = Callable[[Pair], Awaitable[Moments]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("outages", "Measure how soon outages are over for people.")
    parser.add_argument("--times", type=options.within(1, 50), default=7, help="in each run")
    parser.add_argument("--outage-s", type=options.seconds, default=cases.OUTAGE_S)
    parser.add_argument("--case", choices=list(CASES), action="append", help="only this one")
    parser.set_defaults(runs=3)
    chosen = parser.parse_args(arguments)
    chosen.cases = chosen.case or list(CASES)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    if any(CASES[name].needs_networks for name in chosen.cases):
        need_rights()
    began, commit = _now(), machine.commit()
    found: Found = {name: [] for name in chosen.cases}
    one_round_s = sum(outcome.expected_s(name, chosen.outage_s) for name in chosen.cases)
    with progress.watch("outages", chosen.runs * chosen.times * one_round_s) as watch:
        for index in range(chosen.runs):
            chance = random.Random(chosen.seed + index)
            asyncio.run(_run(chosen, f"run {index + 1}", chance, watch, found))
    result = Result(
        name="outages",
        configuration={
            "runs": chosen.runs,
            "times_a_run": chosen.times,
            "seeds": [chosen.seed + index for index in range(chosen.runs)],
            "outage_s": chosen.outage_s,
            "began_at": began,
            "ended_at": _now(),
            "commit_at_the_start": commit,
            "wifi_one_way_ms": WIFI_MS,
            "mobile_one_way_ms": MOBILE_MS,
            "browser": "Chromium, headless, both people",
        },
        figures={name: [each.row() for each in seen] for name, seen in found.items()},
        bars=outcome.bars_of(found),
        notes=outcome.notes_of(found),
    )
    outcome.draw(found)
    path = result.write()
    outcome.write(result, found)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


async def _run(
    chosen: Any, words: str, chance: random.Random, watch: progress.Watch, found: Found
) -> None:
    """Make every case so many times, in turn; relays and browsers last as long as the run."""
    networked = [name for name in chosen.cases if CASES[name].needs_networks]
    wired = [name for name in chosen.cases if not CASES[name].needs_networks]
    if networked:
        async with with_two_networks() as (house, networks):
            plays = {
                "dead zone": cases.dead_zone(networks, chosen.outage_s),
                "no network": cases.no_network(networks, chosen.outage_s),
                "other network": cases.other_network(networks),
            }
            for number in range(chosen.times):
                for name in networked:
                    networks.change_to("wifi")
                    with watch.step(
                        f"{words}, {number + 1}: {name}", outcome.expected_s(name, chosen.outage_s)
                    ):
                        found[name].append(await _once(house, plays[name], chance))
    if wired:
        async with over_a_wire() as (house, wire):
            plays = {
                "new port": cases.new_port(wire),
                "socket alone": cases.socket_alone(wire),
                "page anew": cases.page_anew,
            }
            for number in range(chosen.times):
                for name in wired:
                    with watch.step(
                        f"{words}, {number + 1}: {name}", outcome.expected_s(name, chosen.outage_s)
                    ):
                        found[name].append(await _once(house, plays[name], chance))


async def _once(house: House, play: Play, chance: random.Random) -> Attempt:
    try:
        async with house.consultation() as pair:
            return await attempt(pair, play, chance)
    except (Error, AssertionError) as failed:
        # A link's token stays out of it.
        words = str(failed).partition("\n")[0].partition("http")[0]
        raise BenchmarkFailed(f"a page failed: {words}") from failed


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


if __name__ == "__main__":
    failure.run("outages", lambda: main(sys.argv[1:]))
