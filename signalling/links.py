"""The links people open: a page of this relay with a token in its fragment.

Pure. Browsers keep a fragment to themselves, so no server or log sees the token. Called by
`signalling.__main__`.
"""

from __future__ import annotations

import secrets
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from relay.ids import RoomId
from relay.rooms.permissions import BY_ROLE, Arrival, Grant, Role

WEBSOCKET_PATH: Final = "/v1/ws"


def base_url(host: str, port: int) -> str:
    """Give the address of a relay as its own machine reaches it."""
    if host in {"", "0.0.0.0", "::"}:  # noqa: S104 - compared with, not bound to
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def websocket_url(base: str) -> str:
    """Give the WebSocket's address below a relay's address."""
    parts = urlsplit(base)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + WEBSOCKET_PATH, "", ""))


def consultation_link(base: str, token: str) -> str:
    """Give the link that opens the consultation page with a token."""
    return f"{base.rstrip('/')}/consultation#token={token}"


def full_grant(
    room: str,
    role: Role,
    identity: str | None,
    *,
    open_room: bool,
    waits: bool = False,
    once: bool = False,
) -> Grant:
    """Grant everything a role permits.

    Args:
        room: Its name.
        role: Whose rights.
        identity: A pseudonym; `None` draws one.
        open_room: Whether the bearer may be the first to come.
        waits: Whether the bearer waits to be admitted, whatever the room is set to.
        once: Whether it is good for the page alone that joins with it first.

    """
    rights = BY_ROLE[role]
    return Grant(
        room=RoomId(room),
        identity=identity or f"{role.value}-{secrets.token_hex(4)}",
        role=role,
        publish=rights.publish,
        subscribe=rights.subscribe,
        data=rights.data,
        open_room=open_room,
        rights=rights.rights,
        arrival=Arrival(waits=waits, once=once),
    )
