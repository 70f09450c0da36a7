"""Names for people, rooms and tokens that say neither whom nor which, to be kept on a disk.

Pure. Called by `relay.rooms.ejections`, `relay.rooms.recalled`, `relay.rooms.used_links` and
`signalling.standings`.
"""

from __future__ import annotations

import hashlib
from typing import Final

from relay.ids import RoomId

DIGEST_CHARS: Final = 32
"""128 bits of SHA-256: nobody finds a second name to the digest of a first."""


def digest_of(room: RoomId, identity: str | None) -> str:
    """Name somebody in a room, or with `None` the room."""
    return digest(room) if identity is None else digest(room, identity)


def digest(*parts: str) -> str:
    """Name what some texts name together.

    Only the last of them may hold a NUL, so that no two give one text: no room's name does.
    """
    text = "\0".join(parts)
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:DIGEST_CHARS]
