"""Who was put out and which rooms were closed, kept across restarts: their tokens stay refused.

Written down as it happens, whoever commanded it; nobody who is put out waits for the disk. On the
disk are digests and times (`relay.rooms.ejections`). Called by `signalling.platform`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from relay.clock import Clock
from relay.rooms.ejections import Ejections, Refused
from signalling.database import Table
from signalling.kept_rows import KeptRows, Row

FORGET_EVERY_S: Final = 3_600.0
"""What is over stays on the disk that much longer at most."""


class _Row(Row, frozen=True):
    token: str | None
    everybodys: bool = False


class Refusals:
    """The disk's copy of a relay's ejections."""

    def __init__(
        self, ejections: Ejections, table: Table, clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._ejections = ejections
        self._clock = clock
        self._rows = KeptRows(table, _Row, clock, unix_now_s)
        ejections.changed = self._note

    async def load(self) -> None:
        """Refuse again what was refused before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        for row in await self._rows.read():
            at_ns = self._rows.at_ns(row)
            refused = Refused(row.whose, at_ns, row.token, everybodys=row.everybodys)
            self._ejections.restore(refused, self._clock.now_ns())

    def running(self) -> AbstractAsyncContextManager[None]:
        """Write down what changes until the block ends; what changed in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        return self._rows.running("refusals", self._keep_forgetting())

    def _note(self, whose: str, refused: Refused | None) -> None:
        if refused is None:
            self._rows.forget(whose)
        else:
            at_unix_s = self._rows.unix_s(refused.at_ns)
            self._rows.keep(_Row(whose, at_unix_s, refused.token, everybodys=refused.everybodys))

    async def _keep_forgetting(self) -> None:
        while True:
            await self._clock.sleep(FORGET_EVERY_S)
            self._ejections.forget_old(self._clock.now_ns())
