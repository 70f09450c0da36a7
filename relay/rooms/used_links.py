"""Which tokens that are good for one page have been used, and by which.

Pure. The first join with such a token binds it to the page that joins: to what that page drew for
itself (`Arrival.holder`), before it joined. Whoever shows the same again is that page, after a
restart of the relay or the end of their seat; nobody else comes in by it. Holds digests, so that
what is kept of it across a restart (`signalling.used_links`) is of no use to whoever reads it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Final

from relay.errors import LinkUsed
from relay.rooms.digests import digest
from relay.rooms.ejections import KEPT_S
from relay.rooms.permissions import Grant
from relay.units import ns_of_seconds

MAX_KEPT: Final = 100_000
"""Ten a day for each room that a relay may have open (`rooms.max_rooms`), at some 400 bytes. Of
more, the oldest are good again."""


@dataclass(frozen=True, slots=True)
class Use:
    """One token that has been used."""

    link: str
    """A digest of its room, its id and its identity."""
    holder: str
    """A digest of what the page drew; empty for one that drew nothing, and is not known again."""
    at_ns: int
    """Monotonic: when it was used first."""


class UsedLinks:
    """Every one that could be used again."""

    def __init__(self, max_kept: int = MAX_KEPT) -> None:
        self._max_kept = max_kept
        self._uses: OrderedDict[str, Use] = OrderedDict()
        self.changed: Callable[[str, Use | None], None] = _tells_nobody
        """Told of each that is noted, and, with `None`, forgotten; neither raises nor waits."""

    def __len__(self) -> int:
        return len(self._uses)

    def require_unused(self, grant: Grant) -> None:
        """Refuse a token that another page has used; one that is good for many is never refused.

        Raises:
            LinkUsed: It was used, and not by this page.

        """
        if not grant.arrival.once:
            return
        use = self._uses.get(_link_of(grant))
        if use is not None and not _is_holder(use, grant.arrival.holder):
            raise LinkUsed

    def note(self, grant: Grant, now_ns: int) -> None:
        """Bind a token to the page that has just joined by it, where none has before."""
        link, holder = _link_of(grant), grant.arrival.holder
        if not grant.arrival.once or link in self._uses:
            return
        use = Use(link, digest(holder) if holder else "", now_ns)
        self.changed(link, use)
        self.restore(use, now_ns)

    def restore(self, use: Use, now_ns: int) -> None:
        """Take in what was used in a life before; the oldest is restored first."""
        self._uses[use.link] = use
        self.forget_old(now_ns)

    def forget_old(self, now_ns: int) -> None:
        """Forget those that have expired, as tokens, and the oldest of too many."""
        while self._uses:
            link, oldest = next(iter(self._uses.items()))
            is_over = now_ns - oldest.at_ns > ns_of_seconds(KEPT_S)
            if not is_over and len(self._uses) <= self._max_kept:
                return
            del self._uses[link]
            self.changed(link, None)


def _is_holder(use: Use, holder: str) -> bool:
    """Whether somebody shows what the page drew that used it."""
    return bool(holder) and compare_digest(use.holder, digest(holder))


def _link_of(grant: Grant) -> str:
    # Its room and its identity belong to it: two issuers may draw one id.
    return digest(grant.room, digest(grant.arrival.token), grant.identity)


def _tells_nobody(_: str, __: Use | None) -> None:
    """Whom links that nobody keeps tell."""
