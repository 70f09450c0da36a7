"""What a test asks of a browser tab, whichever browser it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGES = Path(__file__).with_name("pages")
PRELOADED = tuple(
    PAGES / name for name in ("probe.js", "sources.js", "course.js", "faults.js", "gaps.js")
)
"""Run in every tab before the page's own scripts."""


class Tab(Protocol):
    """One page of one browser."""

    console: list[str]
    """What the page has printed and thrown, in order."""

    async def evaluate(self, expression: str) -> Any:
        """Run an expression in the page, wait for its promise, and give its JSON value."""
        ...

    async def goto(self, url: str) -> None:
        """Load another address in the same tab."""
        ...

    async def reload(self) -> None:
        """Load the page anew, keeping its session storage."""
        ...

    async def screenshot(self, path: Path) -> None:
        """Write what the tab shows as a PNG."""
        ...

    async def close(self) -> None:
        """Close the tab and forget everything it stored."""
        ...


class Browser(Protocol):
    """A browser whose devices have one participant's appearance."""

    name: str

    async def open(
        self,
        url: str,
        *,
        viewport: tuple[int, int] = (1280, 720),
        language: str = "en",
        preload: Sequence[Path] = (),
    ) -> Tab:
        """Open a tab with storage of its own.

        `preload` are scripts that run in it after those of `PRELOADED`.
        """
        ...

    async def close(self) -> None:
        """End the browser's processes."""
        ...


def call(function: str, *arguments: object) -> str:
    """Write a call as a JavaScript expression."""
    return f"{function}({', '.join(json.dumps(argument) for argument in arguments)})"
