"""Digests, what is known of each and since when: kept in a table, over restarts.

A row's time is the wall clock's, which goes on while no relay runs. Called by
`signalling.refusals`, `signalling.standings` and `signalling.used_links`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from relay.clock import Clock
from relay.units import ns_of_seconds, seconds_of_ns
from signalling.database import Table
from signalling.write_behind import WriteBehind

MAX_UNWRITTEN: Final = 400_000
"""Changes that wait for the disk: as many people and rooms as may be remembered of those who were
put out (`relay.rooms.ejections`), and as many to be forgotten."""


class Row(Struct, frozen=True):
    """One on the disk."""

    whose: str
    """A digest (`relay.rooms.digests`)."""
    at_unix_s: float


AnyRow = TypeVar("AnyRow", bound=Row)


class KeptRows(Generic[AnyRow]):
    """One table of them."""

    def __init__(
        self, table: Table, kind: type[AnyRow], clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._table = table
        self._decoder = msgspec.json.Decoder(kind)
        self._clock = clock
        self._unix_now_s = unix_now_s
        self._behind: WriteBehind[str, bytes | None] = WriteBehind(
            self._change, clock, most=MAX_UNWRITTEN
        )

    async def read(self) -> list[AnyRow]:
        """Give every row, the oldest first.

        Raises:
            StoreUnavailable: They cannot be read.

        """
        rows = [self._decoder.decode(text) for text in await self._table.read_all()]
        return sorted(rows, key=lambda row: row.at_unix_s)

    def keep(self, row: AnyRow) -> None:
        """Have a row written down, in place of the one before; never waits and never fails."""
        self._behind.put(row.whose, msgspec.json.encode(row))

    def forget(self, whose: str) -> None:
        """Have a row deleted; never waits and never fails."""
        self._behind.put(whose, None)

    def running(
        self, what: str, beside: Coroutine[None, None, None]
    ) -> AbstractAsyncContextManager[None]:
        """Write until the block ends; see `signalling.write_behind`."""
        return self._behind.running(what, beside)

    def at_ns(self, row: AnyRow) -> int:
        """Say when a row's time was by this machine's own clock, and never that it is to come.

        A wall clock that was set back meanwhile must not make what was so last for longer.
        """
        age_s = max(0.0, self._unix_now_s() - row.at_unix_s)
        return self._clock.now_ns() - ns_of_seconds(age_s)

    def unix_s(self, at_ns: int) -> float:
        """Say which time of day a moment of this machine's own clock was."""
        return self._unix_now_s() - seconds_of_ns(self._clock.now_ns() - at_ns)

    async def _change(self, rows: Mapping[str, bytes | None]) -> None:
        await self._table.change(rows)
