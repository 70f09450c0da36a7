"""What has been played so far: every attempt, those that count and those that do not.

It is written after each scenario and read again by `--resume`, so an hour that is cut short is not
lost. Pure but for the reading of one file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.figures import Figures
from benchmarks.adaptation.endtoend.scenarios import SCENARIOS
from benchmarks.harness.failure import BenchmarkFailed

ATTEMPTS: Final = 3
"""Of one run."""
NEVER: Final = "never"
"""Stands in JSON for a time at which something did not happen; null is what nobody told."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a scenario was played one way."""

    seed: int
    began_at: str
    ended_at: str
    """UTC, ISO 8601."""
    commit: str
    void: str = ""
    """Why it is not counted; nothing if it is."""
    failed: bool = False
    """Whether it came to nothing: a browser crashed, no picture came."""
    figures: Figures = field(default_factory=dict)

    @property
    def counts(self) -> bool:
        """Whether bars and medians have it."""
        return not self.void

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {**asdict(self), "figures": {n: _told(v) for n, v in self.figures.items()}}


@dataclass(slots=True)
class Played:
    """By scenario and way, the attempts in order."""

    attempts: dict[str, dict[Way, list[Attempt]]] = field(default_factory=dict)

    def add(self, scenario: str, way: Way, attempt: Attempt) -> None:
        """Take one in."""
        self.attempts.setdefault(scenario, {}).setdefault(way, []).append(attempt)

    def of(self, scenario: str, way: Way) -> list[Attempt]:
        """Give all attempts of one way to play a scenario."""
        return self.attempts.get(scenario, {}).get(way, [])

    def counted(self, scenario: str, way: Way) -> list[Figures]:
        """Give the figures of those that count."""
        return [attempt.figures for attempt in self.of(scenario, way) if attempt.counts]

    def is_settled(self, scenario: str, way: Way, seed: int) -> bool:
        """Whether nothing is to be made again: one counts, or all allowed attempts were made."""
        made = [attempt for attempt in self.of(scenario, way) if attempt.seed == seed]
        return len(made) >= ATTEMPTS or any(attempt.counts for attempt in made)

    def void(self) -> Iterator[tuple[str, Attempt]]:
        """Give the attempts that do not count, each with what it is called."""
        for scenario, ways in self.attempts.items():
            for way, attempts in ways.items():
                for attempt in attempts:
                    if not attempt.counts:
                        yield f"{scenario}, {way}, seed {attempt.seed}", attempt

    def notes(self) -> list[str]:
        """Say how many attempts there were, how many were void, and why."""
        every = [each for ways in self.attempts.values() for way in ways.values() for each in way]
        void = list(self.void())
        words = f"{len(void)} of {len(every)} attempts were void and are not counted."
        commits = sorted({attempt.commit[:9] for attempt in every})
        several = f"They were made at several commits: {', '.join(commits)}."
        return [
            words,
            *([several] if len(commits) > 1 else []),
            *(f"Void: {name}: {attempt.void}." for name, attempt in void),
        ]

    def rows(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            scenario: {way.value: [each.row() for each in made] for way, made in ways.items()}
            for scenario, ways in self.attempts.items()
        }

    @classmethod
    def read(cls, path: Path) -> Played:
        """Go on from a result that was written; from nothing where there is none.

        Raises:
            BenchmarkFailed: The file is no such result.

        """
        if not path.exists():
            return cls()
        played = cls()
        try:
            runs: Mapping[str, Any] = json.loads(path.read_text())["figures"]["runs"]
            for scenario, ways in runs.items():
                for way, rows in ways.items():
                    for row in rows:
                        figures = {name: _meant(value) for name, value in row["figures"].items()}
                        attempt = Attempt(**{**row, "figures": figures})
                        # A scenario that is no longer played is forgotten.
                        if scenario in SCENARIOS:
                            played.add(scenario, Way(way), attempt)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            words = f"{path} is no result to go on from: {error}; leave out --resume"
            raise BenchmarkFailed(words) from None
        return played


def _told(value: float) -> float | str | None:
    if math.isnan(value):
        return None
    return NEVER if math.isinf(value) else round(value, 4)


def _meant(value: float | str | None) -> float:
    if value is None:
        return math.nan
    return math.inf if value == NEVER else float(value)
