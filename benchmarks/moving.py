"""For how long people hear nothing while they go on in another room, or at another relay.

`python -m benchmarks.moving`. In each run a patient is moved to a room of the same worker, to one
of another worker, and two people are sent on to another relay, each in a consultation of its own in
Chromium. Somebody sends a tone that never pauses; the gap is the longest stretch in which a page
played nothing.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks import durations
from benchmarks.durations import Durations
from benchmarks.harness import failure, options, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Bar, Result
from tests.endtoend.appearance import Appearance
from tests.endtoend.browsers import browsers
from tests.endtoend.chromium import EXECUTABLE
from tests.endtoend.front_end import serving_front_end
from tests.endtoend.moving_scene import gaps_between_relays_ms, gaps_between_rooms_ms
from tests.endtoend.tab import Browser

RUNS: Final = 10
MOST_MS: Final = 300.0
EXPECTED_S: Final = 20.0

Moved = Callable[[str, Callable[[str, Appearance], Awaitable[Browser]]], Awaitable[list[float]]]

MOVES: Final[Mapping[str, tuple[Moved, int]]] = {
    "to another room": (partial(gaps_between_rooms_ms, workers=1), 1),
    "to another worker": (partial(gaps_between_rooms_ms, workers=2), 1),
    "to another relay": (gaps_between_relays_ms, 2),
}
"""How people are moved, and how many each time."""

Found = Mapping[str, Durations]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("moving", "Measure what people hear while they are moved.")
    parser.set_defaults(runs=RUNS)
    chosen = parser.parse_args(arguments)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    with progress.watch("moving", chosen.runs * len(MOVES) * EXPECTED_S) as watch:
        found = asyncio.run(_measure(chosen.runs, watch))
    result = result_of(found, chosen.runs)
    durations.draw("moving", "Longest silence heard while being moved", found, MOST_MS / 1_000)
    path = result.write()
    _report(result, found)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


async def _measure(runs: int, watch: progress.Watch) -> Found:
    gaps: dict[str, list[float | None]] = {name: [] for name in MOVES}
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        of = await held.enter_async_context(browsers(folder))
        front_end = await held.enter_async_context(serving_front_end())
        # In turn: what disturbs the machine for a minute disturbs them all alike.
        for index in range(runs):
            for name, (moved, people) in MOVES.items():
                with watch.step(f"run {index + 1}: {name}", EXPECTED_S):
                    gaps[name] += await _once(moved, people, front_end, of)
    return {name: Durations(seconds) for name, seconds in gaps.items()}


async def _once(
    moved: Moved,
    people: int,
    front_end: str,
    of: Callable[[str, Appearance], Awaitable[Browser]],
) -> list[float | None]:
    """Give the gaps in seconds; nothing for those who did not arrive."""
    try:
        return [gap_ms / 1_000 for gap_ms in await moved(front_end, of)]
    except AssertionError:
        return [None] * people


def result_of(found: Found, runs: int) -> Result:
    """Hold what was found against what it has to be."""
    return Result(
        name="moving",
        configuration={
            "runs": runs,
            "browser": "Chromium, headless",
            "sound": "a tone that never pauses",
            "adaptation_between_rooms": False,
        },
        figures={name: gaps.row() for name, gaps in found.items()},
        bars=bars_of(found),
        notes=[
            f"{runs} moves of each kind, every one in consultations of its own.",
            "The gap is the longest stretch in which a page played nothing, to 128 samples.",
            "Browsers, relays and harness share the machine's cores.",
        ],
    )


def bars_of(found: Found) -> list[Bar]:
    """Hold the longest of each kind against what may be heard."""
    return [
        *(_longest(name, gaps) for name, gaps in found.items()),
        Bar(
            "people who were moved and did not arrive",
            sum(gaps.missing for gaps in found.values()),
            "people",
            0,
        ),
    ]


def _longest(name: str, gaps: Durations) -> Bar:
    longest_s = gaps.max_s
    return Bar(
        f"silence heard while being moved {name}, longest of {len(gaps.every_s)}",
        None if longest_s is None else 1_000 * longest_s,
        "ms",
        MOST_MS,
        unproven=f"{gaps.missing} of {len(gaps.every_s)} did not arrive" if gaps.missing else "",
    )


def _report(result: Result, found: Found) -> None:
    rows: list[list[Any]] = [[name, *gaps.cells()] for name, gaps in found.items()]
    report.write(
        result,
        title="People who are moved",
        summary="People are moved to another room, to another worker and to another relay while "
        "they hear a tone that never pauses; their page says for how long it played nothing.",
        drawn=[report.Plot("moving", "Longest silence heard, by kind of move")],
        tables=[report.Table("By kind of move (s)", ["move", *durations.headings("gap")], rows)],
    )


if __name__ == "__main__":
    failure.run("moving", lambda: main(sys.argv[1:]))
