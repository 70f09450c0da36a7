"""One WebSocket: what its client asks, and the seat it speaks for.

Owns its tasks and its seat's attachment, and nothing of anybody else. Tokens, secrets, session
descriptions, names and addresses pass through and are never logged. Called by
`signalling.websocket.endpoint`, once per upgraded request.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Never

import structlog
from aiohttp import WSMsgType
from aiohttp.http_websocket import WebSocketError, WSMessageNoDecodeText

from relay.errors import CallerError, RelayError, ServerError
from relay.rooms.standing import Standing
from signalling.messages import (
    ClientMessage,
    Closing,
    Health,
    Join,
    Leave,
    Offer,
    Ok,
    Ping,
    Pong,
    Resume,
)
from signalling.websocket.door import Ticket
from signalling.websocket.ending import Ending, ending_of, goodbye
from signalling.websocket.events import message_for
from signalling.websocket.farewells import CloseCode, error_reply
from signalling.websocket.policy import Policy
from signalling.websocket.rate import Allowance
from signalling.websocket.reading import Unreadable, read_untrusted
from signalling.websocket.reception import NotRecognised, Reception
from signalling.websocket.renewing import renew
from signalling.websocket.requests import joined, perform
from signalling.websocket.sending import Sending, Socket
from signalling.websocket.states import Input, State, state_after

if TYPE_CHECKING:
    from relay.seats.seat import Seat

_log: Final = structlog.get_logger(__name__)


class Connection:
    """A client's connection, from the upgrade to the close frame."""

    def __init__(
        self,
        socket: Socket,
        reception: Reception,
        policy: Policy,
        *,
        address: str,
        abort: Callable[[], None],
        ticket: Ticket,
    ) -> None:
        """Prepare to serve an open socket.

        Args:
            socket: Upgraded, with pings left to us.
            reception: Gives seats.
            policy: Times and sizes.
            address: Of the client, for counting its failures only.
            abort: Drops the socket without ceremony.
            ticket: Its place on the doorstep, given back when it has a seat.

        """
        self._socket = socket
        self._reception = reception
        self._policy = policy
        self._address = address
        self._abort = abort
        self._ticket = ticket
        self._state = State.AWAITING_JOIN
        self._sending = Sending(socket, policy)
        self._allowance = Allowance(policy.burst, policy.messages_per_s)
        self._offers = Allowance(policy.offer_burst, policy.offers_per_s)
        self._health = Allowance(policy.health_burst, policy.health_per_s)
        self._seated = asyncio.Event()
        self._turn_holder = secrets.token_urlsafe(12)
        self._seat: Seat | None = None
        self.ending: Ending | None = None
        """Why it ends, as soon as that is known: before the client has been told."""

    async def serve(self) -> Ending:
        """Serve until the client leaves, is lost, or must go; give the reason.

        *Cancellation:* the seat is detached and kept; the socket is left to its owner.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(), name="websocket reader")
                tasks.create_task(self._sending.write(), name="websocket writer")
                tasks.create_task(self._sending.ping(), name="websocket pings")
                tasks.create_task(self._expect_join(), name="websocket join timeout")
                tasks.create_task(self._tell_events(), name="websocket events")
                if self._reception.turn.urls:
                    tasks.create_task(self._renew_credentials(), name="websocket credentials")
        except BaseExceptionGroup as failed:
            self.ending = ending_of(failed)
        finally:
            if self._seat is not None:
                self._seat.detach()
        assert self.ending is not None, "every task ends by an ending, or the group fails"
        await self._close(self.ending)
        return self.ending

    def drain(self) -> None:
        """Have it end soon: the relay stops."""
        self._sending.end(goodbye(Input.DRAINING, "draining"))

    # Reading ---------------------------------------------------------------------------------

    async def _read(self) -> Never:
        while True:
            frame = await self._receive()
            await self._keep_to(self._allowance)
            match frame.type:
                case WSMsgType.TEXT:
                    await self._handle_untrusted(frame.data)
                case WSMsgType.PING:
                    await self._sending.pong(frame.data)
                case WSMsgType.PONG:
                    self._sending.note_pong(frame.data)
                case WSMsgType.BINARY:
                    self._reception.note_bad_input("binary")
                    raise goodbye(Input.PROTOCOL_ERROR, "protocol_error")
                case WSMsgType.ERROR if isinstance(frame.data, WebSocketError):
                    # No frame at all, or too large; aiohttp has closed the socket and said so.
                    is_large = frame.data.code == CloseCode.TOO_LARGE
                    self._reception.note_bad_input("too_large" if is_large else "malformed")
                    raise Ending(Input.PROTOCOL_ERROR, None)
                case _:
                    raise Ending(Input.SOCKET_LOST, None)

    async def _keep_to(self, allowance: Allowance) -> None:
        """Wait as long as an allowance says, and at least until everybody else had their turn.

        Frames that are already here are received without suspending: whoever sends a hundred at
        once would otherwise have them all served while nobody else is.
        """
        now_s = asyncio.get_running_loop().time()
        delay_s = allowance.delay_s(now_s)
        if delay_s > 0:
            self._sending.excuse(now_s + delay_s)
        await asyncio.sleep(delay_s)

    async def _receive(self) -> WSMessageNoDecodeText:
        self._sending.begin_listening()
        try:
            return await self._socket.receive()
        finally:
            self._sending.end_listening()

    async def _handle_untrusted(self, frame: bytes) -> None:
        """Serve one message; a request that cannot be met is answered, and the connection lives."""
        try:
            request = read_untrusted(frame, max_bytes=self._policy.max_message_bytes)
        except Unreadable as refusal:
            self._turn_away(refusal.error, refusal.request_id)
            return
        try:
            self._advance(_input_of(request))
        except CallerError as error:
            self._turn_away(error, request.id)
            return
        try:
            await self._serve_request(request)
        except RelayError as error:
            self._refuse(error, request.id)

    async def _serve_request(self, request: ClientMessage) -> None:
        match request:
            case Join() | Resume():
                await self._take_seat(request)
            case Leave():
                await self._leave(request)
            case Ping():
                self._sending.tell(Pong(id=request.id))
            case _:
                assert self._seat is not None, "the table lets no request through without a seat"
                if isinstance(request, Offer):
                    await self._keep_to(self._offers)
                elif isinstance(request, Health):
                    await self._keep_to(self._health)
                self._sending.tell(await perform(self._seat, request))

    async def _take_seat(self, request: Join | Resume) -> None:
        is_resume = isinstance(request, Resume)
        try:
            if isinstance(request, Resume):
                self._seat = await self._reception.resume(request, self._address)
            else:
                self._seat = await self._reception.join(request, self._address)
        except NotRecognised as refusal:
            self._refuse(refusal.answer, request.id)
            await asyncio.sleep(refusal.close_after_s)
            raise Ending(Input.TOKEN_REFUSED, CloseCode.TOKEN_REFUSED) from None
        except RelayError:
            self._advance(Input.REFUSED)
            raise
        self._advance(Input.SEATED)
        self._ticket.give_back()
        self._keep_pace(self._seat)
        self._sending.tell(
            joined(
                self._seat,
                request.id,
                resumed=is_resume,
                keep_s=self._policy.keep_s,
                ice_servers=self._reception.turn.for_holder(self._turn_holder),
            )
        )
        self._seated.set()

    async def _leave(self, request: Leave) -> Never:
        if self._seat is not None:
            await self._seat.leave("left")  # first: whoever leaves may be too slow to be told
        self._sending.tell(Ok(id=request.id))
        raise Ending(Input.LEAVE, CloseCode.LEFT)

    # Beside the reader -----------------------------------------------------------------------

    async def _expect_join(self) -> None:
        try:
            async with asyncio.timeout(self._policy.join_timeout_s):
                await self._seated.wait()
        except TimeoutError:
            if not self._seated.is_set():
                raise Ending(Input.JOIN_TIMEOUT, CloseCode.NO_JOIN) from None

    async def _tell_events(self) -> None:
        await self._seated.wait()
        assert self._seat is not None
        async for event in self._seat.events():
            message = message_for(event)
            if self._state is State.CLOSING:
                return  # leaving: the reader says how it ends
            if isinstance(message, Closing):
                raise goodbye(Input.SEAT_ENDED, message.code)
            if message is not None:
                self._sending.tell(message)
            self._keep_pace(self._seat)
        if self._state is not State.CLOSING:
            raise Ending(Input.SEAT_ENDED, CloseCode.LEFT)

    async def _renew_credentials(self) -> None:
        await self._seated.wait()
        await renew(self._reception.turn, self._turn_holder, self._sending.tell)

    def _keep_pace(self, seat: Seat) -> None:
        self._sending.keep_pace(waits=seat.standing is Standing.WAITING)

    def _turn_away(self, error: CallerError, request_id: int | None) -> None:
        """Refuse what did not even reach the seat."""
        self._reception.note_bad_input(error.code)
        self._refuse(error, request_id)

    def _refuse(self, error: RelayError, request_id: int | None) -> None:
        # Whoever is told when to try again is counted as refused: nothing has failed.
        if isinstance(error, ServerError) and error.retry_after_s is None:
            _log.error("a request failed", code=error.code, exc_info=error)
        self._sending.tell(error_reply(error, request_id))

    # Ending ----------------------------------------------------------------------------------

    def _advance(self, happening: Input) -> None:
        self._state = state_after(self._state, happening)

    async def _close(self, ending: Ending) -> None:
        """Send what is queued and why it ends, then close, within a bounded time."""
        if self._state is not State.CLOSING:
            self._advance(ending.happening)
        _log.debug("a connection ends", why=ending.happening.value)
        try:
            async with asyncio.timeout(self._policy.flush_s):
                if ending.close_code is None:
                    await self._socket.close(code=CloseCode.DRAINING, drain=False)
                else:
                    await self._sending.flush(ending)
                    await self._socket.close(code=ending.close_code)
        except (TimeoutError, ConnectionError):
            self._abort()
        self._advance(Input.FLUSHED)


def _input_of(request: ClientMessage) -> Input:
    """Name the input that a request is: its type on the wire."""
    return Input(str(type(request).__struct_config__.tag))
