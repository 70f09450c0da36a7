"""What clients are given to come to the relay through TURN.

Opens no connection. Called by `signalling.app`, `signalling.doctor` and, for each client, by
`signalling.websocket`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from relay.clock import Clock
from relay.config import RelayConfig
from signalling.messages import IceServer
from signalling.turn.credentials import credential
from signalling.turn.secret import read_secret, secret_of_environment, turn_secret_path
from signalling.turn.urls import check_urls
from signalling.watched_file import WatchedFile


@dataclass(frozen=True)
class TurnServers:
    """The operator's TURN servers; none by default."""

    urls: tuple[str, ...] = ()
    lifetime_s: float = 900.0
    """How long credentials open allocations."""
    secret: Callable[[], str] = field(default=str, repr=False)
    """Asked each time, for it may change while the relay runs; never where there are no urls."""
    unix_now_s: Callable[[], float] = time.time

    @property
    def renew_after_s(self) -> float:
        """When a client is given others: those it has are good for as long again."""
        return self.lifetime_s / 2

    def for_holder(self, holder: str) -> tuple[IceServer, ...]:
        """Give addresses, with credentials that are good from now on.

        Args:
            holder: See `credential`.

        """
        if not self.urls:
            return ()
        expires_unix_s = int(self.unix_now_s() + self.lifetime_s)
        name, password = credential(holder, secret=self.secret(), expires_unix_s=expires_unix_s)
        return (IceServer(urls=self.urls, username=name, credential=password),)


def turn_servers(config: RelayConfig, clock: Clock) -> tuple[TurnServers, WatchedFile[str] | None]:
    """Give what is configured, and the secret's file where there is one to be watched.

    Raises:
        ConfigurationError: An address cannot be used, or there is no secret.

    """
    urls, lifetime_s = config.turn.urls, config.turn.lifetime_s
    check_urls(urls)
    if not urls:
        return TurnServers(), None
    fixed = secret_of_environment(config)
    if fixed is None:
        file = WatchedFile(turn_secret_path(config), read_secret, clock)
        return TurnServers(urls, lifetime_s, lambda: file.content), file
    return TurnServers(urls, lifetime_s, partial(str, fixed)), None
