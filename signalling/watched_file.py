"""A file that is read at the start, and again whenever it has changed.

What it says is so for a running relay within seconds, without a restart. A file that cannot be used
any more leaves what it said before, and is complained about once. Called by `signalling.api` and
`signalling.webhooks`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

import structlog

from relay.clock import Clock
from relay.errors import ConfigurationError

LOOK_EVERY_S: Final = 2.0
"""A key that leaked and was taken back is good for so long; looking costs one system call."""

Content = TypeVar("Content")

_log: Final = structlog.get_logger(__name__)


class WatchedFile(Generic[Content]):
    """What a file says."""

    def __init__(self, path: Path, read: Callable[[Path], Content], clock: Clock) -> None:
        """Read it once.

        Args:
            path: The file.
            read: Gives what it says; raises `ConfigurationError` where it cannot be used.
            clock: For waiting.

        Raises:
            ConfigurationError: It cannot be used.

        """
        self._path = path
        self._read = read
        self._clock = clock
        self._seen = _stamp(path)
        self.content = read(path)

    async def watch(self) -> None:
        """Read the file again whenever it has changed, until cancelled.

        *Cancellation:* what it said last stays.
        """
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look_once()

    async def look_once(self) -> None:
        """Read the file again if it has changed.

        *Cancellation:* it may be read the next time.
        """
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return
        try:
            self.content = await asyncio.to_thread(self._read, self._path)
        except ConfigurationError:
            _log.exception("a file cannot be used; what it said stays", path=str(self._path))
        else:
            _log.info("a file was read again", path=str(self._path))
        self._seen = stamp


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What of a file differs after a change; `None` where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino, about.st_size
