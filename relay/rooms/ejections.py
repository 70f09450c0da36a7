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


class Ejections:
    """When whom; the identity `None` is everybody."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._ejected_ns: OrderedDict[_Key, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ejected_ns)

    def note(self, room: RoomId, identity: str | None, now_ns: int) -> None:
        """Refuse an identity's tokens of before now; `None` for everybody's."""
        self._ejected_ns[room, identity] = now_ns
        self._ejected_ns.move_to_end((room, identity))
        while self._ejected_ns and (
            len(self._ejected_ns) > self._max_kept
            or now_ns - next(iter(self._ejected_ns.values())) > ns_of_seconds(KEPT_S)
        ):
            self._ejected_ns.popitem(last=False)

    def refuses(self, room: RoomId, identity: str, issued_ns: int) -> bool:
        """Whether a token for a room was issued to an identity before they were put out."""
        return self._is_older(room, identity, issued_ns)

    def is_over(self, room: RoomId, issued_ns: int) -> bool:
        """Whether a token for a room was issued before the room was closed."""
        return self._is_older(room, None, issued_ns)

    def _is_older(self, room: RoomId, identity: str | None, issued_ns: int) -> bool:
        ejected_ns = self._ejected_ns.get((room, identity))
        return ejected_ns is not None and issued_ns <= ejected_ns
