"""The file of API keys, read and written; only hashes of them are in it.

Called by `signalling.platform`, which watches it, and by `signalling.key_commands`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from relay.config import RelayConfig, state_directory
from relay.errors import ConfigurationError
from signalling.api.credentials import ApiKey, parse_api_keys, written
from signalling.keys import read_private

FILE_NAME: Final = "api-keys"


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
