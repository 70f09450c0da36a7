"""`GET /v1/check`: where devices and networks are checked before a consultation.

Refuses before the upgrade what needs no token to be refused. Called by `signalling.app`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from aiohttp import web

from signalling.messages import IceServer
from signalling.messages.checks import CHECK_SUBPROTOCOL
from signalling.websocket.checking import CLOSE_S, CheckConnection
from signalling.websocket.door import Doorstep
from signalling.websocket.reception import Reception
from signalling.websocket.welcome import require_welcome

MOST_CHECKS: Final = 500
MOST_CHECKS_PER_ADDRESS: Final = 50
"""A clinic's waiting room behind one address."""
HEARTBEAT_S: Final = 20.0


@dataclass
class CheckEndpoint:
    """The HTTP side of checks."""

    reception: Reception
    allowed_origins: tuple[str, ...]
    max_message_bytes: int
    ice_servers: Callable[[], tuple[IceServer, ...]]
    """Draws what one client may go through."""
    doorstep: Doorstep = field(init=False)
    _connections: set[CheckConnection] = field(default_factory=set)
    _is_draining: bool = False

    def __post_init__(self) -> None:
        self.doorstep = Doorstep(
            max_waiting=MOST_CHECKS,
            max_waiting_per_address=MOST_CHECKS_PER_ADDRESS,
            counted_as="checking",
            tally=self.reception.tally,
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Upgrade a request and serve its connection to the end.

        *Cancellation:* the check is over.
        """
        address = request.remote or ""
        require_welcome(
            request,
            self.reception,
            self.allowed_origins,
            subprotocol=CHECK_SUBPROTOCOL,
            is_full=self._is_draining or self.doorstep.is_full(address),
        )
        with self.doorstep.wait(address):
            socket = web.WebSocketResponse[Literal[False]](
                protocols=(CHECK_SUBPROTOCOL,),
                compress=False,  # a small frame must not become a large message
                decode_text=False,
                heartbeat=HEARTBEAT_S,
                # aiohttp refuses what reaches its limit; ours is the largest that is accepted.
                max_msg_size=self.max_message_bytes + 1,
                timeout=CLOSE_S,
            )
            await socket.prepare(request)
            connection = CheckConnection(
                socket,
                self.reception,
                address=address,
                max_message_bytes=self.max_message_bytes,
                ice_servers=self.ice_servers,
            )
            self._connections.add(connection)
            if self._is_draining:  # since this one was let in
                connection.drain()
            try:
                await connection.serve()
            finally:
                self._connections.discard(connection)
            return socket

    def drain(self) -> None:
        """Take no new checks, and have those there are end."""
        self._is_draining = True
        for connection in tuple(self._connections):
            connection.drain()
