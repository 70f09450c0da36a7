"""Which links that work once have been used, kept across restarts: they do not work again.

Written down as it happens; nobody who joins waits for the disk. On the disk are digests and times
(`relay.rooms.used_links`). Called by `signalling.platform`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from relay.clock import Clock
from relay.rooms.used_links import Use, UsedLinks
from signalling.database import Table
from signalling.kept_rows import KeptRows, Row

FORGET_EVERY_S: Final = 3_600.0
"""What has expired stays on the disk that much longer at most."""


class _Row(Row, frozen=True):
    holder: str


class UsedLinksOnDisk:
    """The disk's copy of a relay's used links."""

    def __init__(
        self, used: UsedLinks, table: Table, clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._used = used
        self._clock = clock
        self._rows = KeptRows(table, _Row, clock, unix_now_s)
        used.changed = self._note

    async def load(self) -> None:
        """Know again what was used before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        for row in await self._rows.read():
            use = Use(row.whose, row.holder, self._rows.at_ns(row))
            self._used.restore(use, self._clock.now_ns())

    def running(self) -> AbstractAsyncContextManager[None]:
        """Write down what changes until the block ends; what changed in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        return self._rows.running("used links", self._keep_forgetting())

    def _note(self, link: str, use: Use | None) -> None:
        if use is None:
            self._rows.forget(link)
        else:
            self._rows.keep(_Row(link, self._rows.unix_s(use.at_ns), use.holder))

    async def _keep_forgetting(self) -> None:
        while True:
            await self._clock.sleep(FORGET_EVERY_S)
            self._used.forget_old(self._clock.now_ns())
