"""How far a rate is believed that nothing has tried for long: a step at a time.

While a receiver is sent no pictures, nobody asks their path whether it still carries what it once
did: the rate stands, and the network may have changed. So pictures begin as a newcomer's do. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.units import US_PER_S

STALE_US: Final = 30 * US_PER_S
"""Whoever switches a camera off for a moment has it back as it was; in longer, people walk from one
network into another."""

FIRST_BPS: Final = 300_000.0
"""As the estimator begins with a new receiver, and as `relay.adaptation` does (`START_BPS`)."""

DOUBLED_US: Final = US_PER_S
"""A newcomer's rate doubles in this time; an overuse is known sooner (codecs/congestion)."""

MOST_DOUBLINGS: Final = 7
"""More than the estimator's highest rate, 20 Mbit/s."""


@dataclass(slots=True)
class Trust:
    """One receiver's."""

    _idle_since_us: int | None = None
    _tried_since_us: int | None = None

    def believed_bps(self, rate_bps: float, now_us: int, *, is_idle: bool) -> float:
        """Give how much of a rate pictures may count on.

        Args:
            rate_bps: What the estimator allows.
            now_us: The relay's clock.
            is_idle: Whether no picture is wanted, so that nothing tries the rate.

        """
        if is_idle:
            self._tried_since_us = None
            if self._idle_since_us is None:
                self._idle_since_us = now_us
            return rate_bps
        if self._idle_since_us is not None:
            if now_us - self._idle_since_us >= STALE_US:
                self._tried_since_us = now_us
            self._idle_since_us = None
        if self._tried_since_us is None:
            return rate_bps
        doublings = (now_us - self._tried_since_us) // DOUBLED_US
        most_bps = FIRST_BPS * (1 << min(doublings, MOST_DOUBLINGS))
        if most_bps >= rate_bps:
            self._tried_since_us = None
        return min(most_bps, rate_bps)
