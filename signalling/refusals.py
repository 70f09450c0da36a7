"""Who was put out and which rooms were closed, kept across restarts: their tokens stay refused.

Written down as it happens, whoever commanded it, on the database's thread; nobody who is put out
waits for the disk, and where it refuses the relay goes on by what it holds in memory. On the disk
are digests and times (`relay.rooms.ejections`). Called by `signalling.platform`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec
from msgspec import Struct

from relay.clock import Clock
from relay.rooms.ejections import MAX_KEPT, Ejections, Refused
from relay.units import ns_of_seconds, seconds_of_ns
from signalling.database import StoreUnavailable, Table

FORGET_EVERY_S: Final = 3_600.0
"""What is over stays on the disk that much longer at most."""
STORE_PAUSE_S: Final = 30.0
"""Between two tries where the disk refuses."""
MAX_UNWRITTEN: Final = 4 * MAX_KEPT
"""Changes that wait for the disk: as many people and rooms as can be remembered, and as many to be
forgotten."""


class _Row(Struct, frozen=True):
    """One on the disk; its time is the wall clock's, which goes on while no relay runs."""

    whose: str
    at_unix_s: float
    token: str | None
    everybodys: bool = False


class Refusals:
    """The disk's copy of a relay's ejections."""

    def __init__(
        self, ejections: Ejections, table: Table, clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._ejections = ejections
        self._table = table
        self._clock = clock
        self._unix_now_s = unix_now_s
        self._unwritten: dict[str, bytes | None] = {}
        self._something = asyncio.Event()
        ejections.changed = self._note

    async def load(self) -> None:
        """Refuse again what was refused before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        rows = [_DECODER.decode(text) for text in await self._table.read_all()]
        now_ns, now_unix_s = self._clock.now_ns(), self._unix_now_s()
        for row in sorted(rows, key=lambda row: row.at_unix_s):
            # A clock that was set back meanwhile must not refuse what is issued from now on.
            age_s = max(0.0, now_unix_s - row.at_unix_s)
            at_ns = now_ns - ns_of_seconds(age_s)
            refused = Refused(row.whose, at_ns, row.token, everybodys=row.everybodys)
            self._ejections.restore(refused, now_ns)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write down what changes until the block ends; what changed in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        async with asyncio.TaskGroup() as tasks:
            owned = (
                tasks.create_task(self._write(), name="refusals to disk"),
                tasks.create_task(self._forget(), name="refusals that are over"),
            )
            try:
                yield
            finally:
                for task in owned:
                    task.cancel()
        with suppress(StoreUnavailable):  # the database has said why
            await self._write_once()

    def _note(self, whose: str, refused: Refused | None) -> None:
        """Take note of a change; never waits and never fails."""
        self._unwritten.pop(whose, None)  # its place is now the last
        self._unwritten[whose] = None if refused is None else self._document(refused)
        if len(self._unwritten) > MAX_UNWRITTEN:
            del self._unwritten[next(iter(self._unwritten))]
        self._something.set()

    def _document(self, refused: Refused) -> bytes:
        age_s = seconds_of_ns(self._clock.now_ns() - refused.at_ns)
        at_unix_s = self._unix_now_s() - age_s
        return msgspec.json.encode(
            _Row(refused.whose, at_unix_s, refused.token, everybodys=refused.everybodys)
        )

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                await self._write_once()
            except StoreUnavailable:
                await self._clock.sleep(STORE_PAUSE_S)
                self._something.set()

    async def _write_once(self) -> None:
        """Write down what waits; where the disk refuses, it goes on waiting."""
        batch = dict(self._unwritten)
        if not batch:
            return
        await self._table.change(batch)
        for whose, document in batch.items():
            if whose in self._unwritten and self._unwritten[whose] is document:
                del self._unwritten[whose]

    async def _forget(self) -> None:
        while True:
            await self._clock.sleep(FORGET_EVERY_S)
            self._ejections.forget_old(self._clock.now_ns())


_DECODER: Final = msgspec.json.Decoder(_Row)
