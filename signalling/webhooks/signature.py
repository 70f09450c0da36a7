"""Signatures of webhooks, as Standard Webhooks describes them (standardwebhooks.com, version 1).

Pure. HMAC-SHA256 over id, time and body, once for each secret: while a secret is being changed, old
and new are both there. Called by `signalling.webhooks.delivery`.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from relay.errors import ConfigurationError
from signalling.keys import read_private

PREFIX: Final = "whsec_"
MIN_BYTES, MAX_BYTES = 24, 64
"""Of a secret, by the specification."""
MAX_SECRETS: Final = 4
"""Two are enough to change one; four headers' worth is not a mistake yet."""


def sign(
    event_id: str, body: bytes, *, secrets: Sequence[bytes], now_unix_s: float
) -> Mapping[str, str]:
    """Give the headers by which a receiver knows who sent an event, and when.

    Args:
        event_id: The same for every try, so that a receiver knows it again.
        body: Exactly what is sent.
        secrets: The newest first; at least one.
        now_unix_s: Of this try: receivers refuse what is older than some minutes.

    """
    assert secrets, "a webhook is never sent unsigned"
    timestamp = str(int(now_unix_s))
    signed = b".".join((event_id.encode(), timestamp.encode(), body))
    signatures = (
        "v1," + base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
        for secret in secrets
    )
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(signatures),
    }


def read_secrets(path: Path) -> tuple[bytes, ...]:
    """Read a file of secrets: one `whsec_…` in each line, the newest first.

    Raises:
        ConfigurationError: The file cannot be read, others can read it, or a line is not a secret.

    """
    try:
        text = read_private(path)
    except FileNotFoundError:
        raise ConfigurationError(
            f"The file of webhook secrets {path} does not exist.", action=_how_to_make(path)
        ) from None
    lines = [line.strip() for line in text.splitlines()]
    secrets = tuple(
        _secret(line, f"Line {number} of {path}", path)
        for number, line in enumerate(lines, start=1)
        if line and not line.startswith("#")
    )
    if not 1 <= len(secrets) <= MAX_SECRETS:
        raise ConfigurationError(
            f"The file of webhook secrets {path} holds {len(secrets)} secrets; 1 to {MAX_SECRETS} "
            "are needed.",
            action=_how_to_make(path),
        )
    return secrets


def _secret(line: str, where: str, path: Path) -> bytes:
    try:
        secret = base64.b64decode(line.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not line.startswith(PREFIX) or not MIN_BYTES <= len(secret) <= MAX_BYTES:
        raise ConfigurationError(
            f"{where} is not a secret: `whsec_` and {MIN_BYTES} to {MAX_BYTES} bytes in base64.",
            action=_how_to_make(path),
        )
    return secret


def _how_to_make(path: Path) -> str:
    return f'Run: (umask 077; echo "whsec_$(openssl rand -base64 32)" > {path})'
