"""Reports on the disk, for operators who want them to outlive a restart: bounded, and for a time.

Where it is configured (`api.store_reports`), what is over lies in the relay's database and no
longer in memory. Made on a thread and written on the database's, some at a time, so that nobody
waits for all of them; readable by the relay's owner only, and what is deleted is overwritten.
Called by `signalling.reports.keeper`.
"""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import msgspec
import structlog

from relay.clock import Clock
from relay.ids import ConsultationId
from relay.metrics.of_reports import REPORTS, REPORTS_KEPT
from relay.metrics.tally import Tally
from signalling.api.schemas import Report
from signalling.database import Database, StoreUnavailable
from signalling.reports.keeping import Keeping
from signalling.reports.record import Record
from signalling.reports.telling import report_of
from signalling.write_behind import WriteBehind

MAX_STORED: Final = 100_000
"""Some kilobytes each: a gigabyte at the most, and more than a relay ends in a week."""
MAX_UNWRITTEN: Final = 10_000
"""Reports that wait for the disk: as many as a relay holds rooms by default, which all end at once
when it stops. Their records lay in memory before, too."""
WRITTEN_AT_ONCE: Final = 100
"""Reports: whoever else wants the database waits behind so many and no more."""
FORGET_EVERY_S: Final = 600.0
"""What is over its time stays on the disk that much longer at most; nobody is given it."""

_log: Final = structlog.get_logger(__name__)


class Store:
    """The disk's reports."""

    def __init__(
        self,
        database: Database,
        tally: Tally,
        clock: Clock,
        now: Callable[[], datetime],
        *,
        keep: timedelta,
    ) -> None:
        self._database = database
        self._tally = tally
        self._clock = clock
        self._now = now
        self._keep = keep
        self.keeping = Keeping(tally, keep)
        """For how long what is put here lasts."""
        self._kept = 0
        """How many are on the disk, as the metric says."""
        self._unwritten: WriteBehind[ConsultationId, Record] = WriteBehind(
            self._write,
            clock,
            most=MAX_UNWRITTEN,
            at_once=WRITTEN_AT_ONCE,
            given_up=self._lose,
        )

    def put(self, record: Record) -> None:
        """Take what is over, to be written down soon; never waits and never fails."""
        assert record.closed_at is not None, "it is over"
        self._unwritten.put(record.consultation, record)

    async def find(self, consultation: ConsultationId, *, ended_after: datetime) -> Report | None:
        """Give a report; `None` where there is none, or its time is over.

        Raises:
            StoreUnavailable: The disk cannot be read.

        """
        record = self._unwritten.waiting(consultation)
        if record is not None:
            # As in memory: what is over changes no more, and hours of it take a while.
            return await asyncio.to_thread(report_of, record)

        def read(connection: sqlite3.Connection) -> bytes:
            row = connection.execute(
                "SELECT document FROM reports WHERE id = ? AND ended_unix_s >= ?",
                (consultation, ended_after.timestamp()),
            ).fetchone()
            return b"" if row is None else bytes(row[0])

        document = await self._database.do(read, nothing=b"", at_once=False)
        if not document:
            return None
        try:
            return msgspec.json.decode(zlib.decompress(document), type=Report)
        except (msgspec.MsgspecError, zlib.error):
            _log.warning("a stored report cannot be read: another version wrote it")
            return None

    async def load(self) -> None:
        """Count what was kept from before, without what is over its time.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        await self._forget()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write down what ends until the block does; what ended in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        async with self._unwritten.running("reports", self._keep_forgetting()):
            yield

    async def _write(self, records: Mapping[ConsultationId, Record]) -> None:
        # Hours take a while: neither the event loop nor whoever wants the database waits for that.
        rows = await asyncio.to_thread(_rows, list(records.values()))
        over_unix_s = self._over_unix_s()

        def write(connection: sqlite3.Connection) -> _Stored:
            connection.executemany(
                "INSERT OR REPLACE INTO reports (id, ended_unix_s, document) VALUES (?, ?, ?)",
                rows,
            )
            return _trim(connection, over_unix_s)

        self._show(await self._database.do(write, at_once=False))

    def _lose(self) -> None:
        self._tally.count(REPORTS, outcome="lost")

    async def _keep_forgetting(self) -> None:
        while True:
            await self._clock.sleep(FORGET_EVERY_S)
            with suppress(StoreUnavailable):  # the next time, then
                await self._forget()

    async def _forget(self) -> None:
        over_unix_s = self._over_unix_s()

        def forget(connection: sqlite3.Connection) -> _Stored:
            return _trim(connection, over_unix_s)

        self._show(await self._database.do(forget, nothing=_Stored(), at_once=False))

    def _over_unix_s(self) -> float:
        """Say of what end reports are whose time is over."""
        return (self._now() - self._keep).timestamp()

    def _show(self, stored: _Stored) -> None:
        self._tally.adjust(REPORTS_KEPT, stored.reports - self._kept)
        self._kept = stored.reports
        if stored.given_up:
            lasted_s = self._now().timestamp() - stored.given_up_unix_s
            self.keeping.gave_up(stored.given_up, timedelta(seconds=lasted_s))
        elif stored.reports < MAX_STORED:
            self.keeping.has_room()


class _Stored(NamedTuple):
    """What is on the disk after some has gone."""

    reports: int = 0
    given_up: int = 0
    """How many had to go whose time was not over."""
    given_up_unix_s: float = 0.0
    """When the newest of them ended."""


async def forget_all(database: Database) -> None:
    """Forget what was kept, where nothing is to be kept on the disk any more.

    Raises:
        StoreUnavailable: It is still there.

    *Cancellation:* it is forgotten all the same.
    """

    def forget(connection: sqlite3.Connection) -> int:
        return connection.execute("DELETE FROM reports").rowcount

    await database.do(forget, nothing=0)


def _rows(records: Iterable[Record]) -> list[tuple[str, float, bytes]]:
    """Write reports as they lie on the disk; not on the event loop, for it takes a while."""
    return [_row(record) for record in records]


def _row(record: Record) -> tuple[str, float, bytes]:
    assert record.closed_at is not None, "it is over"
    document = zlib.compress(msgspec.json.encode(report_of(record)))
    return record.consultation, record.closed_at.timestamp(), document


def _trim(connection: sqlite3.Connection, over_unix_s: float) -> _Stored:
    """Let go what is over its time, and the oldest where there are too many."""
    connection.execute("DELETE FROM reports WHERE ended_unix_s < ?", (over_unix_s,))
    (reports,) = connection.execute("SELECT count(*) FROM reports").fetchone()
    too_many = max(0, int(reports) - MAX_STORED)
    if not too_many:
        return _Stored(int(reports))
    (newest_unix_s,) = connection.execute(
        "SELECT ended_unix_s FROM reports ORDER BY ended_unix_s, id LIMIT 1 OFFSET ?",
        (too_many - 1,),
    ).fetchone()
    connection.execute(
        "DELETE FROM reports WHERE id IN"
        " (SELECT id FROM reports ORDER BY ended_unix_s, id LIMIT ?)",
        (too_many,),
    )
    return _Stored(int(reports) - too_many, too_many, float(newest_unix_s))
