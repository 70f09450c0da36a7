"""The cap on a publisher's leg in a consultation of two, and when it is said.

libwebrtc sends the least of its own estimate and of what its receiver reports (REMB). The cap
follows the other side's path; it is for the whole leg, sound included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.units import US_PER_S

START_US: Final = 2 * US_PER_S
"""In a leg's first two seconds a REMB raises libwebrtc's target instead of capping it
(`kStartPhaseMs` in `send_side_bandwidth_estimation.cc`)."""

LOWER_SHARE: Final = 0.97
HIGHER_SHARE: Final = 1.05
"""Of what was last said: said at once. A fall matters more than a rise."""

RELEASED_BPS: Final = 0
"""No limit (`UpdateReceiverEstimate` there)."""


@dataclass(slots=True)
class Cap:
    """What one publisher's leg was last told; the engine repeats it, since RTCP may be lost."""

    began_us: int
    """When its media began."""
    _told_bps: float = RELEASED_BPS

    def say(self, cap_bps: float | None, now_us: int) -> int | None:
        """Give what to tell now, if that is news.

        Args:
            cap_bps: What the leg may send; `None` where nothing limits it.
            now_us: The relay's clock.

        """
        if cap_bps is None:
            cap_bps = RELEASED_BPS
        elif now_us - self.began_us < START_US:
            return None
        told_bps = self._told_bps
        if cap_bps == told_bps or LOWER_SHARE * told_bps < cap_bps < HIGHER_SHARE * told_bps:
            return None
        self._told_bps = cap_bps
        return round(cap_bps)
