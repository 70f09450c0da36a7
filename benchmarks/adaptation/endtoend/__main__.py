"""A real call over an emulated link, through the relay and beside it: `make bench-adaptation`.

Chromium sends at the server's end, Chromium receives at the client's; in between lies a link that
changes by a schedule. Each scenario is played through the relay and directly between the browsers,
one after the other, in every run. With `--rfc8867` it is the cases of that RFC, a result of their
own: together they take three hours. Needs root.
"""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from playwright.async_api import Error

from benchmarks.adaptation.endtoend import drawing
from benchmarks.adaptation.endtoend.bars import RUNS, bars, median
from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.course import Course, course_of
from benchmarks.adaptation.endtoend.figures import Figures, figures_of
from benchmarks.adaptation.endtoend.runs import STARTS_TAKE_S, record
from benchmarks.adaptation.endtoend.scenarios import (
    LEFT_OUT,
    SCENARIOS,
    Scenario,
    is_of_rfc_8867,
)
from benchmarks.adaptation.sides import need_rights
from benchmarks.harness import failure, machine, options, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import SPARE, PeopleMissing
from benchmarks.harness.results import MISSING, Result
from benchmarks.harness.stage import Shares
from tests.endtoend.chromium import EXECUTABLE

MOST_DISTURBED: Final = 0.02
"""Of a run's time, with a processor taken away or an encoder short of one; more, and it is void."""
MOST_LATE_MS: Final = 5.0
"""A link that was later than this at p99 is told of: a queue of 50 ms is what bars are about."""

Played = dict[Way, list[tuple[Course, Figures]]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, judge, write, and say what was found."""
    parser = options.parser("adaptation.endtoend", "Hold whole calls against links that change.")
    parser.set_defaults(runs=RUNS)
    parser.add_argument(
        "--scenario", choices=sorted(SCENARIOS), action="append", help="only this one"
    )
    parser.add_argument("--rfc8867", action="store_true", help="the cases of RFC 8867 instead")
    parser.add_argument("--way", choices=[*Way], action="append", help="only this one")
    chosen = parser.parse_args(arguments)
    need_rights()
    machine.need_cores(2)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    names = chosen.scenario or [
        name for name in SCENARIOS if is_of_rfc_8867(name) is chosen.rfc8867
    ]
    of_rfc = all(is_of_rfc_8867(name) for name in names)
    scenarios = [SCENARIOS[name] for name in names]
    ways = [Way(way) for way in chosen.way or Way]
    expected_s = sum(scenario.lasts_s + STARTS_TAKE_S for scenario in scenarios)
    with progress.watch("adaptation", chosen.runs * len(ways) * expected_s) as watch:
        notes: list[str] = []
        watch.repetition.spare = max(SPARE, chosen.runs * len(ways) * len(scenarios) // 5)
        played = {scenario.name: _new(ways) for scenario in scenarios}
        for run in range(chosen.runs):
            for scenario in scenarios:
                for way in ways:
                    course = _once(scenario, way, chosen.seed + run, watch, notes)
                    played[scenario.name][way].append((course, figures_of(course)))
    found = {name: _figures(each, Way.RELAY) for name, each in played.items()}
    judged = [*bars(found), *watch.repetition.bars]
    result = Result(
        name="adaptation_rfc8867" if of_rfc else "adaptation",
        configuration={
            "runs": chosen.runs,
            "scenarios": [scenario.name for scenario in scenarios],
            "picture": "640x360, 25 frames a second, VP8, grain",
            "left_out": dict(LEFT_OUT) if of_rfc else {},
        },
        figures={
            name: {way.value: [_finite(run) for run in _figures(each, way)] for way in each}
            for name, each in played.items()
        }
        | {"repeated": watch.repetition.rows()},
        bars=judged,
        notes=[*NOTES, *notes, *watch.repetition.notes],
    )
    drawn = [
        drawing.draw(
            scenario,
            [runs[0][0] for runs in played[scenario.name].values()],
            first=number == 0,
        )
        for number, scenario in enumerate(scenarios)
    ]
    path = result.write()
    report.write(
        result,
        title="Adaptation, end to end" + (": RFC 8867" if of_rfc else ""),
        summary="A call over a link that changes: through the relay, and beside it directly "
        "between two browsers, one after the other.",
        drawn=drawn,
        tables=[_table(scenario, played[scenario.name]) for scenario in scenarios],
    )
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


NOTES: Final = (
    "Browsers, relay and link share the machine; a run whose encoders lacked it is made again.",
    "Queues are by the link's own record: what a packet would have waited that came at that time.",
    "Direct calls have an encoder for each receiver; through the relay there is one for all.",
)


def _new(ways: Sequence[Way]) -> Played:
    return {way: [] for way in ways}


def _once(
    scenario: Scenario, way: Way, seed: int, watch: progress.Watch, notes: list[str]
) -> Course:
    """Play a scenario, again where the host disturbed it."""

    def attempt(words: str) -> tuple[Course, float]:
        try:
            with watch.step(words, scenario.lasts_s + STARTS_TAKE_S):
                recorded = asyncio.run(record(scenario, way, seed))
        except (BenchmarkFailed, Error) as failed:
            # A browser that crashed or saw nothing costs this run, not the hours before it.
            reason = str(failed).partition("\n")[0]
            raise PeopleMissing(f"{words}: {reason}", Shares(0.0, 0.0, 0.0)) from failed
        late_ms = recorded.emulator["late"]["p99_us"] / 1_000
        if late_ms > MOST_LATE_MS:
            notes.append(f"{words}: the link itself was {late_ms:.1f} ms late at p99.")
        return course_of(recorded), recorded.stolen_share

    def shares_of(found: tuple[Course, float]) -> Shares:
        course, stolen = found
        void = max(stolen, course.cpu_limited_share)
        return Shares(void=void, stolen=void, late=0.0)

    words = f"{scenario.name}, {way}, seed {seed}"
    return watch.repetition.least_disturbed(words, attempt, shares_of, most_stolen=MOST_DISTURBED)[
        0
    ]


def _figures(played: Played, way: Way) -> list[Figures]:
    return [figures for _, figures in played.get(way, [])]


def _finite(figures: Mapping[str, float]) -> dict[str, float | None]:
    """Give figures as JSON has them: what never happened and what nobody told is null."""
    return {
        name: round(value, 4) if math.isfinite(value) else None for name, value in figures.items()
    }


def _table(scenario: Scenario, played: Played) -> report.Table:
    names = dict.fromkeys(name for runs in played.values() for _, run in runs for name in run)
    rows: list[list[Any]] = []
    for name in names:
        row: list[Any] = [name.replace("_", " ")]
        for way in played:
            values = [run.get(name, math.nan) for run in _figures(played, way)]
            row += [_words(median(values)), ", ".join(map(_words, values))]
        rows.append(row)
    headings = ["figure"]
    for way in played:
        headings += [f"{drawing.NAMES[way]}, median", "runs"]
    return report.Table(f"{scenario.name}: {scenario.words}", headings, rows)


def _words(value: float) -> str:
    if math.isnan(value):
        return MISSING
    return "never" if math.isinf(value) else f"{value:,.2f}"


if __name__ == "__main__":
    failure.run("adaptation", lambda: main(sys.argv[1:]))
