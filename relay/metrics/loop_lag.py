"""Measure how late the event loop wakes up.

A loop that one peer holds up delays everybody's signalling and handshakes, never a packet. Run as a
task by `relay.service`.
"""

from __future__ import annotations

from typing import Final

from relay.clock import Clock
from relay.metrics.table import LOOP_LAG
from relay.metrics.tally import Tally
from relay.units import ns_of_seconds, seconds_of_ns

PERIOD_S: Final = 0.05
"""Twenty wake-ups a second cost nothing, and see every other stall of half that length."""


async def watch_loop_lag(clock: Clock, tally: Tally) -> None:
    """Sample the loop's lateness until cancelled.

    *Cancellation:* nothing is left behind.
    """
    lag = tally.distribution(LOOP_LAG)
    while True:
        due_ns = clock.now_ns() + ns_of_seconds(PERIOD_S)
        await clock.sleep(PERIOD_S)
        lag.observe(max(0.0, seconds_of_ns(clock.now_ns() - due_ns)))
