"""Who is counted as one caller, and how many wrong keys, tokens and secrets one may try.

No socket. Addresses are held in memory, only while they count, and never logged. Called by
`signalling.websocket` and `signalling.api`.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from relay.errors import LimitReached

IPV6_NETWORK_BITS: Final = 64  # one subscriber has that much (RFC 6177), and any address in it
MAX_FAILURES_PER_MINUTE: Final = 10  # refused tokens, keys and secrets, per address
MAX_ADDRESSES: Final = 10_000  # remembered for failures; the oldest is forgotten first
MINUTE_S: Final = 60.0


def caller_at(address: str) -> str:
    """Give what is counted as one caller: an IPv4 address, or the network of an IPv6 one.

    A reverse proxy is one caller, whoever is behind it: forwarding headers are not believed, since
    anybody can send them. There, the proxy bounds what one address may open.
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address  # a Unix socket: one caller
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.IPv6Network((known, IPV6_NETWORK_BITS), strict=False))


@dataclass
class Failures:
    """Refused tokens and secrets by caller, for a minute.

    Beyond the limit the refusal says so and takes its time, with a place on the doorstep held
    meanwhile. The token is looked at all the same: a signature costs some microseconds to check, no
    more than finding a refused token again, and a good token is always let in, so that one guesser
    behind a clinic's single address locks nobody out.
    """

    max_per_minute: int = MAX_FAILURES_PER_MINUTE
    max_addresses: int = MAX_ADDRESSES
    _windows: OrderedDict[str, _Window] = field(default_factory=OrderedDict)

    def note(self, address: str, now_s: float) -> LimitReached | None:
        """Count one failure; give the error to answer with once there are too many."""
        caller = caller_at(address)
        window = self._windows.get(caller)
        if window is None or now_s - window.opened_s >= MINUTE_S:
            window = _Window(opened_s=now_s)
            self._windows[caller] = window
        self._windows.move_to_end(caller)
        while len(self._windows) > self.max_addresses:
            self._windows.popitem(last=False)
        window.failures += 1
        if window.failures <= self.max_per_minute:
            return None
        return LimitReached(
            "Too many invalid links were tried from this network.",
            action="Wait a minute, then open your link again.",
            retry_after_s=round(window.opened_s + MINUTE_S - now_s, 1),
        )


@dataclass
class _Window:
    opened_s: float
    failures: int = 0
