"""Addresses of TURN servers, as browsers take them (RFC 7065).

Pure. A browser that cannot read one of them opens no connection at all (W3C WebRTC §4.4.1.6), so
they are looked at before any client is given one. Called by `signalling.turn.servers`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from relay.errors import ConfigurationError

FIRST_OTHER_PORT: Final = 1_024
LAST_PORT: Final = 65_535
LOW_PORTS: Final = frozenset({53, 80, 443})
"""All that Chromium uses below `FIRST_OTHER_PORT` (libwebrtc, `TurnPort::AllowedTurnPort`)."""


def check_urls(urls: Sequence[str]) -> None:
    """Hold every address against what browsers take.

    A complaint says which one it is and quotes nothing: people write passwords into addresses.

    Raises:
        ConfigurationError: One is not an address of a TURN server, or stands twice.

    """
    for place, url in enumerate(urls, start=1):
        fault = "stands there twice" if url in urls[: place - 1] else _fault(url)
        if fault is not None:
            raise ConfigurationError(
                f"The configuration key turn.urls has an address (number {place}) that {fault}.",
                action='Write addresses as "turn:turn.example:3478", '
                '"turn:turn.example:3478?transport=tcp" or "turns:turn.example:443?transport=tcp".',
            )


def is_only_udp(urls: Sequence[str]) -> bool:
    """Say whether a network that blocks UDP blocks all of them; without a word it is UDP."""
    return not any(url.startswith("turns:") or url.endswith("?transport=tcp") for url in urls)


def _fault(url: str) -> str | None:
    for pattern, fault in _MISTAKES:
        if pattern.match(url):
            return fault
    found = _URL.fullmatch(url)
    if found is None:
        return "browsers cannot read"
    if found["port"] is not None and not _is_used(int(found["port"])):
        return f"has a port other than 53, 80, 443 and {FIRST_OTHER_PORT} to {LAST_PORT}"
    if found["ipv6"] is not None and not _is_ipv6(found["ipv6"]):
        return "has no IPv6 address within its brackets"
    return None


def _is_used(port: int) -> bool:
    return port in LOW_PORTS or FIRST_OTHER_PORT <= port <= LAST_PORT


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


_MISTAKES: Final = (
    (re.compile(r"stuns?:"), "is a STUN server's, of which nobody has need beside this relay"),
    (re.compile(r"turns?://"), "has `//` in it, as such addresses never have"),
    (re.compile(r"[^?]*@"), "names a user: the relay makes names and passwords itself"),
    (re.compile(r"turns:.*[?&]transport=udp"), "is TLS over UDP, which no browser speaks"),
    (re.compile(r"turns:(?:\[|[0-9.]+(?:[:?]|$))"), "is TLS to no name, which Firefox refuses"),
)
_URL: Final = re.compile(
    r"turns?:"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[(?P<ipv6>[0-9A-Fa-f:.]{2,45})\])"
    r"(?::(?P<port>[0-9]{1,5}))?"
    r"(?:\?transport=(?:udp|tcp))?"
)
