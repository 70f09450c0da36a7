"""Passwords: drawn at random, kept as what scrypt makes of them.

Pure but for the randomness. Slow on purpose, so it is called on a thread: by
`examples.clinic.accounts`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

COST, BLOCKS, LANES = 2**15, 8, 3
"""OWASP's Password Storage Cheat Sheet names these: 32 MiB, and a few tenths of a second."""
MAX_MEMORY_BYTES: Final = 64 * 2**20
"""OpenSSL refuses more than 32 MiB unless it is told (hashlib.scrypt)."""
SALT_BYTES: Final = 16
DRAWN_BYTES: Final = 12
"""96 bits, in sixteen characters."""
MAX_CHARS: Final = 256


def draw() -> str:
    """Draw a password nobody can guess."""
    return secrets.token_urlsafe(DRAWN_BYTES)


def hashed(password: str) -> str:
    """Give what is kept of a password, with all that is needed to check one against it."""
    salt = secrets.token_bytes(SALT_BYTES)
    digest = _digest(password, salt, COST, BLOCKS, LANES)
    return f"scrypt {COST} {BLOCKS} {LANES} {salt.hex()} {digest.hex()}"


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one of which this was kept."""
    _, cost, blocks, lanes, salt, digest = kept.split(" ")
    found = _digest(password, bytes.fromhex(salt), int(cost), int(blocks), int(lanes))
    return hmac.compare_digest(found, bytes.fromhex(digest))


def _digest(password: str, salt: bytes, cost: int, blocks: int, lanes: int) -> bytes:
    # The same letters can be typed as different characters (Unicode TR 15).
    text = unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
    return hashlib.scrypt(
        text, salt=salt, n=cost, r=blocks, p=lanes, maxmem=MAX_MEMORY_BYTES, dklen=32
    )
