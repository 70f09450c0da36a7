"""How the tests speak with the relay over a WebSocket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

OpenSocket = Callable[..., Awaitable[ClientWebSocketResponse]]
MakeToken = Callable[..., str]


async def ask(socket: ClientWebSocketResponse, **message: Any) -> Any:
    await socket.send_json(message)
    return await socket.receive_json(timeout=5)


async def join(socket: ClientWebSocketResponse, token: str, **options: Any) -> Any:
    return await ask(socket, type="join", id=1, token=token, **options)


async def close_code(socket: ClientWebSocketResponse) -> int | None:
    message = await socket.receive(timeout=5)
    assert message.type is WSMsgType.CLOSE, message
    return socket.close_code
