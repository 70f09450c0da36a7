"""What the engine thinks that a leg's path towards its participant carries.

Pure data, between `relay.engine`, which brings it, and whoever spends or shows it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from relay.ids import LegId


class Usage(IntEnum):
    """What the delay of a path's packets says (draft-ietf-rmcat-gcc-02 §5.2)."""

    UNDER = -1
    NORMAL = 0
    OVER = 1


class Estimate(NamedTuple):
    """One leg's path, as of its last tick; 50 ms old at most while feedback comes."""

    leg: LegId
    rate_bps: int
    """What may be sent: media, retransmissions and padding, with headers."""
    estimate_bps: int
    """What the path is thought to carry; above the rate while a queue empties."""
    wait_us: int
    """How long the last packets waited in queues."""
    round_trip_us: int
    """From sending to feedback; -1 before the first."""
    usage: Usage
    limited: bool
    """Whether less was sent than might be: then the estimate is not being tested."""
