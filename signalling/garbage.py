"""When Python looks for cycles of objects: seldom among all of them, for nothing else runs then.

A full collection takes 0.3 ms for each participant (measured; `benchmarks.adaptation.event_loop`
without this module: 0.3 s with 1,000 of them, every four seconds). What ends in rings waits for the
next of the rare collections. Packets wait for none: their path holds no Python.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from relay.clock import Clock, MonotonicClock

EVERY_S: Final = 300.0
"""Whoever leaves, leaves a ring of some 300 objects until then (counted with the collector off)."""
NEVER: Final = 1_000_000
"""Collections of younger objects before a full one: of each there are some two a second."""


@asynccontextmanager
async def rarely_collected(clock: Clock | None = None) -> AsyncIterator[None]:
    """Collect all there is now, and then every five minutes, instead of by Python's rule.

    What there is when this is entered lives as long as the process, and is left out for good.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*before[:2], NEVER)
    try:
        async with asyncio.TaskGroup() as tasks:
            collecting = tasks.create_task(
                _now_and_then(clock or MonotonicClock()), name="collections"
            )
            yield
            _ = collecting.cancel()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _now_and_then(clock: Clock) -> None:
    while True:
        await clock.sleep(EVERY_S)
        gc.collect()
