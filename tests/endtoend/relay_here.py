"""Runs the relay in the test's own process, so that a test can reach into its rooms."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from relay.config import KeysConfig, MediaConfig, RelayConfig, SignallingConfig
from relay.ids import RoomId
from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from signalling.links import full_grant, websocket_url
from signalling.tokens import Invitation, mint
from tests.serving import SECRET, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from relay import Relay
    from relay.places.open_rooms import Place


@dataclass
class RelayHere:
    """What `RelayProcess` is to a `Consultation`, and the media plane itself."""

    media_plane: Relay
    url: str
    """Where pages, SDK and signalling are."""
    log: str = ""
    """Nothing: pytest shows what this process has printed."""

    @property
    def port(self) -> int:
        """Where all of it listens (TCP)."""
        port = urlsplit(self.url).port
        assert port is not None
        return port

    async def token(self, room: str, role: str, identity: str | None = None, *more: str) -> str:
        """Mint a token with everything the role permits."""
        assert not more, "options of the command line"
        (key,) = parse_keys(f"key-1 {SECRET}\n", "the test").values()
        grant = full_grant(room, Role(role), identity, open_room=True)
        return mint(Invitation(grant, url=websocket_url(self.url)), key, time.time())

    def place(self, room: str, role: str) -> Place:
        """Find the one participant of a role."""
        places = self.media_plane._seating.rooms[RoomId(room)].places.values()
        (place,) = (place for place in places if place.participant.role == role)
        return place


@contextlib.asynccontextmanager
async def serving_here(
    front_end: str,
    *,
    adaptation: bool = False,
    media: MediaConfig | None = None,
    state: Path | None = None,
) -> AsyncIterator[RelayHere]:
    """Serve until the block ends, to pages of the front-end's origin too.

    Args:
        front_end: That origin.
        adaptation: Whether paths are adapted to.
        media: The UDP side where any port of this machine will not do; `adaptation` is in it then.
        state: The folder of its own files, and of its API's keys; the user's where there is none.

    """
    config = RelayConfig(
        signalling=SignallingConfig(allowed_origins=(front_end,)),
        media=media or MediaConfig(port=0, adaptation=adaptation),
        keys=KeysConfig(state_dir="" if state is None else str(state)),
    )
    async with serving(config) as (relay, url):
        yield RelayHere(relay, url)
