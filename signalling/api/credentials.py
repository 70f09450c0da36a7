"""API keys: who may use the HTTP API, and for what.

Not the keys of `signalling.keys`, which sign tokens: an API key is shown once, when it is made, and
kept as a hash. Its 256 random bits cannot be guessed, so one SHA-256 is enough: stretching defends
words that people choose. Called by `signalling.api.endpoint` and `signalling.key_commands`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from relay.errors import ConfigurationError
from signalling.api.errors import KeyRefused, ScopeMissing

SECRET_BYTES: Final = 32
PREFIX: Final = "vvk"
"""Lets scanners of leaked secrets find ours."""


class Scope(StrEnum):
    """What a key may be used for; nothing includes another."""

    READ = "read"
    ROOMS = "rooms"
    TOKENS = "tokens"
    MODERATE = "moderate"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key, without its secret."""

    id: str
    scopes: frozenset[Scope]
    digest: bytes = field(repr=False)
    made_on: date

    def require(self, scope: Scope) -> None:
        """Hold a request against the key.

        Raises:
            ScopeMissing: The key is not for this.

        """
        if scope not in self.scopes:
            raise ScopeMissing(f"This API key has not the scope `{scope.value}`.")


ApiKeys = Mapping[str, ApiKey]


def draw_key(key_id: str, scopes: Iterable[Scope], now_unix_s: float) -> tuple[ApiKey, str]:
    """Make a key: what is kept of it, and the text that is shown once."""
    text = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(SECRET_BYTES)}"
    made_on = datetime.fromtimestamp(now_unix_s, UTC).date()
    return ApiKey(key_id, frozenset(scopes), _digest(text), made_on), text


def recognise_untrusted(header: str | None, keys: ApiKeys) -> ApiKey:
    """Find whose key an Authorization header carries.

    An unknown id is compared, too, so that the time taken tells nobody which ids there are.

    Raises:
        KeyRefused: There is none, or it is not one of ours; the answer is the same.

    """
    match = _BEARER.fullmatch(header or "")
    if match is None:
        raise KeyRefused
    key = keys.get(match["id"])
    is_right = compare_digest(_digest(match["key"]), _NO_KEY if key is None else key.digest)
    if key is None or not is_right:
        raise KeyRefused
    return key


def parse_api_keys(text: str, where: str) -> dict[str, ApiKey]:
    """Read a file of keys: `id scope,scope date digest` in each line.

    Args:
        text: The file; empty lines and lines that start with `#` are skipped.
        where: How to name it in a complaint, which never quotes a line.

    Raises:
        ConfigurationError: A line is not a key, or an id stands twice.

    """
    keys: dict[str, ApiKey] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key = _parse_line(line.split(), f"Line {number} of {where}")
        if key.id in keys:
            raise ConfigurationError(f"Line {number} of {where} repeats a key id.", action=_ACTION)
        keys[key.id] = key
    return keys


def written(keys: ApiKeys) -> str:
    """Write a file of keys, as `parse_api_keys` reads it."""
    return _HEADING + "".join(
        f"{key.id} {','.join(sorted(key.scopes))} {key.made_on.isoformat()} {key.digest.hex()}\n"
        for key in keys.values()
    )


def is_key_id(text: str) -> bool:
    """Whether a key may be called that."""
    return _KEY_ID.fullmatch(text) is not None


def _parse_line(words: list[str], where: str) -> ApiKey:
    match words:
        case [key_id, scopes, made_on, digest] if is_key_id(key_id) and _HEX.fullmatch(digest):
            try:
                return ApiKey(
                    key_id,
                    frozenset(Scope(scope) for scope in scopes.split(",")),
                    bytes.fromhex(digest),
                    date.fromisoformat(made_on),
                )
            except ValueError:
                pass
        case _:
            pass
    raise ConfigurationError(f"{where} is not `id scopes date digest`.", action=_ACTION)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


_NO_KEY: Final = bytes(hashlib.sha256().digest_size)
_ACTION: Final = "Take the line out, and make the key anew with `visavis key create`."
_HEADING: Final = "# API keys of this relay, hashed. Made and taken back by `visavis key`.\n"
_KEY_ID: Final = re.compile(r"[A-Za-z0-9-]{1,32}")
_HEX: Final = re.compile(r"[0-9a-f]{64}")
_BEARER: Final = re.compile(
    r"[Bb]earer (?P<key>" + PREFIX + r"_(?P<id>[A-Za-z0-9-]{1,32})_[A-Za-z0-9_-]{43})"
)
