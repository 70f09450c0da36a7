"""A real call over an emulated link, through the relay and beside it: `make bench-adaptation`.

Chromium sends at the server's end, Chromium receives at the client's; in between lies a link that
changes by a schedule. Each scenario is played through the relay and directly between the browsers,
one after the other, in every run. With `--rfc8867` it is the cases of that RFC, a result of their
own. What is known is written after each scenario; `--resume` goes on from there. Needs root.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from benchmarks.adaptation.endtoend import drawing
from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.course import Course
from benchmarks.adaptation.endtoend.making import Making
from benchmarks.adaptation.endtoend.outcome import Outcome
from benchmarks.adaptation.endtoend.played import Played
from benchmarks.adaptation.endtoend.runs import STARTS_TAKE_S
from benchmarks.adaptation.endtoend.scenarios import SCENARIOS, Scenario, is_of_rfc_8867
from benchmarks.adaptation.sides import need_rights
from benchmarks.harness import failure, machine, options, plots, progress
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import FOLDER
from tests.endtoend.chromium import EXECUTABLE

RUNS: Final = 3
"""Of the scenarios that bars are about."""
RUNS_RFC_8867: Final = 1
"""Of that RFC's cases, which last longer."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, judge, write, and say what was found."""
    chosen = _asked(arguments)
    need_rights()
    machine.need_cores(2)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    every = [name for name in SCENARIOS if is_of_rfc_8867(name) is chosen.rfc8867]
    scenarios = [SCENARIOS[name] for name in chosen.scenario or every]
    outcome = Outcome(
        name=_name(chosen),
        runs=chosen.runs,
        seed=chosen.seed,
        scenarios=scenarios,
        began_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    path = FOLDER / f"{outcome.name}.json"
    if chosen.resume:
        outcome.played = Played.read(path)
    try:
        _play(outcome, [Way(way) for way in chosen.way or Way])
    except KeyboardInterrupt:
        if outcome.played.attempts:
            outcome.write()
        words = f"interrupted; what was played stands in {path}, and --resume goes on from there"
        raise BenchmarkFailed(words) from None
    result = outcome.write()
    outcome.report(result)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = options.parser("adaptation.endtoend", "Hold whole calls against links that change.")
    parser.set_defaults(runs=None)
    parser.add_argument(
        "--scenario",
        choices=sorted(SCENARIOS),
        action="append",
        help="only this one, as a result of its own that no document shows",
    )
    parser.add_argument("--rfc8867", action="store_true", help="the cases of RFC 8867 instead")
    parser.add_argument("--way", choices=[*Way], action="append", help="only this one")
    parser.add_argument(
        "--resume", action="store_true", help="play only what the result lacks that is there"
    )
    chosen = parser.parse_args(arguments)
    if chosen.runs is None:
        chosen.runs = RUNS_RFC_8867 if chosen.rfc8867 else RUNS
    return chosen


def _name(chosen: argparse.Namespace) -> str:
    if chosen.scenario or chosen.way:
        return "adaptation_tried"
    return "adaptation_rfc8867" if chosen.rfc8867 else "adaptation"


def ways_of(scenario: Scenario, ways: Sequence[Way]) -> list[Way]:
    """Give how a scenario is played: where another's direct calls stand beside it, not directly."""
    return [way for way in ways if way is Way.RELAY or not scenario.beside]


def _play(outcome: Outcome, ways: Sequence[Way]) -> None:
    """Play whatever is not settled, and write what is known after each scenario."""
    asked = [
        (outcome.seed + run, scenario, way)
        for run in range(outcome.runs)
        for scenario in outcome.scenarios
        for way in ways_of(scenario, ways)
    ]
    left = [
        (seed, scenario, way)
        for seed, scenario, way in asked
        if not outcome.played.is_settled(scenario.name, way, seed)
    ]
    expected_s = sum(scenario.lasts_s + STARTS_TAKE_S for _, scenario, _ in left)
    spare = max(2, len(left) // 5)
    with progress.watch("adaptation", expected_s, spare=spare) as watch:
        making = Making(outcome.played, watch, spare, outcome.notes)
        seen: dict[tuple[str, Way], Course] = {}
        for number, (seed, scenario, way) in enumerate(left):
            course = making.run(scenario, way, seed)
            if course is not None:
                seen.setdefault((scenario.name, way), course)
            later = left[number + 1 :]
            if not later or later[0][1] is not scenario:
                _draw(outcome, scenario, seen)
                outcome.write()


def _draw(outcome: Outcome, scenario: Scenario, seen: dict[tuple[str, Way], Course]) -> None:
    """Draw the first run of each way that counts, once."""
    shown = [(scenario.name, Way.RELAY), (scenario.beside or scenario.name, Way.DIRECT)]
    courses = [seen[each] for each in shown if each in seen]
    name = outcome.plot_name(scenario)
    # What was drawn before a --resume shows both ways; a direct run alone is no better.
    is_better = shown[0] in seen or not plots.path_of(name).exists()
    if courses and is_better and scenario.name not in outcome.drawn:
        outcome.drawn[scenario.name] = drawing.draw(name, scenario, courses)


if __name__ == "__main__":
    failure.run("adaptation", lambda: main(sys.argv[1:]))
