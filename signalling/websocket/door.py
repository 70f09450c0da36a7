"""Who may open a WebSocket at all: which origins, and how many may stand outside.

Asks nothing of the token: this is what happens before anybody has said who they are. Addresses are
held in memory, only while they count, and never logged. Called by `signalling.websocket.endpoint`
and `signalling.websocket.check_endpoint`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

from relay.metrics.table import WEBSOCKETS
from relay.metrics.tally import Tally
from signalling.callers import caller_at

MAX_WAITING: Final = 2_000  # sockets without a seat; each is closed after join_timeout_s
MAX_WAITING_PER_ADDRESS: Final = 200  # of those; ten times what a clinic's morning brings at once


def is_origin_allowed(origin: str | None, host: str, allowed: tuple[str, ...]) -> bool:
    """Say whether a page may open the WebSocket.

    A token travels in the first message, never in a cookie, so this guards against a foreign page
    using the relay, not against forged requests. Programs send no Origin and pass. Origins are
    compared in one form: in lower case, without the scheme's own port or a last `/` (RFC 6454 §4
    and §6.2 have browsers send it so; operators write it as they like).

    Args:
        origin: The `Origin` header; `None` where there is none.
        host: The `Host` header, compared whether others are listed or not. The scheme is not: TLS
            may end at a proxy.
        allowed: Origins that may, besides the relay's own; `*` for every one.

    """
    if origin is None or "*" in allowed:
        return True
    if _canonical(origin) in {_canonical(each) for each in allowed}:
        return True
    site = _SITE.fullmatch(_canonical(origin))
    return site is not None and site["authority"] == _without_default_port(host.lower())


@dataclass
class Doorstep:
    """The sockets that have no seat yet; those that have one are counted, too, and not limited.

    No caller has more than a share of the places, so that one who takes all theirs keeps nobody
    else out.
    """

    max_waiting: int = MAX_WAITING
    max_waiting_per_address: int = MAX_WAITING_PER_ADDRESS
    waiting: int = 0
    counted_as: Literal["waiting", "checking"] = "waiting"
    """Those without a seat; whoever checks devices and network never has one."""
    tally: Tally = field(default_factory=Tally)
    _by_caller: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for state in (self.counted_as, "seated"):  # both are there from the first scrape on
            self.tally.adjust(WEBSOCKETS, 0, state=state)

    def is_full(self, address: str) -> bool:
        """Whether somebody from there may not come and wait."""
        mine = self._by_caller[caller_at(address)]
        return self.waiting >= self.max_waiting or mine >= self.max_waiting_per_address

    @contextmanager
    def wait(self, address: str) -> Iterator[Ticket]:
        """Stand outside until there is a seat, at the latest until the end of the block."""
        caller = caller_at(address)
        self._come(caller, 1)
        ticket = Ticket(self, caller)
        try:
            yield ticket
        finally:
            if ticket.is_held:
                self._come(caller, -1)
            else:
                self.tally.adjust(WEBSOCKETS, -1, state="seated")

    def sit_down(self, caller: str) -> None:
        """Free one of a caller's places: its socket has a seat."""
        self._come(caller, -1)
        self.tally.adjust(WEBSOCKETS, 1, state="seated")

    def _come(self, caller: str, number: int) -> None:
        self.waiting += number
        self._by_caller[caller] += number
        if not self._by_caller[caller]:
            del self._by_caller[caller]
        self.tally.adjust(WEBSOCKETS, number, state=self.counted_as)


@dataclass
class Ticket:
    """One place on the doorstep."""

    doorstep: Doorstep
    caller: str
    is_held: bool = True

    def give_back(self) -> None:
        """Free the place: the socket has a seat. Idempotent."""
        if self.is_held:
            self.is_held = False
            self.doorstep.sit_down(self.caller)


def loggable_origin(origin: str) -> str:
    """Give an origin for a log line: a web address of a site, or nothing of what was sent."""
    return origin if _ORIGIN.fullmatch(origin) else "malformed"


def _canonical(origin: str) -> str:
    lowered = origin.lower().removesuffix("/")
    site = _SITE.fullmatch(lowered)
    if site is None:
        return lowered  # of no web page: an application's own scheme, or nonsense
    own_port = ":443" if site["scheme"] == "https" else ":80"
    return f"{site['scheme']}://{site['authority'].removesuffix(own_port)}"


def _without_default_port(authority: str) -> str:
    """Strip what either scheme takes for granted: a proxy may name the port it was reached by."""
    return authority.removesuffix(":443").removesuffix(":80")


_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?")
_SITE = re.compile(
    r"(?P<scheme>https?)://(?P<authority>(?:[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?)"
)
