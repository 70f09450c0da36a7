"""When Python looks for cycles of objects: seldom among all of them, for nothing else runs then.

A full collection takes 0.3 ms for each participant (measured; `benchmarks.adaptation.event_loop`
without this module: 0.3 s with 1,000 of them, every four seconds). What ends in rings waits for the
next of the rare collections; these come sooner where many come and go. Packets wait for none: their
path holds no Python.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from relay.clock import Clock, MonotonicClock
from relay.units import ns_of_seconds

EVERY_S: Final = 300.0
"""Rings wait until then. Whoever left, left some 300 objects in them (counted with the collector
off, before legs that were closed, DTLS and data channels were freed of theirs)."""
MOST_TURNOVER: Final = 1_000
"""Endings in between: 300,000 objects wait at the most, whatever the pace."""
LOOK_S: Final = 1.0
"""Few come and go in a second: what waits is little more than that."""
NEVER: Final = 1_000_000
"""Collections of younger objects before a full one: of each there are some two a second."""


def nobody() -> float:
    """Whoever comes and goes where nobody does."""
    return 0.0


@asynccontextmanager
async def rarely_collected(
    clock: Clock | None = None, turnover: Callable[[], float] = nobody
) -> AsyncIterator[None]:
    """Collect all there is now, and then every five minutes, instead of by Python's rule.

    What there is when this is entered lives as long as the process, and is left out for good.

    Args:
        clock: What to wait by; the machine's own unless a test has another.
        turnover: Counts what has ended since the process started. When it has grown by
            `MOST_TURNOVER` the five minutes are over.

    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*before[:2], NEVER)
    try:
        async with asyncio.TaskGroup() as tasks:
            collecting = tasks.create_task(
                _now_and_then(clock or MonotonicClock(), turnover), name="collections"
            )
            yield
            _ = collecting.cancel()
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _now_and_then(clock: Clock, turnover: Callable[[], float]) -> None:
    collected_ns, by_then = clock.now_ns(), turnover()
    while True:
        await clock.sleep(LOOK_S)
        is_time = clock.now_ns() - collected_ns >= ns_of_seconds(EVERY_S)
        if is_time or turnover() - by_then >= MOST_TURNOVER:
            gc.collect()
            collected_ns, by_then = clock.now_ns(), turnover()
