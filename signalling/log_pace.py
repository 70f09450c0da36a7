"""How often one thing is said in the log: strangers can make it happen as often as they like.

Pure: the time is an argument. Called where something is logged before anybody said who they are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

PERIOD_S: Final = 1.0


@dataclass
class LogPace:
    """At most one line per reason and second; the next line says how many there were."""

    _said: dict[str, _Said] = field(default_factory=dict)

    def times(self, reason: str, now_s: float) -> int:
        """Count one happening; give how many a line should speak of, 0 for no line now.

        Args:
            reason: Of a fixed vocabulary: each is remembered.
            now_s: Monotonic.

        """
        said = self._said.setdefault(reason, _Said())
        said.times += 1
        if said.at_s is not None and now_s - said.at_s < PERIOD_S:
            return 0
        times, said.times, said.at_s = said.times, 0, now_s
        return times


@dataclass
class _Said:
    at_s: float | None = None
    times: int = 0
