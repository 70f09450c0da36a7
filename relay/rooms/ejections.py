"""Which tokens are no longer good for a room, though they have not expired.

Pure. Whoever was ejected, and everybody once a moderator has closed the room, needs a token that
was issued afterwards. Outlives the room: it may be opened again by those who are still welcome.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from relay.ids import RoomId
from relay.rooms.settings import MAX_DURATION_S
from relay.units import ns_of_seconds

KEPT_S: Final = MAX_DURATION_S + 3_600
"""No token lives longer than a day and its minutes of grace, so nothing is refused too early."""
MAX_KEPT: Final = 100_000
"""About 30 MB; a relay that ejects more in a day lets the oldest of them back in."""

_Key = tuple[RoomId, str | None]
_Note = tuple[int, str | None]


class Ejections:
    """When whom; the identity `None` is everybody."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._noted: OrderedDict[_Key, _Note] = OrderedDict()

    def __len__(self) -> int:
        return len(self._noted)

    def note(
        self, room: RoomId, identity: str | None, now_ns: int, *, token: str | None = None
    ) -> None:
        """Refuse an identity's tokens of before now; `None` for everybody's.

        The token they came with is refused by its id, too: the clock of whoever issued it may be
        ahead of ours.
        """
        self._noted[room, identity] = (now_ns, token)
        self._noted.move_to_end((room, identity))
        while len(self._noted) > self._max_kept or self._oldest_is_over(now_ns):
            self._noted.popitem(last=False)

    def refuses(self, room: RoomId, identity: str, issued_ns: int, token: str) -> bool:
        """Whether a token for a room was issued to an identity before they were put out."""
        noted = self._noted.get((room, identity))
        is_theirs = noted is not None and noted[1] == token
        return is_theirs or self._is_older(room, identity, issued_ns)

    def holds(self, room: RoomId, identity: str) -> bool:
        """Whether an identity was put out of a room: only a new token brings them back."""
        return (room, identity) in self._noted

    def is_over(self, room: RoomId, issued_ns: int) -> bool:
        """Whether a token for a room was issued before the room was closed."""
        return self._is_older(room, None, issued_ns)

    def _is_older(self, room: RoomId, identity: str | None, issued_ns: int) -> bool:
        noted = self._noted.get((room, identity))
        return noted is not None and issued_ns <= noted[0]

    def _oldest_is_over(self, now_ns: int) -> bool:
        noted_ns, _ = next(iter(self._noted.values()))
        return now_ns - noted_ns > ns_of_seconds(KEPT_S)
