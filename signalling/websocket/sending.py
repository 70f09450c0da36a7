"""The writing half of a connection: what is queued, pings, and whether the client takes either.

A client that is there and does not read is slow, one from which nothing comes is lost: the reader
sees the second, this half the first. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Final, Literal, Never

from aiohttp import WSMsgType, web

from signalling.messages import Pong, RelayMessage
from signalling.websocket.ending import Ending, goodbye
from signalling.websocket.heartbeat import Heartbeat
from signalling.websocket.outbox import Full, Outbox, encode
from signalling.websocket.policy import Policy
from signalling.websocket.states import Input

Socket = web.WebSocketResponse[Literal[False]]
"""Text arrives as bytes: what is not UTF-8 is answered, not punished with a close."""

PING_BYTES: Final = 4  # enough that a pong nobody asked for is not taken for an answer


class Sending:
    """What goes to one client."""

    def __init__(self, socket: Socket, policy: Policy) -> None:
        self._socket = socket
        self._policy = policy
        self._outbox = Outbox()
        self._clock = asyncio.get_running_loop()
        self._heartbeat = Heartbeat(policy, self._clock.time())

    def tell(self, message: RelayMessage) -> None:
        """Queue a message.

        Raises:
            Ending: The client has not taken enough of what was queued before.

        """
        try:
            self._outbox.put(message)
        except Full:
            raise _slow() from None
        if not isinstance(message, Pong):
            self._heartbeat.note_message()

    async def write(self) -> Never:
        """Send what is queued.

        Raises:
            Ending: The socket is lost, or takes nothing any more.

        """
        while True:
            await self._send(await self._outbox.take(), WSMsgType.TEXT)

    async def ping(self) -> Never:
        """Ping where something is to be proven, and see that the client answers.

        A pong repeats its ping (RFC 6455 §5.5.3), so an answer proves that what was sent before it
        was read; the kernel's buffers alone hold megabytes that nobody reads.

        Raises:
            Ending: The socket is lost, or a ping has been left unread for too long.

        """
        rest_s = self._policy.ping_s
        while True:
            await asyncio.sleep(rest_s)
            now_s = self._clock.time()
            if self._heartbeat.leaves_unread(now_s):
                raise _slow()
            rest_s = self._heartbeat.rest_s(now_s)
            if self._heartbeat.wants_ping(now_s):
                rest_s = self._policy.ping_s
                payload = secrets.token_bytes(PING_BYTES)
                self._heartbeat.note_ping(payload, now_s)
                await self._send(payload, WSMsgType.PING)

    async def pong(self, payload: bytes) -> None:
        """Answer the client's ping.

        Raises:
            Ending: The socket is lost, or takes nothing any more.

        """
        await self._send(payload, WSMsgType.PONG)

    def note_frame(self) -> None:
        """Take note that the client has sent something."""
        self._heartbeat.note_frame(self._clock.time())

    def note_pong(self, payload: bytes) -> None:
        """Take a pong; it answers its ping and all before it, or none."""
        self._heartbeat.note_pong(payload)

    def excuse(self, until_s: float) -> None:
        """Expect no pongs: it is the relay that does not read, for the client asks too fast."""
        self._heartbeat.excuse(until_s)

    async def flush(self, ending: Ending) -> None:
        """Send what is queued, unless the client does not read, and why it ends."""
        if ending.happening is not Input.SLOW_CONSUMER:
            while len(self._outbox):
                await self._socket.send_frame(self._outbox.take_now(), WSMsgType.TEXT)
        if ending.last_words is not None:
            await self._socket.send_frame(encode(ending.last_words), WSMsgType.TEXT)

    async def _send(self, payload: bytes, kind: WSMsgType) -> None:
        """Write one frame, in bounded time: it waits only while the socket takes nothing."""
        try:
            async with asyncio.timeout(self._policy.unread_s):
                await self._socket.send_frame(payload, kind)
        except TimeoutError:
            raise _slow() from None
        except ConnectionError:
            raise Ending(Input.SOCKET_LOST, None) from None


def _slow() -> Ending:
    return goodbye(Input.SLOW_CONSUMER, "slow_consumer")
