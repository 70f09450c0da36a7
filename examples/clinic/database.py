"""What the clinic must remember: one SQLite file, reached on a thread of its own.

The only importer of sqlite3. Each piece of work is one transaction, in order; the event loop never
waits for the disk. Called by those who keep something: accounts, sessions, appointments and what
happened.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

FILE_NAME: Final = "clinic.sqlite3"
BUSY_S: Final = 5.0
"""For another process that has the file just now, such as the command that makes an account."""

Connection = sqlite3.Connection
AlreadyThere = sqlite3.IntegrityError
"""What must be there once would be there twice."""
Result = TypeVar("Result")


class Database:
    """One file, opened on first use."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="clinic-database")
        self._connection: Connection | None = None

    async def do(self, work: Callable[[Connection], Result]) -> Result:
        """Run work in one transaction; what it raises undoes it.

        *Cancellation:* the work is done all the same.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, partial(self._do, work))

    async def close(self) -> None:
        """Close the file once everything under way is done."""
        await asyncio.to_thread(self._close)

    def _do(self, work: Callable[[Connection], Result]) -> Result:
        if self._connection is None:
            self._connection = self._open()
        with self._connection:
            return work(self._connection)

    def _open(self) -> Connection:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite lets others read
        connection = sqlite3.connect(self._path, timeout=BUSY_S, check_same_thread=False)
        connection.execute("PRAGMA journal_mode=WAL").fetchall()
        connection.execute("PRAGMA foreign_keys=ON").fetchall()
        connection.executescript(_SCHEMA)
        return connection

    def _close(self) -> None:
        self._thread.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()
            self._connection = None


_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS accounts (
    id INTEGER PRIMARY KEY,
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pseudonym TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS appointments (
    id INTEGER PRIMARY KEY,
    at_unix_s REAL NOT NULL,
    patient TEXT NOT NULL,
    practitioner INTEGER NOT NULL REFERENCES accounts (id),
    expert INTEGER REFERENCES accounts (id),
    pseudonym TEXT NOT NULL UNIQUE,
    room TEXT NOT NULL UNIQUE,
    link_digest TEXT NOT NULL UNIQUE,
    ended_unix_s REAL
);
CREATE TABLE IF NOT EXISTS moves (
    appointment INTEGER PRIMARY KEY REFERENCES appointments (id) ON DELETE CASCADE,
    goes_on_in INTEGER NOT NULL REFERENCES appointments (id) ON DELETE CASCADE
);
CREATE TABLE IF NOT EXISTS sessions (
    digest TEXT PRIMARY KEY,
    account INTEGER REFERENCES accounts (id) ON DELETE CASCADE,
    appointment INTEGER REFERENCES appointments (id) ON DELETE CASCADE,
    expires_unix_s REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS happenings (
    id TEXT PRIMARY KEY,
    room TEXT NOT NULL,
    at_unix_s REAL NOT NULL,
    type TEXT NOT NULL,
    identity TEXT,
    reason TEXT
);
CREATE INDEX IF NOT EXISTS happenings_of_rooms ON happenings (room, at_unix_s);
"""
