"""`GET /v1/ws`: from an HTTP request to a served connection.

Refuses before the upgrade what needs no token to be refused. Called by `signalling.app`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import web

from relay.metrics.table import WEBSOCKET_CLOSES
from signalling.messages import SUBPROTOCOL
from signalling.websocket.connection import Connection
from signalling.websocket.door import Doorstep
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception
from signalling.websocket.welcome import require_welcome


@dataclass
class Endpoint:
    """The WebSocket's HTTP side."""

    reception: Reception
    policy: Policy
    allowed_origins: tuple[str, ...]
    doorstep: Doorstep = field(init=False)
    draining: asyncio.Event = field(default_factory=asyncio.Event)
    _connections: set[Connection] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.doorstep = Doorstep(tally=self.reception.tally)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Upgrade a request and serve its connection to the end.

        *Cancellation:* the seat is detached and kept.
        """
        address = request.remote or ""
        require_welcome(
            request,
            self.reception,
            self.allowed_origins,
            subprotocol=SUBPROTOCOL,
            is_full=self.draining.is_set() or self.doorstep.is_full(address),
        )
        with self.doorstep.wait(address) as ticket:
            socket = web.WebSocketResponse[Literal[False]](
                protocols=(SUBPROTOCOL,),
                autoping=False,
                compress=False,  # a small frame must not become a large message
                decode_text=False,
                # aiohttp refuses what reaches its limit; ours is the largest that is accepted.
                max_msg_size=self.policy.max_message_bytes + 1,
                timeout=self.policy.flush_s,
            )
            await socket.prepare(request)
            transport = request.transport
            if transport is None:
                return socket
            connection = Connection(
                socket,
                self.reception,
                self.policy,
                address=address,
                abort=transport.abort,
                ticket=ticket,
            )
            with self._known(connection):
                await self._serve_counted(connection)
            return socket

    def drain(self) -> None:
        """Take no new connections, and have those there are end."""
        self.draining.set()
        for connection in self._connections:
            connection.drain()

    @contextmanager
    def _known(self, connection: Connection) -> Iterator[None]:
        self._connections.add(connection)
        if self.draining.is_set():  # since this one was let in
            connection.drain()
        try:
            yield
        finally:
            self._connections.discard(connection)

    async def _serve_counted(self, connection: Connection) -> None:
        reason = "internal"
        try:
            reason = (await connection.serve()).reason
        except asyncio.CancelledError:
            # A server that cancels its handlers does so where the socket is lost, perhaps while
            # its client is told why it has to go.
            reason = "socket_lost" if connection.ending is None else connection.ending.reason
            raise
        finally:
            self.reception.tally.count(WEBSOCKET_CLOSES, reason=reason)
