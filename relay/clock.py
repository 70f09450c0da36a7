"""The relay's only clock: monotonic, and given to whoever needs it.

Imports nothing of ours. Nothing in `relay` asks for the wall clock, so a jump of it moves no timer;
tests bring a clock of their own and never wait.
"""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """A monotonic clock that can also be waited on."""

    def now_ns(self) -> int:
        """Give the time since an arbitrary, fixed moment."""
        ...

    async def sleep(self, duration_s: float) -> None:
        """Wait for a duration of this clock.

        *Cancellation:* nothing is left behind.
        """
        ...


class MonotonicClock:
    """The machine's CLOCK_MONOTONIC: the same that the engine's workers read."""

    def now_ns(self) -> int:
        """Give the time since an arbitrary, fixed moment."""
        return time.monotonic_ns()

    async def sleep(self, duration_s: float) -> None:
        """Wait on the event loop.

        *Cancellation:* nothing is left behind.
        """
        await asyncio.sleep(duration_s)
