"""The rates at which a receiver's allocation has to be looked at again."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Marks:
    """Rates at which something is to be done."""

    alarm_bps: float = 0.0
    """Below: something has to go."""
    rise_bps: float = math.inf
    """From here on more may be had."""
    wake_bps: float = math.inf
    """Likewise, or a bridge may end."""
    bridge_bps: float = 0.0
    """Below: encoders that follow send far too much just now."""
