"""Which tokens are no longer good for a room, though they have not expired.

Pure. Whoever was ejected, and everybody once a moderator has closed the room, needs a token that
was issued afterwards. Outlives the room: it may be opened again by those who are still welcome.
Holds digests, so that what is kept of it across a restart (`signalling.refusals`) names nobody.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.errors import Ejected, UnknownRoom
from relay.ids import RoomId
from relay.rooms.digests import digest, digest_of
from relay.rooms.permissions import Grant
from relay.rooms.settings import MAX_DURATION_S
from relay.units import ns_of_seconds

KEPT_S: Final = MAX_DURATION_S + 3_600
"""No token lives longer than a day and its minutes of grace, so nothing is refused too early."""
MAX_KEPT: Final = 100_000
"""34 MB (measured) of people, and as many rooms: a relay that ejects more in a day lets the oldest
of them back in. Bounded apart, so that rooms that are closed by the thousand let nobody back in."""


@dataclass(frozen=True, slots=True)
class Refused:
    """From when on whose tokens are good again: one identity's in one room, or everybody's."""

    whose: str
    """A digest of the room and the identity; of the room alone for everybody's."""
    at_ns: int
    """Monotonic: tokens issued until then are refused."""
    token: str | None = None
    """A digest of the token they came with."""
    everybodys: bool = False
    """Whether the room was closed."""


class Ejections:
    """When whom."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._people: OrderedDict[str, Refused] = OrderedDict()
        self._rooms: OrderedDict[str, Refused] = OrderedDict()
        self.changed: Callable[[str, Refused | None], None] = _tells_nobody
        """Told of each that is noted, and, with `None`, forgotten; neither raises nor waits."""

    def __len__(self) -> int:
        return len(self._people) + len(self._rooms)

    def note(
        self, room: RoomId, identity: str | None, now_ns: int, *, token: str | None = None
    ) -> None:
        """Refuse an identity's tokens of before now; `None` for everybody's.

        The token they came with is refused by its id, too: the clock of whoever issued it may be
        ahead of ours.
        """
        known = None if token is None else digest(token)
        refused = Refused(digest_of(room, identity), now_ns, known, everybodys=identity is None)
        self.changed(refused.whose, refused)
        self.restore(refused, now_ns)

    def restore(self, refused: Refused, now_ns: int) -> None:
        """Refuse what was refused in a life before; the oldest is restored first."""
        noted = self._rooms if refused.everybodys else self._people
        noted[refused.whose] = refused
        noted.move_to_end(refused.whose)
        self.forget_old(now_ns)

    def forget_old(self, now_ns: int) -> None:
        """Forget those of which no token can be alive, and the oldest of too many of a kind."""
        for noted in (self._people, self._rooms):
            while noted:
                whose, oldest = next(iter(noted.items()))
                is_over = now_ns - oldest.at_ns > ns_of_seconds(KEPT_S)
                if not is_over and len(noted) <= self._max_kept:
                    break
                del noted[whose]
                self.changed(whose, None)

    def require_good(self, grant: Grant, now_ns: int) -> None:
        """Refuse a token from before its bearer was put out, or the room was closed.

        Raises:
            Ejected: They were put out.
            UnknownRoom: The room was closed.

        """
        arrival = grant.arrival
        issued_ns = now_ns - ns_of_seconds(arrival.age_s)
        theirs = self._people.get(digest_of(grant.room, grant.identity))
        if theirs is not None and (
            issued_ns <= theirs.at_ns or theirs.token == digest(arrival.token)
        ):
            raise Ejected
        everybodys = self._rooms.get(digest_of(grant.room, None))
        if everybodys is not None and issued_ns <= everybodys.at_ns:
            raise UnknownRoom("This consultation has ended.")

    def holds(self, room: RoomId, identity: str) -> bool:
        """Whether an identity was put out of a room: only a new token brings them back."""
        return digest_of(room, identity) in self._people


def _tells_nobody(_: str, __: Refused | None) -> None:
    """Whom ejections that nobody keeps tell."""
