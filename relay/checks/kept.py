"""The latest check of each person for each room, for as long as it says something.

Pure: given the time. In memory and bounded; a relay keeps no history of patients. Kept by
`relay.checks.desk`.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from relay.ids import RoomId
from relay.precall import CheckResult, KeptCheck
from relay.units import ns_of_seconds

MAX_KEPT: Final = 10_000
"""As many as a relay holds rooms by default (`rooms.max_rooms`), with one patient each."""

KEEP_S: Final = 7_200.0
"""People come 6.4 minutes early on average, with a standard deviation of 24 minutes (14,088 video
visits). What is older was perhaps found on another network."""

Who = tuple[RoomId, str]
"""A room, and an identity in it."""


class KeptChecks:
    """Checks by whose they are."""

    def __init__(self, *, max_kept: int = MAX_KEPT, keep_s: float = KEEP_S) -> None:
        self._max_kept = max_kept
        self._keep_ns = ns_of_seconds(keep_s)
        self._kept: OrderedDict[Who, KeptCheck] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def keep(self, who: Who, result: CheckResult, now_ns: int) -> KeptCheck:
        """Keep somebody's check in the place of their last."""
        kept = self._kept[who] = KeptCheck(result, now_ns)
        self._kept.move_to_end(who)
        self._forget_old(now_ns)
        return kept

    def of(self, who: Who, now_ns: int) -> KeptCheck | None:
        """Give somebody's last check; `None` where there is none, or it is too old."""
        self._forget_old(now_ns)
        return self._kept.get(who)

    def _forget_old(self, now_ns: int) -> None:
        """Forget what is too old, and the oldest of too many."""
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if len(self._kept) <= self._max_kept and now_ns - oldest.taken_ns <= self._keep_ns:
                return
            self._kept.popitem(last=False)
