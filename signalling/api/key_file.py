"""The file of API keys: read at the start, looked at again while the relay runs, and written.

A key that is made or taken back is so for a running relay within seconds, without a restart. A file
that cannot be used any more leaves the keys as they were, and is complained about once. Called by
`signalling.api.app` and `signalling.key_commands`.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import structlog

from relay.clock import Clock
from relay.config import RelayConfig, state_directory
from relay.errors import ConfigurationError
from signalling.api.credentials import ApiKey, ApiKeys, parse_api_keys, written
from signalling.keys import read_private

FILE_NAME: Final = "api-keys"
LOOK_EVERY_S: Final = 2.0
"""A key that leaked and was taken back is good for so long; looking costs one system call."""

_log: Final = structlog.get_logger(__name__)


def api_key_path(config: RelayConfig) -> Path:
    """Say which file holds the keys: the configured one, or the one in the state folder."""
    if config.api.keys_file:
        return Path(config.api.keys_file).expanduser()
    return state_directory(config.keys) / FILE_NAME


def read_api_keys(path: Path) -> dict[str, ApiKey]:
    """Read the keys; none where there is no file.

    Raises:
        ConfigurationError: The file cannot be read, others can read it, or a line is not a key.

    """
    try:
        return parse_api_keys(read_private(path), str(path))
    except FileNotFoundError:
        return {}


class WatchedKeys:
    """The keys as the file last said them."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Read them once.

        Raises:
            ConfigurationError: As for `read_api_keys`.

        """
        self._path = path
        self._clock = clock
        self._seen = _stamp(path)
        self.keys: ApiKeys = read_api_keys(path)

    async def watch(self) -> None:
        """Read the file again whenever it has changed, until cancelled.

        *Cancellation:* the keys stay as they are.
        """
        while True:
            await self._clock.sleep(LOOK_EVERY_S)
            await self.look_once()

    async def look_once(self) -> None:
        """Read the file again if it has changed.

        *Cancellation:* it may still be read.
        """
        await asyncio.to_thread(self._look)

    def _look(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self.keys = read_api_keys(self._path)
        except ConfigurationError:
            _log.exception("the file of API keys cannot be used; the keys stay as they were")
        else:
            _log.info("the API keys were read again", keys=len(self.keys))


def change_api_keys(path: Path, change: Callable[[dict[str, ApiKey]], None]) -> None:
    """Change the file as a whole: a reader sees it before or after, and never in between.

    Args:
        path: The file, made where it is not there.
        change: Given the keys to change; what it raises leaves the file as it was.

    Raises:
        ConfigurationError: The file cannot be read or written.

    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(path):
            keys = read_api_keys(path)
            change(keys)
            draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            try:
                with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="ascii") as file:
                    file.write(written(keys))
                    file.flush()
                    os.fsync(file.fileno())
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The file of API keys {path} cannot be written: {error.strerror}.",
            action="Run this as the user who runs the relay, or set api.keys_file.",
        ) from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Keep two commands from changing the file at once."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW
    lock = os.open(path.with_name(f".{path.name}.lock"), flags, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What of a file differs after a change; `None` where there is none."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino, about.st_size
