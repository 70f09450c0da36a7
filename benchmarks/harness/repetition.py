"""Runs that the host disturbed, or in which somebody was missing, are made again; not for ever.

A hypervisor that takes a core away for half a second stops relay and generator alike. What is
measured in such windows is left out, and a run with too many of them is repeated. Of all attempts
the least disturbed one stands, and the result tells of every one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Bar
from benchmarks.harness.stage import Shares, Stage

ATTEMPTS: Final = 3
"""Of one run."""
SPARE: Final = 2
"""Of all runs of a measurement, so that it ends whatever the host does."""
MOST_STOLEN: Final = 0.5
"""More of a run's windows stolen than this, and it is made again."""

Found = TypeVar("Found")


class PeopleMissing(BenchmarkFailed):
    """Somebody did not come, or was dropped, and would be missing from the figures.

    Args:
        words: Who, and why.
        shares: How much the host took from the run in which it happened.

    """

    def __init__(self, words: str, shares: Shares) -> None:
        super().__init__(words)
        self.shares = shares


@dataclass(frozen=True, slots=True)
class Repeated:
    """A run that took more than one attempt, or stands although it was disturbed."""

    run: str
    attempts: Sequence[Shares | str]
    """What disturbed each, or why it came to nothing."""
    kept: int
    """The place of the one that stands; -1 if none does."""
    most_stolen: float

    @property
    def is_disturbed(self) -> bool:
        """Whether what stands had too much stolen from it."""
        shares = self.attempts[self.kept] if self.kept >= 0 else None
        return isinstance(shares, Shares) and shares.stolen > self.most_stolen

    @property
    def words(self) -> str:
        """Say what happened."""
        each = "; ".join(one.words if isinstance(one, Shares) else one for one in self.attempts)
        verdict = f"attempt {self.kept + 1} stands" if self.kept >= 0 else "none stands"
        if self.is_disturbed:
            verdict += ", although the host disturbed it"
        return f"{self.run}: {len(self.attempts)} attempt(s), {verdict} ({each})."

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        return {
            "run": self.run,
            "attempts": [
                one.row() if isinstance(one, Shares) else {"came_to_nothing": one}
                for one in self.attempts
            ],
            "kept": self.kept + 1,
            "disturbed": self.is_disturbed,
        }


@dataclass(slots=True)
class Repetition:
    """Repeats runs, and remembers which."""

    repeated: list[Repeated] = field(default_factory=list)
    spare: int = SPARE
    """Attempts beyond the first of each run that are left to all runs together."""
    missing_in_calm: int = 0
    """Attempts from which people were missing although the host left the machine alone."""

    def least_disturbed(
        self,
        run: str,
        attempt: Callable[[str], Found],
        shares_of: Callable[[Found], Shares],
        *,
        most_stolen: float = MOST_STOLEN,
    ) -> Found:
        """Make a run, and make it again while the host disturbs it.

        Args:
            run: What it is called.
            attempt: Makes it once; is given the words for who waits.
            shares_of: Says how much of it was void.
            most_stolen: A larger share of stolen windows is a disturbance.

        Raises:
            BenchmarkFailed: An attempt failed, or in none were all people there.

        """
        seen: list[Shares | str] = []
        best: tuple[float, int, Found] | None = None
        missing: PeopleMissing | None = None
        while not seen or (len(seen) < ATTEMPTS and self.spare > 0):
            again = ""
            if seen:
                self.spare -= 1
                again = f", attempt {len(seen) + 1} of {ATTEMPTS}"
            try:
                found = attempt(run + again)
            except PeopleMissing as failure:
                missing = failure
                self.missing_in_calm += failure.shares.stolen <= most_stolen
                seen.append(f"{failure}; {failure.shares.words}")
                continue
            shares = shares_of(found)
            if best is None or shares.stolen < best[0]:
                best = (shares.stolen, len(seen), found)
            seen.append(shares)
            if shares.stolen <= most_stolen:
                break
        kept = best[1] if best else -1
        if len(seen) > 1 or kept < 0 or (best and best[0] > most_stolen):
            self.repeated.append(Repeated(run, seen, kept, most_stolen))
        if best is None:
            assert missing
            raise missing
        return best[2]

    @property
    def notes(self) -> list[str]:
        """Say which runs were repeated or stand disturbed."""
        return [one.words for one in self.repeated]

    @property
    def bars(self) -> list[Bar]:
        """Hold against the relay what no repetition may hide."""
        words = "runs from which people were missing although the host was calm"
        return [Bar(words, self.missing_in_calm, "runs", 0)]

    def rows(self) -> list[dict[str, Any]]:
        """Give it as JSON has it."""
        return [one.row() for one in self.repeated]


def mean_shares(stages: Sequence[Stage]) -> Shares:
    """Give the shares of a whole run: of its stages, by how long each was."""
    long_s = [float(stage.found["measured_s"]) for stage in stages]

    def mean(figure: Callable[[Shares], float]) -> float:
        parts = (figure(stage.shares) * s for stage, s in zip(stages, long_s, strict=True))
        return sum(parts) / max(1e-9, sum(long_s))

    return Shares(mean(lambda s: s.void), mean(lambda s: s.stolen), mean(lambda s: s.late))
