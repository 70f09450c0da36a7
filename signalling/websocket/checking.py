"""One WebSocket of somebody who checks devices and network before a consultation.

Requests are served one after the other, and a measurement is one of them: so nobody measures twice
at once, and nothing has to be queued. It ends with its time at the latest, and with it every leg of
the check. Called by `signalling.websocket.check_endpoint`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal, assert_never

import msgspec
import structlog
from aiohttp import WSMsgType, web

from relay.errors import Conflict, RelayError, ServerError
from signalling.messages import Answer, IceServer, Ok, Ping, Pong
from signalling.messages.checks import (
    Begin,
    Begun,
    CheckReply,
    CheckRequest,
    Conclude,
    DropPath,
    Hello,
    Measure,
    Measured,
    TryPath,
)
from signalling.websocket.farewells import CloseCode, error_reply
from signalling.websocket.rate import Allowance
from signalling.websocket.reading import Unreadable, read_check_untrusted
from signalling.websocket.reception import NotRecognised, Reception

if TYPE_CHECKING:
    from relay.checks.check import Check

BEGIN_WITHIN_S: Final = 15.0
"""Whoever has not said by then whose check it is holds a place for nothing."""
MOST_S: Final = 180.0
"""A check takes fifteen seconds; whoever asks a person whether they heard a sound needs longer."""
CLOSE_S: Final = 1.0
BURST: Final = 30
"""Requests at once: a check of five ways takes some twenty."""
REQUESTS_PER_S: Final = 5.0

Socket = web.WebSocketResponse[Literal[False]]

_log: Final = structlog.get_logger(__name__)


class _Over(Exception):  # noqa: N818 - an end, not an error
    """The connection is to be closed."""

    def __init__(self, code: CloseCode) -> None:
        self.code = code
        super().__init__(code)


class CheckConnection:
    """A connection, from the upgrade to the close frame."""

    def __init__(
        self,
        socket: Socket,
        reception: Reception,
        *,
        address: str,
        max_message_bytes: int,
        ice_servers: Callable[[], tuple[IceServer, ...]],
    ) -> None:
        """Prepare to serve an open socket.

        Args:
            socket: Upgraded; answers pings by itself.
            reception: Begins checks.
            address: Of the client, for counting its failures only.
            max_message_bytes: Of one request.
            ice_servers: Draws what the client may go through.

        """
        self._socket = socket
        self._reception = reception
        self._address = address
        self._max_message_bytes = max_message_bytes
        self._ice_servers = ice_servers
        self._allowance = Allowance(BURST, REQUESTS_PER_S)
        self._check: Check | None = None
        self._time: asyncio.Timeout | None = None
        self._is_draining = False

    async def serve(self) -> None:
        """Serve until the client goes or its time is over.

        *Cancellation:* the check is over; the socket is left to its owner.
        """
        code, left_s = CloseCode.LEFT, 0.0 if self._is_draining else BEGIN_WITHIN_S
        try:
            with suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(left_s) as self._time:
                    await self._converse()
            if self._check is None:
                code = CloseCode.NO_JOIN
        except _Over as over:
            code = over.code
        finally:
            self._time = None
            if self._check is not None:
                self._check.close()
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(CLOSE_S):
                await self._socket.close(code=CloseCode.DRAINING if self._is_draining else code)

    def drain(self) -> None:
        """Have it end now: the relay stops."""
        self._is_draining = True
        self._end_in(0.0)

    async def _converse(self) -> None:
        await self._send(Hello(unix_ms=round(self._reception.unix_now_s() * 1_000)))
        while True:
            frame = await self._socket.receive()
            if frame.type is not WSMsgType.TEXT:
                if frame.type is WSMsgType.BINARY:
                    self._reception.note_bad_input("binary")
                    raise _Over(CloseCode.PROTOCOL_ERROR)
                return
            now_s = asyncio.get_running_loop().time()
            await asyncio.sleep(self._allowance.delay_s(now_s))
            await self._handle_untrusted(frame.data)

    async def _handle_untrusted(self, frame: bytes) -> None:
        """Serve one request; one that cannot be met is answered, and the connection lives."""
        try:
            request = read_check_untrusted(frame, max_bytes=self._max_message_bytes)
        except Unreadable as refusal:
            self._reception.note_bad_input(refusal.error.code)
            await self._send(error_reply(refusal.error, refusal.request_id))
            return
        try:
            reply = await self._perform(request)
        except NotRecognised as refusal:
            await self._send(error_reply(refusal.answer, request.id))
            await asyncio.sleep(refusal.close_after_s)
            raise _Over(CloseCode.TOKEN_REFUSED) from None
        except RelayError as error:
            if isinstance(error, ServerError) and error.retry_after_s is None:
                _log.error("a check failed", code=error.code, exc_info=error)
            reply = error_reply(error, request.id)
        await self._send(reply)

    async def _perform(self, request: CheckRequest) -> CheckReply:
        match request:
            case Ping():
                return Pong(id=request.id)
            case Begin():
                return self._begin(request)
            case TryPath():
                return Answer(id=request.id, sdp=self._begun().answer(request.path, request.sdp))
            case DropPath():
                self._begun().drop(request.path)
                return Ok(id=request.id)
            case Measure():
                is_towards = request.direction == "towards"
                measured = await self._begun().measure(request.path, towards=is_towards)
                return Measured(
                    id=request.id,
                    received_bytes=measured.received_bytes,
                    duration_ms=measured.duration_ms,
                    kbps=measured.kbps,
                )
            case Conclude():
                self._begun().keep(request.result)
                return Ok(id=request.id)
            case _:
                assert_never(request)

    def _begin(self, request: Begin) -> Begun:
        if self._check is not None:
            raise Conflict("This check has begun.", action="Go on with it.")
        self._check = self._reception.begin_check(request, self._address)
        if not self._is_draining:
            self._end_in(MOST_S)
        return Begun(
            id=request.id,
            ice_servers=self._ice_servers(),
            max_kbps=self._check.most_kbps,
            duration_s=self._check.duration_s,
        )

    def _begun(self) -> Check:
        if self._check is None:
            raise Conflict("No check has begun here.", action="Begin one with a token.")
        return self._check

    def _end_in(self, left_s: float) -> None:
        if self._time is not None and not self._time.expired():
            self._time.reschedule(asyncio.get_running_loop().time() + left_s)

    async def _send(self, reply: CheckReply) -> None:
        await self._socket.send_frame(_ENCODER.encode(reply), WSMsgType.TEXT)


_ENCODER = msgspec.json.Encoder()
