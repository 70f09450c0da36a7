"""What must outlive the process: one SQLite file, reached on a thread of its own.

The event loop never waits for the disk: each piece of work runs on the one thread that holds the
connection, in order. The file is made when something is first written, readable by its owner only,
and what is deleted from it is overwritten. Called by `signalling.api.register`,
`signalling.kept_rows`, `signalling.reports.store` and `signalling.webhooks`.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import structlog

from relay.errors import ServerError
from signalling.log_pace import LogPace

BUSY_S: Final = 5.0
"""For another process that has the file just now: a backup, or somebody's `sqlite3`."""

Result = TypeVar("Result")

_log: Final = structlog.get_logger(__name__)


class StoreUnavailable(ServerError):  # noqa: N818 - as all of relay.errors
    """What must be written down could not be."""

    code = "store_unavailable"
    default_words = "The relay cannot write down what was asked for, so nothing was done."
    default_action = (
        "The relay's operator must look at the disk and the rights of its state folder; "
        "then try again."
    )


class Database:
    """One file. Opened on first use; `close` waits for what is under way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._connection: sqlite3.Connection | None = None
        self._at_once = True
        self._pace = LogPace()

    async def do(
        self,
        work: Callable[[sqlite3.Connection], Result],
        *,
        nothing: Result | None = None,
        at_once: bool = True,
    ) -> Result:
        """Run work in one transaction, on the database's thread.

        Args:
            work: Given the connection; what it raises undoes the transaction.
            nothing: What to answer, without work, where there is no file yet; `None` makes one.
            at_once: Whether it must outlive a power cut from now on. What need not outlives the
                process all the same, and spares the disk.

        Raises:
            StoreUnavailable: The file cannot be read or written; nothing has changed.

        *Cancellation:* the work is done all the same.
        """
        loop = asyncio.get_running_loop()
        do = partial(self._do, work, nothing, at_once=at_once)
        return await asyncio.shield(loop.run_in_executor(self._thread, do))

    async def close(self) -> None:
        """Close the file once everything under way is done. Idempotent.

        *Cancellation:* the file is closed by the process's end.
        """
        await asyncio.to_thread(self._close)

    def _do(
        self, work: Callable[[sqlite3.Connection], Result], nothing: Result | None, *, at_once: bool
    ) -> Result:
        if nothing is not None and self._connection is None and not self._path.exists():
            return nothing
        try:
            if self._connection is None:
                self._connection = self._open()
            if at_once is not self._at_once:
                # With a write-ahead log, NORMAL leaves out what a commit costs of the disk.
                self._connection.execute(f"PRAGMA synchronous={'FULL' if at_once else 'NORMAL'}")
                self._at_once = at_once
            with self._connection:
                return work(self._connection)
        except (sqlite3.Error, OSError) as error:
            # Whoever is refused tries again, for as long as the disk is full.
            if times := self._pace.times("failed", time.monotonic()):
                _log.exception("the database cannot be used", path=str(self._path), times=times)
            raise StoreUnavailable from error

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
        os.close(os.open(self._path, flags, 0o600))  # SQLite would make it readable by others
        connection = sqlite3.connect(
            self._path, timeout=BUSY_S, check_same_thread=False, isolation_level="IMMEDIATE"
        )
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                connection.execute(f"PRAGMA {pragma}").fetchall()
            with connection:
                connection.executescript(_SCHEMA)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _close(self) -> None:
        self._thread.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Table:
    """One of the database's tables of documents by name."""

    def __init__(self, database: Database, name: str) -> None:
        assert name in _TABLES
        self._database = database
        self._read = f"SELECT document FROM {name} ORDER BY id"  # noqa: S608 - one of ours
        self._write = f"INSERT OR REPLACE INTO {name} (id, document) VALUES (?, ?)"  # noqa: S608
        self._delete = f"DELETE FROM {name} WHERE id = ?"  # noqa: S608

    async def read_all(self) -> list[bytes]:
        """Give every document.

        Raises:
            StoreUnavailable: The file cannot be read.

        """

        def read(connection: sqlite3.Connection) -> list[bytes]:
            return [row[0] for row in connection.execute(self._read)]

        return await self._database.do(read, nothing=[])

    async def write(self, name: str, document: bytes) -> None:
        """Keep a document, in place of the one before.

        Raises:
            StoreUnavailable: It is not written.

        *Cancellation:* it is written all the same.
        """
        await self.change({name: document})

    async def change(self, documents: Mapping[str, bytes | None]) -> None:
        """Keep some documents, in place of those before, and forget those that are `None`.

        Raises:
            StoreUnavailable: All is as it was.

        *Cancellation:* it is done all the same.
        """
        kept = [(name, text) for name, text in documents.items() if text is not None]
        gone = [(name,) for name, text in documents.items() if text is None]

        def change(connection: sqlite3.Connection) -> None:
            connection.executemany(self._write, kept)
            connection.executemany(self._delete, gone)

        await self._database.do(change)

    async def delete(self, name: str) -> None:
        """Forget a document.

        Raises:
            StoreUnavailable: It is still there.

        *Cancellation:* it is forgotten all the same.
        """
        await self.change({name: None})


_TABLES: Final = ("rooms", "refusals", "standings", "used_links")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusals (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS standings (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS used_links (id TEXT PRIMARY KEY, document BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reports (
    id TEXT PRIMARY KEY,
    ended_unix_s REAL NOT NULL,
    document BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reports_by_end ON reports (ended_unix_s);
CREATE TABLE IF NOT EXISTS webhooks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    room TEXT NOT NULL,
    body BLOB NOT NULL,
    happened_unix_s REAL NOT NULL,
    failures INTEGER NOT NULL,
    due_unix_s REAL NOT NULL
);
DELETE FROM webhooks WHERE number NOT IN (SELECT min(number) FROM webhooks GROUP BY id);
CREATE UNIQUE INDEX IF NOT EXISTS webhooks_by_id ON webhooks (id);
CREATE INDEX IF NOT EXISTS webhooks_of_rooms ON webhooks (room, number);
"""
