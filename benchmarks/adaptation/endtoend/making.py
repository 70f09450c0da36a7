"""Make runs of scenarios, again where they are void, and never let one end the hours before it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from subprocess import SubprocessError
from typing import Final

from playwright.async_api import Error

from benchmarks.adaptation.endtoend.call import Way
from benchmarks.adaptation.endtoend.course import Course, course_of
from benchmarks.adaptation.endtoend.figures import figures_of
from benchmarks.adaptation.endtoend.played import ATTEMPTS, Attempt, Played
from benchmarks.adaptation.endtoend.runs import STARTS_TAKE_S, record
from benchmarks.adaptation.endtoend.scenarios import Scenario
from benchmarks.adaptation.endtoend.void import why_void
from benchmarks.harness import machine
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.progress import Watch

MOST_LATE_MS: Final = 5.0
"""A link that was later than this at p99 is told of: a queue of 50 ms is what bars are about."""

FAILURES: Final = (BenchmarkFailed, Error, OSError, SubprocessError, LookupError, ValueError)
"""Of the link, of browsers, of programs; and of records too odd to make curves and figures of."""


@dataclass(slots=True)
class Making:
    """A measurement that is under way."""

    played: Played
    watch: Watch
    spare: int
    """Attempts beyond the first of each run that are left to all runs together, so that it ends."""
    notes: list[str] = field(default_factory=list)

    def run(self, scenario: Scenario, way: Way, seed: int) -> Course | None:
        """Play a scenario until a run counts, as often as is allowed; nothing if none did."""
        commit = machine.commit()
        while not self.played.is_settled(scenario.name, way, seed):
            made = [a for a in self.played.of(scenario.name, way) if a.seed == seed]
            if made and self.spare <= 0:
                break
            self.spare -= bool(made)
            again = f", attempt {len(made) + 1} of {ATTEMPTS}" if made else ""
            words = f"{scenario.name}, {way}, seed {seed}{again}"
            attempt, course = self._attempt(scenario, way, seed, words, commit)
            self.played.add(scenario.name, way, attempt)
            if attempt.counts:
                return course
            self.watch.tell(f"{words}: void: {attempt.void}")
        return None

    def _attempt(
        self, scenario: Scenario, way: Way, seed: int, words: str, commit: str
    ) -> tuple[Attempt, Course | None]:
        began_at = _now()
        try:
            with self.watch.step(words, scenario.lasts_s + STARTS_TAKE_S):
                recorded = asyncio.run(record(scenario, way, seed))
            course = course_of(recorded)
            figures = figures_of(course)
        except FAILURES as failure:
            # A browser that crashed or saw nothing costs this run, not the hours before it.
            words = str(failure).partition("\n")[0] or type(failure).__name__
            why = f"it came to nothing: {words}"
            return Attempt(seed, began_at, _now(), commit, why, failed=True), None
        late_ms = recorded.emulator["late"]["p99_us"] / 1_000
        if late_ms > MOST_LATE_MS:
            self.notes.append(f"{words}: the link itself was {late_ms:.1f} ms late at p99.")
        void = why_void(
            cpu_limited_share=course.cpu_limited_share, stolen_share=recorded.stolen_share
        )
        return Attempt(seed, began_at, _now(), commit, void, figures=figures), course


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
