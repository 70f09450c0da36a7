"""The WebSocket protocol as a foreigner reads it in docs/protocol.md: aiohttp and JSON."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING, Any

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REPLY_TIMEOUT_S = 5.0


class Refused(Exception):  # noqa: N818 - the protocol calls it an error; a test calls it an answer
    """The relay's `error` reply."""

    def __init__(self, reply: dict[str, Any]) -> None:
        self.code: str = reply["code"]
        self.words: str = reply["words"]
        self.action: str = reply["action"]
        super().__init__(self.code)


class WebSocketClient:
    """One socket: requests with their replies, and everything else in order of arrival."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._arrived = asyncio.Condition()
        self.messages: list[dict[str, Any]] = []
        self.closed = asyncio.Event()

    @property
    def close_code(self) -> int | None:
        """Why the relay closed."""
        return self._socket.close_code

    async def request(self, kind: str, **fields: object) -> dict[str, Any]:
        """Send a request and give its reply.

        Raises:
            Refused: The reply is an `error`.

        """
        key = next(self._ids)
        reply = self._replies[key] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"type": kind, "id": key, **fields})
        async with asyncio.timeout(REPLY_TIMEOUT_S):
            message: dict[str, Any] = await reply
        if message["type"] == "error":
            raise Refused(message)
        return message

    async def send_raw(self, text: str | bytes) -> None:
        """Send a frame as it is: text for `str`, binary for `bytes`."""
        if isinstance(text, bytes):
            await self._socket.send_bytes(text)
        else:
            await self._socket.send_str(text)

    async def until(self, kind: str, *, within_s: float = 10.0, **fields: object) -> dict[str, Any]:
        """Wait for a message of the kind whose fields are these; those that came already count."""
        async with asyncio.timeout(within_s), self._arrived:
            while True:
                for message in self.messages:
                    if message["type"] == kind and fields.items() <= message.items():
                        return message
                await self._arrived.wait()

    async def read(self) -> None:
        """Read until the relay closes."""
        async for frame in self._socket:
            message = frame.json()
            waiting = self._replies.pop(message.get("id", -1), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
                continue
            async with self._arrived:
                self.messages.append(message)
                self._arrived.notify_all()
        self.closed.set()
        for waiting in self._replies.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError(f"closed with {self.close_code}"))


@contextlib.asynccontextmanager
async def websocket_client(
    url: str, *, origin: str | None = None, source: str = "127.0.0.1"
) -> AsyncIterator[WebSocketClient]:
    """Open a socket until the block ends, as a page of `origin`, from the address `source`."""
    headers = {"Origin": origin} if origin else {}
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=(source, 0))) as session,
        session.ws_connect(url, protocols=["visavis.v1"], headers=headers) as socket,
    ):
        client = WebSocketClient(socket)
        reader = asyncio.create_task(client.read(), name="websocket client")
        try:
            yield client
        finally:
            await socket.close()
            await reader
