"""Runs the relay in the test's own process, so that a test can reach into its rooms."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from relay import Relay
from relay.config import MediaConfig, RelayConfig, SignallingConfig
from relay.ids import RoomId
from relay.rooms.permissions import Role
from signalling.app import create_app
from signalling.keys import KeyRing, parse_keys
from signalling.links import base_url, full_grant, websocket_url
from signalling.tokens import Invitation, mint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.open_rooms import Place

SECRET = "a-secret-of-the-tests-32-characters-long"


@dataclass
class RelayHere:
    """What `RelayProcess` is to a `Consultation`, and the media plane itself."""

    media_plane: Relay
    port: int
    keys: KeyRing
    log: str = ""
    """Nothing: pytest shows what this process has printed."""

    @property
    def url(self) -> str:
        """Where pages, SDK and signalling are."""
        return base_url("127.0.0.1", self.port)

    async def token(self, room: str, role: str, identity: str | None = None, *more: str) -> str:
        """Mint a token with everything the role permits."""
        assert not more, "options of the command line"
        (key,) = self.keys.values()
        grant = full_grant(room, Role(role), identity, open_room=True)
        return mint(Invitation(grant, url=websocket_url(self.url)), key, time.time())

    def place(self, room: str, role: str) -> Place:
        """Find the one participant of a role."""
        places = self.media_plane._seating.rooms[RoomId(room)].places.values()
        (place,) = (place for place in places if place.participant.role == role)
        return place


@contextlib.asynccontextmanager
async def serving_here(front_end: str, *, adaptation: bool = False) -> AsyncIterator[RelayHere]:
    """Serve until the block ends, to pages of the front-end's origin too."""
    keys = parse_keys(f"key-1 {SECRET}\n", "the test")
    config = RelayConfig(
        signalling=SignallingConfig(allowed_origins=(front_end,)),
        media=MediaConfig(port=0, adaptation=adaptation),
    )
    async with Relay(config) as relay:
        runner = web.AppRunner(create_app(config, relay, keys=keys), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield RelayHere(relay, int(runner.addresses[0][1]), keys)
        finally:
            await runner.cleanup()
