"""The writing half of a connection: what is queued, pings, and whether the client takes either.

A client that is there and does not read is slow, one from which nothing comes is lost: the reader
sees the second, this half the first. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import deque
from collections.abc import AsyncIterator
from typing import Final, Literal, Never

from aiohttp import WSMsgType, web

from signalling.messages import RelayMessage
from signalling.websocket.ending import Ending, goodbye
from signalling.websocket.outbox import Full, Outbox, encode
from signalling.websocket.policy import Policy
from signalling.websocket.states import Input

Socket = web.WebSocketResponse[Literal[False]]
"""Text arrives as bytes: what is not UTF-8 is answered, not punished with a close."""

PING_BYTES: Final = 4  # enough that a pong nobody asked for is not taken for an answer


class Sending:
    """What goes to one client."""

    def __init__(self, socket: Socket, policy: Policy) -> None:
        """Prepare to write.

        Args:
            socket: Upgraded, with pings left to us.
            policy: Times and sizes.

        """
        self._socket = socket
        self._policy = policy
        self._outbox = Outbox()
        self._unanswered: deque[tuple[bytes, float]] = deque()
        self._excused_until_s = 0.0
        self._listens_since_s: float | None = None
        self._waits = False
        self._ending: Ending | None = None
        self._pinging: asyncio.Timeout | None = None
        self._changed = asyncio.Event()

    @property
    def _period_s(self) -> float:
        return self._policy.waiting_ping_s if self._waits else self._policy.ping_s

    @property
    def _most_silence_s(self) -> float:
        return self._policy.waiting_silence_s if self._waits else self._policy.silence_s

    def keep_pace(self, *, waits: bool) -> None:
        """Ping as often as it takes for somebody who waits, or is in the room.

        A change begins with a ping, so that its answer comes within either's silence.
        """
        if self._waits is not waits:
            self._waits = waits
            if self._listens_since_s is not None:
                # What was quiet enough at the pace of before is no silence at this one.
                self.begin_listening()
            self._changed.set()

    def begin_listening(self) -> None:
        """Count the client's silence from now on: the reader waits for a frame.

        It is looked at with each ping, and when it would be too long: that costs less than a timer
        with each frame.
        """
        self._listens_since_s = asyncio.get_running_loop().time()

    def end_listening(self) -> None:
        """Count no silence: it is the relay that does not read."""
        self._listens_since_s = None

    def end(self, ending: Ending) -> None:
        """Have the pings end the connection, for a reason that none of its tasks has seen.

        At once, also while one of them waits for a client that takes nothing.
        """
        self._ending = ending
        self._changed.set()
        if self._pinging is not None and not self._pinging.expired():
            self._pinging.reschedule(asyncio.get_running_loop().time())

    def tell(self, message: RelayMessage) -> None:
        """Queue a message.

        Raises:
            Ending: The client has not taken enough of what was queued before.

        """
        try:
            self._outbox.put(message)
        except Full:
            raise _slow() from None

    async def write(self) -> Never:
        """Send what is queued.

        Raises:
            Ending: The socket is lost, or takes nothing any more.

        """
        while True:
            text = await self._outbox.take()
            async with self._bounded():
                await self._socket.send_frame(text, WSMsgType.TEXT)

    async def ping(self) -> Never:
        """Ping, and see that the client answers.

        A pong repeats its ping (RFC 6455 §5.5.3), so an answer proves that what was sent before it
        was read; the kernel's buffers alone hold megabytes that nobody reads.

        Raises:
            Ending: The socket is lost, nothing has come for too long, a ping has been left unread
                for too long, or somebody else has given a reason.

        """
        clock = asyncio.get_running_loop()
        while True:
            await self._rest()
            if self._ending is not None:
                raise self._ending
            if self._is_silent(clock.time()):
                raise Ending(Input.SOCKET_LOST, None)
            if self._unanswered and self._is_late(clock.time() - self._unanswered[0][1]):
                raise _slow()
            payload = secrets.token_bytes(PING_BYTES)
            if clock.time() >= self._excused_until_s:
                self._unanswered.append((payload, clock.time()))
            try:
                # Not by a name of its own: it knows the task, whose end would hold this frame.
                async with self._bounded() as self._pinging:
                    await self._socket.ping(payload)
            finally:
                self._pinging = None

    async def pong(self, payload: bytes) -> None:
        """Answer the client's ping.

        Raises:
            Ending: The socket is lost, or takes nothing any more.

        """
        async with self._bounded():
            await self._socket.pong(payload)

    def note_pong(self, payload: bytes) -> None:
        """Take a pong; it answers its ping and all before it, or none."""
        if any(payload == asked for asked, _ in self._unanswered):
            while self._unanswered.popleft()[0] != payload:
                pass

    def excuse(self, until_s: float) -> None:
        """Expect no pongs: it is the relay that does not read, for the client asks too fast."""
        self._unanswered.clear()
        self._excused_until_s = until_s

    async def flush(self, ending: Ending) -> None:
        """Send what is queued, unless the client does not read, and why it ends."""
        if ending.happening is not Input.SLOW_CONSUMER:
            while len(self._outbox):
                await self._socket.send_frame(self._outbox.take_now(), WSMsgType.TEXT)
        if ending.last_words is not None:
            await self._socket.send_frame(encode(ending.last_words), WSMsgType.TEXT)

    async def _rest(self) -> None:
        """Wait until the next ping is due, a silence is too long, or the pace has changed."""
        rest_s = self._period_s
        if self._listens_since_s is not None:
            silent_s = asyncio.get_running_loop().time() - self._listens_since_s
            rest_s = min(rest_s, max(0.0, self._most_silence_s - silent_s))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(rest_s):
                await self._changed.wait()
        self._changed.clear()

    def _is_late(self, age_s: float) -> bool:
        # Half a period of grace: the ping of two periods ago is that old, give or take a moment.
        most_s = max(self._policy.unread_s, 2 * self._period_s)
        return age_s + self._period_s / 2 >= most_s

    def _is_silent(self, now_s: float) -> bool:
        """Whether a client that answers pings at the least has said nothing for too long."""
        since_s = self._listens_since_s
        return since_s is not None and now_s - since_s >= self._most_silence_s

    @contextlib.asynccontextmanager
    async def _bounded(self) -> AsyncIterator[asyncio.Timeout]:
        """Bound one write: it waits only while the socket takes nothing."""
        try:
            async with asyncio.timeout(self._policy.unread_s) as bound:
                yield bound
        except TimeoutError:
            raise self._ending or _slow() from None
        except ConnectionError:
            raise Ending(Input.SOCKET_LOST, None) from None


def _slow() -> Ending:
    return goodbye(Input.SLOW_CONSUMER, "slow_consumer")
