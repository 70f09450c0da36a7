"""How fast one connection may ask, of everything and of what is dear.

Pure: the time is an argument. A client that asks faster is made to wait, by not reading its socket,
so that a flood costs the sender and nobody else. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Allowance:
    """A token bucket: `burst` requests at once, then `per_s` each second."""

    burst: int
    per_s: float
    spent: float = 0.0
    at_s: float = 0.0

    def delay_s(self, now_s: float) -> float:
        """Spend one request and say how long to wait before it is served; mostly 0."""
        recovered = (now_s - self.at_s) * self.per_s
        self.at_s = now_s
        self.spent = max(0.0, self.spent - recovered) + 1.0
        return max(0.0, (self.spent - self.burst) / self.per_s)
