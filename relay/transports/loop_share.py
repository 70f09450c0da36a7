"""Hold one leg to a share of the event loop, so that no peer can stall the others.

A queue with something in it never suspends its reader: without this a peer that sends faster than
it is read would keep the loop to itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

# A leg may use a fifth of the loop for long, and 20 ms at once, in turns of 2 ms: a message of
# 64 KiB costs about 10 ms of DTLS and SCTP (measured, CPython 3.11).
SHARE: Final = 0.2
BURST_S: Final = 0.020
TURN_S: Final = 0.002


class LoopShare:
    """Processor time one leg has spent in the loop, paid back by waiting.

    Spending is measured in the thread's own time: a busy machine is not the peer's fault.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        thread_clock: Callable[[], float] = time.thread_time,
    ) -> None:
        self._clock = clock
        self._thread_clock = thread_clock
        self._credit_s = BURST_S
        self._credited_at = clock()
        self._turn_began = thread_clock()

    def begin(self) -> None:
        """Start a turn: the leg has something to do."""
        now = self._clock()
        refill_s = (now - self._credited_at) * SHARE
        self._credit_s = min(BURST_S, self._credit_s + refill_s)
        self._credited_at = now
        self._turn_began = self._thread_clock()

    async def breathe(self) -> None:
        """Give the loop to others once the turn is long; call between pieces of work."""
        if self._thread_clock() - self._turn_began >= TURN_S:
            await self.end()
            self.begin()

    async def end(self) -> None:
        """End the turn: let others run, and wait if more was used than is the leg's."""
        self._credit_s -= self._thread_clock() - self._turn_began
        await asyncio.sleep(max(0.0, -self._credit_s / SHARE))
