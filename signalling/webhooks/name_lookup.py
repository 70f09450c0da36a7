"""Names looked up on threads of their own: a resolver that hangs holds up nobody else.

The event loop's usual threads also read files and keys; the system's resolver can hold one for half
a minute. Bounded: beyond so many look-ups under way, further ones fail at once, and the webhook is
tried again. Called by `signalling.webhooks.addresses`.
"""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

MAX_LOOKUPS: Final = 8
"""As many as there are tries at once (`signalling.webhooks.sender`); one that was given up counts
until the system's resolver lets its thread go."""

Address = tuple[socket.AddressFamily, int, str, int]
"""Family, protocol, host and port."""


class TooManyLookups(OSError):  # noqa: N818 - as all of relay.errors
    """The system's resolver does not answer those that are under way."""


class NameLookup(AbstractResolver):
    """The system's resolver, on a few threads."""

    def __init__(self, max_lookups: int = MAX_LOOKUPS) -> None:
        self._max_lookups = max_lookups
        self._threads = ThreadPoolExecutor(max_lookups, thread_name_prefix="webhook names")
        self._under_way: set[Future[list[Address]]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look a name up.

        Raises:
            TooManyLookups: As many are under way as may be.
            OSError: It leads nowhere.

        *Cancellation:* the look-up goes on, and counts, until the system answers it.
        """
        self._under_way = {each for each in self._under_way if not each.done()}
        if len(self._under_way) >= self._max_lookups:
            raise TooManyLookups("names are looked up too slowly")
        looking = self._threads.submit(_look_up, host, port, family)
        self._under_way.add(looking)
        found = await asyncio.wrap_future(looking)
        return [
            ResolveResult(
                hostname=host,
                host=found_host,
                port=found_port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, protocol, found_host, found_port in found
        ]

    async def close(self) -> None:
        """Take no more look-ups; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: socket.AddressFamily) -> list[Address]:
    # Families that this machine has no address of lead nowhere (RFC 3493 §6.1).
    found = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [
        (each_family, protocol, str(address[0]), int(address[1]))
        for each_family, _, protocol, _, address in found
        if each_family in _FAMILIES
    ]


_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)
