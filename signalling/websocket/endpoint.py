"""`GET /v1/ws`: from an HTTP request to a served connection.

Refuses before the upgrade what needs no token to be refused. Called by `signalling.app`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal

import structlog
from aiohttp import hdrs, web

from relay.metrics.table import BAD_INPUT, WEBSOCKET_CLOSES
from signalling.messages import SUBPROTOCOL
from signalling.websocket.connection import Connection
from signalling.websocket.door import Doorstep, is_origin_allowed, loggable_origin
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception

RETRY_AFTER_S: Final = 10
_FOREIGN: Final = "foreign_origin"

_log: Final = structlog.get_logger(__name__)


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
        self._require_welcome(request)
        address = request.remote or ""
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

    def _require_welcome(self, request: web.Request) -> None:
        """Refuse a request by its headers.

        Raises:
            web.HTTPException: With a sentence that says what to do.

        """
        if self.draining.is_set() or self.doorstep.is_full(request.remote or ""):
            raise _unavailable()
        origin = request.headers.get(hdrs.ORIGIN)
        if not is_origin_allowed(origin, request.host, self.allowed_origins):
            times = self.reception.log_pace.times(_FOREIGN, self.reception.monotonic_now_s())
            if times:
                _log.warning(
                    "a page of another origin was refused; see signalling.allowed_origins",
                    origin=loggable_origin(origin or ""),
                    times=times,
                )
            self.reception.tally.count(BAD_INPUT, door="upgrade", reason=_FOREIGN)
            raise web.HTTPForbidden(text="This page's origin is not in signalling.allowed_origins.")
        offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
        if SUBPROTOCOL not in {protocol.strip() for protocol in offered.split(",")}:
            self.reception.tally.count(BAD_INPUT, door="upgrade", reason="no_subprotocol")
            raise web.HTTPBadRequest(text=f"Offer the WebSocket subprotocol {SUBPROTOCOL}.")


def _unavailable() -> web.HTTPException:
    return web.HTTPServiceUnavailable(
        text="The relay takes no new connections at the moment. Try again in a few seconds.",
        headers={hdrs.RETRY_AFTER: str(RETRY_AFTER_S)},
    )
