"""Times until something came, some of which may not have come: figures, bars, cells, a plot.

Used by measurements of what happens to people (`silences`, `outages`), where N is tens, not
thousands.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from benchmarks.harness import plots
from benchmarks.harness.results import MISSING, Bar

Quantile = Literal["median", "p95", "max"]

LEAST_FOR_P95: Final = 20
"""Below it, the 95th percentile is the largest or beyond it."""


@dataclass(frozen=True, slots=True)
class Durations:
    """Seconds, in order of the attempts; nothing for what was waited for in vain."""

    every_s: Sequence[float | None]

    @property
    def came_s(self) -> list[float]:
        """Those that came, sorted."""
        return sorted(each for each in self.every_s if each is not None)

    @property
    def missing(self) -> int:
        """How many did not come."""
        return len(self.every_s) - len(self.came_s)

    @property
    def median_s(self) -> float | None:
        """The middle one of all, those in vain being the longest; nothing if that is in vain."""
        return self.quantile_s(0.5)

    @property
    def p95_s(self) -> float | None:
        """What 95 of 100 did not exceed, those in vain being the longest."""
        return self.quantile_s(0.95)

    @property
    def max_s(self) -> float | None:
        """The longest; nothing if one was in vain, or there is none."""
        return None if self.missing or not self.every_s else self.came_s[-1]

    def quantile_s(self, share: float) -> float | None:
        """Give the smallest that at least this share did not exceed (nearest rank)."""
        came = self.came_s
        rank = max(1, -(-round(share * len(self.every_s) * 1_000) // 1_000))
        return came[rank - 1] if 0 < rank <= len(came) else None

    def bar(self, name: str, which: Quantile, most_s: float) -> Bar:
        """Hold one of its figures against what it has to be."""
        value = {"median": self.median_s, "p95": self.p95_s, "max": self.max_s}[which]
        unproven = ""
        if value is None:
            unproven = f"{self.missing} of {len(self.every_s)} were waited for in vain"
        elif which == "p95" and len(self.every_s) < LEAST_FOR_P95:
            unproven = f"{len(self.every_s)} are too few for a 95th percentile"
        return Bar(name, value, "s", most_s, unproven=unproven)

    def row(self) -> dict[str, Any]:
        """Give it as JSON has it."""

        def rounded(value: float | None) -> float | None:
            return None if value is None else round(value, 3)

        return {
            "n": len(self.every_s),
            "missing": self.missing,
            "median_s": rounded(self.median_s),
            "p95_s": rounded(self.p95_s),
            "max_s": rounded(self.max_s),
            "every_s": [rounded(each) for each in self.every_s],
        }

    def cells(self) -> list[str]:
        """Give what a report shows of it; `headings` stand above."""
        figures = [self.median_s, self.p95_s, self.max_s]
        shown = [MISSING if figure is None else f"{figure:.2f}" for figure in figures]
        return [*shown, str(self.missing)]


def headings(what: str) -> list[str]:
    """Name the cells of durations of something."""
    return [f"{what}, median", "p95", "longest", "never"]


def together(several: Iterable[Durations]) -> Durations:
    """Put several into one."""
    return Durations([each for durations in several for each in durations.every_s])


def draw(name: str, title: str, by_name: Mapping[str, Durations], most_s: float | None) -> None:
    """Draw every one as a point in its row, and what most of them have to be below."""
    with plots.plot(name, title) as axes:
        for place, durations in enumerate(by_name.values()):
            came = durations.came_s
            axes.plot(came, [place] * len(came), "o", color=plots.RELAY, alpha=0.35, markersize=4)
            if came:
                axes.plot(statistics.median(came), place, "|", color=plots.STAGES[0], markersize=12)
        axes.set_yticks(range(len(by_name)), list(by_name), fontsize=7)
        axes.set_xlim(left=0)
        axes.set_xlabel("s; a bar is the median")
        axes.invert_yaxis()
        if most_s is not None:
            axes.axvline(most_s, color=plots.TARGET, linestyle="--")
