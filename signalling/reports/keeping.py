"""For how long reports last: as configured, and less while more end than there is room for.

What goes before its time is counted, and said in the log once. Called by
`signalling.reports.keeper` and `signalling.reports.store`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from relay.metrics.of_reports import REPORTS
from relay.metrics.tally import Tally

_log: Final = structlog.get_logger(__name__)


class Keeping:
    """The time of reports in one place."""

    def __init__(self, tally: Tally, keep: timedelta) -> None:
        self.lasts = keep
        """For how long one that is put aside now will last, as far as can be foreseen."""
        self._tally = tally
        self._keep = keep
        self._has_warned = False

    def gave_up(self, reports: int, lasted: timedelta) -> None:
        """Take that reports had to go before their time, and how old the newest of them was."""
        self.lasts = max(timedelta(), min(lasted, self._keep))
        self._tally.count(REPORTS, reports, outcome="given_up")
        if not self._has_warned:
            self._has_warned = True
            _log.warning(
                "reports go before their time: more consultations end than there is room for",
                lasted_s=round(lasted.total_seconds()),
            )

    def has_room(self) -> None:
        """Take that there is room again."""
        self.lasts = self._keep
