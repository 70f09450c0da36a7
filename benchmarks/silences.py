"""How soon people are told that somebody is not heard or seen, and that it is over, by cause.

`python -m benchmarks.silences`. Each cause that the end-to-end tests know is made in Chromium, in
consultations of its own, at a random moment; both sides' pages say when they were told. Then it is
mended, and they say when they were told of that.
"""

from __future__ import annotations

import asyncio
import math
import random
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks import durations
from benchmarks.durations import Durations
from benchmarks.harness import failure, options, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Bar, Result
from tests.endtoend.browsers import browsers
from tests.endtoend.chromium import EXECUTABLE
from tests.endtoend.front_end import serving_front_end
from tests.endtoend.silence_acts import Scene
from tests.endtoend.silence_faults import FAULTS, Fault
from tests.endtoend.silence_scene import silence_scene, told

RUNS: Final = 10
TOLD_S: Final = 3.0
PATIENCE_S: Final = 15.0
OVER_PATIENCE_S: Final = 60.0
"""Longer than the pause after which repairs are tried for the last time."""

PHASE_S: Final = 1.0
"""The relay and pages look once a second at the least: a cause begins anywhere in between."""

EXPECTED_S: Final = 16.0

Found = Mapping[str, Sequence["Silence"]]


@dataclass(frozen=True, slots=True)
class Silence:
    """One that was made and mended; nothing where nobody was told in time."""

    told_s: float | None
    """From the cause to the moment when both sides had been told, in words, of this cause."""
    over_s: float | None
    """From the mending to the moment when both had been told that it is over."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("silences", "Measure how soon people are told of one-way silence.")
    parser.add_argument("--cause", choices=list(FAULTS), action="append", help="only this one")
    parser.set_defaults(runs=RUNS)
    chosen = parser.parse_args(arguments)
    causes = chosen.cause or list(FAULTS)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    with progress.watch("silences", chosen.runs * len(causes) * EXPECTED_S) as watch:
        found = asyncio.run(_measure(causes, chosen.runs, random.Random(chosen.seed), watch))
    result = _result(found, chosen.runs, chosen.seed)
    durations.draw("silences", "Told that somebody is not heard or seen", _told(found), TOLD_S)
    path = result.write()
    _report(result, found)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


async def _measure(
    causes: Sequence[str], runs: int, chance: random.Random, watch: progress.Watch
) -> Found:
    found: dict[str, list[Silence]] = {cause: [] for cause in causes}
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        of = await held.enter_async_context(browsers(folder))
        front_end = await held.enter_async_context(serving_front_end())
        # Cause by cause in turn: what disturbs the machine for a minute disturbs them all alike.
        for index in range(runs):
            for cause in causes:
                with watch.step(f"run {index + 1}: {cause}", EXPECTED_S):
                    async with silence_scene(front_end, of) as scene:
                        phase_s = chance.uniform(0, PHASE_S)
                        found[cause].append(await _once(scene, FAULTS[cause], phase_s))
    return found


async def _once(scene: Scene, fault: Fault, phase_s: float) -> Silence:
    if fault.prepare is not None:
        await fault.prepare(scene)
    await asyncio.sleep(phase_s)
    begun_ms = time.time() * 1_000
    await fault.inject(scene)
    told_s = await _until_told(scene, fault, begun_ms, over=False)
    mended_ms = time.time() * 1_000
    await fault.mend(scene)
    over_s = None
    if told_s is not None:
        over_s = await _until_told(scene, fault, mended_ms, over=True)
    return Silence(told_s, over_s)


async def _until_told(scene: Scene, fault: Fault, since_ms: float, *, over: bool) -> float | None:
    """Say after how long the later of both sides was told."""
    within_s = OVER_PATIENCE_S if over else PATIENCE_S
    try:
        seen = await asyncio.gather(
            *(
                told(
                    person,
                    since_ms,
                    within_s,
                    source=fault.source,
                    cause=None if over else fault.cause,
                    over=over,
                )
                for person in (scene.practitioner, scene.patient)
            )
        )
    except AssertionError:
        return None
    return (max(float(word["at_ms"]) for word in seen) - since_ms) / 1_000


def _result(found: Found, runs: int, seed: int) -> Result:
    told_s, over_s = _told(found), _over(found)
    return Result(
        name="silences",
        configuration={
            "runs": runs,
            "causes": len(found),
            "seed": seed,
            "browser": "Chromium, headless, both people",
            "moment": f"each cause begins at a random moment within {PHASE_S:g} s",
        },
        figures={
            cause: {"told": told_s[cause].row(), "over": over_s[cause].row()} for cause in found
        },
        bars=bars_of(told_s, over_s),
        notes=[
            f"{len(found)} causes, {runs} times each, every time in a consultation of its own.",
            "Told: from the cause to the word on it on the later of the two pages.",
            "Over: from the mending to the word on that; packets have come for 1.5 s by then.",
            "Browsers, relay and harness share the machine's cores.",
        ],
    )


def bars_of(told_s: Mapping[str, Durations], over_s: Mapping[str, Durations]) -> list[Bar]:
    """Hold what was found against what it has to be."""
    every = durations.together(told_s.values())
    slowest = max(told_s, key=lambda cause: told_s[cause].median_s or math.inf)
    ended = durations.together(over_s.values())
    return [
        every.bar("both sides are told, p95 of all causes", "p95", TOLD_S),
        told_s[slowest].bar(
            f"both sides are told, median of the slowest cause ({slowest})", "median", TOLD_S
        ),
        Bar("silences of which somebody was not told", every.missing, "silences", 0),
        Bar("silences whose end was not told", ended.missing - every.missing, "silences", 0),
    ]


def _told(found: Found) -> dict[str, Durations]:
    return {cause: Durations([one.told_s for one in seen]) for cause, seen in found.items()}


def _over(found: Found) -> dict[str, Durations]:
    return {cause: Durations([one.over_s for one in seen]) for cause, seen in found.items()}


def _report(result: Result, found: Found) -> None:
    told_s, over_s = _told(found), _over(found)
    rows: list[list[Any]] = [
        [cause, *told_s[cause].cells(), *over_s[cause].cells()] for cause in found
    ]
    headings = ["cause", *durations.headings("told"), *durations.headings("over")]
    report.write(
        result,
        title="One-way silence",
        summary="Somebody is not heard or seen: each cause is made and mended in Chromium, and "
        "both sides' pages say when they were told.",
        drawn=[report.Plot("silences", "Time until both sides were told, by cause")],
        tables=[report.Table("By cause (s)", headings, rows)],
    )


if __name__ == "__main__":
    failure.run("silences", lambda: main(sys.argv[1:]))
