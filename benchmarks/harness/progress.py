"""How far a measurement is, for the person who waits for it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.harness.repetition import SPARE, Repetition
from benchmarks.harness.results import Bar

_MOVES_PER_S = 4


class Watch:
    """A bar over all runs of a measurement."""

    def __init__(self, shown: Progress, total_s: float) -> None:
        self._shown = shown
        self._task = shown.add_task("", total=total_s)
        self._total_s = total_s
        self._done_s = 0.0
        self.repetition = Repetition()
        """Which runs were made again."""

    def say(self, words: str) -> None:
        """Tell what just happens."""
        self._shown.update(self._task, description=words)

    def tell(self, words: str) -> None:
        """Tell what is to stay on the screen."""
        self._shown.console.print(words)

    @contextmanager
    def step(self, words: str, expected_s: float) -> Iterator[None]:
        """Move the bar by the clock while one run lasts, and to its end when it ends."""
        self.say(words)
        if not self._shown.console.is_terminal:
            # A log shows no bar that moves.
            self.tell(f"{self._done_s / self._total_s:4.0%} {words}")
        ended = threading.Event()

        def move() -> None:
            for moment in range(int(expected_s * _MOVES_PER_S)):
                self._shown.update(self._task, completed=self._done_s + moment / _MOVES_PER_S)
                if ended.wait(1 / _MOVES_PER_S):
                    return

        mover = threading.Thread(target=move, name="progress")
        mover.start()
        try:
            yield
        finally:
            ended.set()
            mover.join()
            self._done_s += expected_s
            self._shown.update(self._task, completed=self._done_s)


@contextmanager
def watch(title: str, total_s: float, *, spare: int = SPARE) -> Iterator[Watch]:
    """Show a bar for a measurement that takes about so long, and makes so many runs again."""
    columns = (
        TextColumn(f"[bold]{title}[/]"),
        BarColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
    )
    minutes = max(1, round(total_s / 60))
    Console(stderr=True).print(
        f"{title}: about {minutes} min; what the host disturbs is made again, at most "
        f"{spare} times in all"
    )
    # Two redraws a second: the bar shares the generator's core.
    with Progress(*columns, console=Console(stderr=True), refresh_per_second=2) as shown:
        yield Watch(shown, total_s)


def show_bars(bars: list[Bar]) -> None:
    """Print what was found against what it has to be."""
    table = Table(box=None)
    for heading in ("figure", "found", "has to be", ""):
        table.add_column(heading)
    for bar in bars:
        verdict = f"[{'green' if bar.met else 'red'}]{bar.verdict}[/]"
        table.add_row(bar.name, bar.found, bar.has_to_be, verdict)
    Console().print(table)
