"""Who changed what: one JSON line for each change, in a file of its own.

A line names an API key by its id, and rooms and people by digests of their names: an auditor who
knows a name can look for it, and nobody reads one off. Lines are on the disk before the change is
answered; where they cannot be written, changes are refused. Called by `signalling.api.endpoint` and
`signalling.webhooks`.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from relay.clock import Clock
from relay.config import AuditConfig, KeysConfig, state_directory
from signalling.database import StoreUnavailable

FILE_NAME: Final = "audit.jsonl"
DIGEST_CHARS: Final = 16
MAX_UNWRITTEN: Final = 1_000
"""Lines of changes that were made and could not be written down; more changes are refused then."""
TIDY_EVERY_S: Final = 3_600.0
"""What was kept long enough stays on the disk that much longer at most, also while nothing is asked
of the API."""

_log: Final = structlog.get_logger(__name__)


class Entry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line."""

    at: datetime
    by: str
    """The id of an API key, or `relay` for what the relay did by itself."""
    did: str
    outcome: str
    """`done`, or the code of the refusal."""
    request: str | None = None
    room: str | None = None
    identity: str | None = None
    people: tuple[str, ...] | None = None
    """Where it names several: who hands over, to whom, for whom; or who confers."""
    to: str | None = None
    """The room that somebody was moved to."""
    detail: str | None = None


def opaque(name: str) -> str:
    """Give the digest a name is written as: the beginning of its SHA-256, in hexadecimal."""
    return hashlib.sha256(name.encode()).hexdigest()[:DIGEST_CHARS]


class Audit:
    """One file, written on a thread of its own, in order."""

    def __init__(
        self, path: Path, *, max_bytes: int, keep_days: int, now: Callable[[], datetime]
    ) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._keep = timedelta(days=keep_days)
        self._now = now
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")
        self._unwritten: deque[bytes] = deque()

    async def require_ready(self) -> None:
        """Make sure that what happens next can be written down.

        Raises:
            StoreUnavailable: The file takes nothing.

        """
        if self._unwritten:
            await self._on_thread(None)
        if self._unwritten:
            raise StoreUnavailable

    async def write(self, entry: Entry) -> None:
        """Write a line; where that fails it is kept, and the next change is refused.

        *Cancellation:* the line is written all the same.
        """
        await self._on_thread(msgspec.json.encode(entry) + b"\n")

    async def keep_tidying(self, clock: Clock) -> None:
        """Put yesterday's file aside and remove old ones: at once, and each hour until cancelled.

        *Cancellation:* what is under way is done all the same.
        """
        while True:
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(self._thread, self._tidy)
            except OSError:
                _log.exception("old audit files cannot be removed", path=str(self._path))
            await clock.sleep(TIDY_EVERY_S)

    async def close(self) -> None:
        """Write what is left, once what is under way is done.

        *Cancellation:* what could not be written is lost.
        """
        if self._unwritten:
            await self._on_thread(None)
        await asyncio.to_thread(self._thread.shutdown)

    async def _on_thread(self, line: bytes | None) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._thread, self._append, line)
        except OSError:
            _log.exception("the audit file cannot be written", path=str(self._path))

    def _append(self, line: bytes | None) -> None:
        """Write a line, after those that could not be; on the audit's thread, one at a time."""
        if line is not None and len(self._unwritten) < MAX_UNWRITTEN:
            self._unwritten.append(line)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._rotate()
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self._path, flags, 0o600)
        try:
            while self._unwritten:
                _write_whole(descriptor, self._unwritten[0])
                self._unwritten.popleft()
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _rotate(self) -> None:
        """Put yesterday's file or a full one aside."""
        now = self._now()
        try:
            about = self._path.stat()
        except FileNotFoundError:
            return
        written = datetime.fromtimestamp(about.st_mtime, now.tzinfo)
        if about.st_size >= self._max_bytes or written.date() < now.date():
            self._path.rename(self._path.with_name(f"{self._path.name}.{now:{_STAMP}}"))

    def _tidy(self) -> None:
        """Put yesterday's file aside, and remove what was kept long enough; on the thread too."""
        self._rotate()
        self._sweep(self._now())

    def _sweep(self, now: datetime) -> None:
        for path in self._path.parent.glob(f"{self._path.name}.*"):
            stamp = path.name.removeprefix(f"{self._path.name}.")
            if _STAMPED.fullmatch(stamp):
                put_aside = datetime.strptime(stamp, _STAMP).replace(tzinfo=now.tzinfo)
                if now - put_aside > self._keep:
                    path.unlink(missing_ok=True)


def audit_path(audit: AuditConfig, keys: KeysConfig) -> Path:
    """Say which file the audit is: the configured one, or the one in the state folder."""
    return Path(audit.file).expanduser() if audit.file else state_directory(keys) / FILE_NAME


def _write_whole(descriptor: int, line: bytes) -> None:
    written = os.write(descriptor, line)
    if written != len(line):  # the disk is full: leave no half line to be taken for a whole one
        os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
        raise OSError("the disk is full")


_STAMP: Final = "%Y%m%dT%H%M%S%fZ"
_STAMPED: Final = re.compile(r"\d{8}T\d{12}Z")
