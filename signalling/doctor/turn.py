"""Whether clients can be given TURN servers.

Reads addresses and secret as the relay does, and asks no server anything.
"""

from __future__ import annotations

from relay.clock import MonotonicClock
from relay.config import RelayConfig
from relay.errors import ConfigurationError
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble, warning
from signalling.turn.servers import turn_servers
from signalling.turn.urls import is_only_udp

NAME = "TURN"


def check(config: RelayConfig) -> list[Finding]:
    """Read them, where there are any; what is wrong is said as `visavis serve` would say it."""
    urls = config.turn.urls
    if not urls:
        return []
    try:
        turn_servers(config, MonotonicClock())
    except ConfigurationError as error:
        action = error.action.removeprefix("Run: ")
        return [trouble(NAME, error.words, who=OPERATOR, action=action)]
    if is_only_udp(urls):
        return [
            warning(
                NAME,
                "All addresses of turn.urls are UDP, which networks that need TURN mostly block.",
                who=OPERATOR,
                action='Add "turns:HOST:443?transport=tcp" for a server that speaks TLS there.',
            )
        ]
    words = f"Clients are given {len(urls)} addresses; whether they answer was not tried."
    return [ok(NAME, words)]
