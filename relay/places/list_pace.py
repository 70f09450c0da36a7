"""How often moderators are told who waits.

Pure: given the time. Kept by `relay.places.open_rooms`, for one room.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.units import NS_PER_S

LISTS_A_SECOND: Final = 10
"""More changes than a person follows wait for the second's end: who comes and goes all the time
must not fill a moderator's slow link."""


@dataclass(slots=True)
class ListPace:
    """Lists of this second, and whether one has still to be told."""

    is_due: bool = False
    """Whether those who may admit have still to be told who waits."""
    _begun_ns: int = 0
    _told: int = 0

    def allows(self, now_ns: int) -> bool:
        """Say whether to tell now; otherwise the room's next round does."""
        if now_ns - self._begun_ns >= NS_PER_S:
            self._begun_ns, self._told = now_ns, 0
        self._told += 1
        self.is_due = self._told > LISTS_A_SECOND
        return not self.is_due
