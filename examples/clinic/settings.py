"""Where the clinic is, where its relay is, and the clinic's secrets.

The only module that reads the environment. Secrets are files of one folder that their owner alone
can read. Called by `examples.clinic.__main__` and `examples.clinic.demonstration`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

CLINIC_URL: Final = "http://127.0.0.1:8090"
RELAY_URL: Final = "http://127.0.0.1:8080"
FOLDER: Final = "clinic-state"
API_KEY, WEBHOOK_SECRET, SESSION_KEY = "api-key", "webhook-secret", "session-key"
"""The names of the secrets' files."""
SESSION_KEY_BYTES: Final = 32


class SettingsError(Exception):
    """The clinic cannot start as it is set up; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the clinic has to be told."""

    url: str
    """Where browsers reach the clinic, as `https://clinic.example`."""
    relay: str
    """Where browsers and the clinic reach the relay, as `https://relay.example`."""
    folder: Path
    """For the database."""
    api_key: str = field(repr=False)
    """Of the relay's HTTP API, as `visavis key create` printed it."""
    webhook_secret: str = field(repr=False)
    """With which the relay signs what it tells: `whsec_…`."""
    session_key: bytes = field(repr=False)
    """With which the clinic signs its own cookies."""

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers come by TLS, so that cookies may insist on it."""
        return self.url.startswith("https:")

    @property
    def relay_socket(self) -> str:
        """Where the SDK connects to, as a security policy names it."""
        parts = urlsplit(self.relay)
        return f"{'wss' if parts.scheme == 'https' else 'ws'}://{parts.netloc}"


def folder_of(environ: Mapping[str, str]) -> Path:
    """Say where the clinic keeps its files."""
    return Path(environ.get("CLINIC_FOLDER") or FOLDER)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read addresses from the environment, and secrets from files.

    Raises:
        SettingsError: Something is missing.

    """
    folder = folder_of(environ)
    return Settings(
        url=_origin("CLINIC_URL", environ.get("CLINIC_URL") or CLINIC_URL),
        relay=_origin("CLINIC_RELAY", environ.get("CLINIC_RELAY") or RELAY_URL),
        folder=folder,
        api_key=_read(folder / API_KEY, "what `visavis key create` printed"),
        webhook_secret=_read(folder / WEBHOOK_SECRET, "the relay's webhook secret (whsec_…)"),
        session_key=bytes.fromhex(_own_key(folder / SESSION_KEY)),
    )


def write_private(path: Path, text: str) -> None:
    """Write a new file that its owner alone can read.

    Raises:
        FileExistsError: It is there already.

    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _origin(name: str, text: str) -> str:
    """Take an address without a path: the relay's socket and the clinic's cookies need no less."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise SettingsError(f"{name} must be an address without a path, as https://clinic.example.")
    return f"{parts.scheme}://{parts.netloc}"


def _read(path: Path, what: str) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError:
        text = ""
    if not text:
        raise SettingsError(f"Write {what} to {path}, readable by you alone (mode 0600).")
    return text


def _own_key(path: Path) -> str:
    """Give the key of the clinic's cookies, drawn when it is first needed."""
    if not path.exists():
        write_private(path, secrets.token_hex(SESSION_KEY_BYTES))
    return _read(path, f"{SESSION_KEY_BYTES} random bytes in hexadecimal")
