"""How much of the processors' time the host took away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessorTime:
    """Ticks of all processors since the machine started (proc(5), /proc/stat)."""

    stolen: int
    every: int

    @classmethod
    def now(cls) -> ProcessorTime:
        """Read them."""
        first = Path("/proc/stat").read_text().splitlines()[0]
        # Guests' time, behind the eight, is part of the user's.
        ticks = [int(word) for word in first.split()[1:9]]
        return cls(ticks[7], sum(ticks))

    def stolen_share_since(self, before: ProcessorTime) -> float:
        """Say what share of the time in between was taken away."""
        return (self.stolen - before.stolen) / max(1, self.every - before.every)
