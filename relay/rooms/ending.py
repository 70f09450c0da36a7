"""When a room ends, and when those in it are to hear that it soon will.

Pure. It ends when its duration is over, which a moderator may extend, or at the hour for which its
platform has named its end, which the platform alone moves. Held by `relay.rooms.room`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.errors import Conflict, InvalidRequest
from relay.rooms.settings import MAX_DURATION_S
from relay.units import NS_PER_S, ns_of_seconds

NEVER_NS: Final = 2**63 - 1
"""Later than any clock of this machine will say."""

WARNINGS_S: Final = (300, 60)
"""Before the end: time to come to a close or to extend it, and to say goodbye."""


@dataclass(slots=True)
class Ending:
    """Of one room."""

    ends_ns: int = NEVER_NS
    """When its duration is over."""
    closes_ns: int = NEVER_NS
    """When its platform closes it; known here to be told, and done by whoever keeps its hours."""
    _told: int = 0
    """How many of the warnings the people in it have heard."""

    def close_in(self, closes_in_s: float | None, now_ns: int) -> None:
        """Take in when the platform closes the room; `None`: at no hour."""
        self.closes_ns = NEVER_NS if closes_in_s is None else now_ns + ns_of_seconds(closes_in_s)

    def extend(self, duration_s: float, now_ns: int) -> None:
        """Have the duration be over so much later, and at most a day from now.

        Raises:
            InvalidRequest: The duration is not positive, or more than a day.
            Conflict: The platform closes the room before: nothing would come of it.

        """
        if not 0 < duration_s <= MAX_DURATION_S:
            raise InvalidRequest(
                "A room is extended by at most a day.",
                action="Give a positive number of seconds.",
            )
        if self.closes_ns <= self.ends_ns and self.closes_ns != NEVER_NS:
            raise Conflict(
                "This room closes at an hour that its platform has named.",
                action="Ask the practice to have it closed later.",
            )
        ends_ns = self.ends_ns + ns_of_seconds(duration_s)
        self.ends_ns = min(ends_ns, now_ns + ns_of_seconds(MAX_DURATION_S))

    def left_s(self, now_ns: int) -> int | None:
        """Say for how long the room stays open yet; `None` where nothing ends it."""
        over_ns = min(self.ends_ns, self.closes_ns)
        return None if over_ns == NEVER_NS else max(0, over_ns - now_ns) // NS_PER_S

    def is_to_be_told(self, now_ns: int) -> bool:
        """Whether a warning is due: each once, and again where the end has moved meanwhile."""
        left_s = self.left_s(now_ns)
        due = 0 if left_s is None else sum(left_s <= warning_s for warning_s in WARNINGS_S)
        is_news = due > self._told
        self._told = due
        return is_news
