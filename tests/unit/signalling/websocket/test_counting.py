"""Every connection is counted while it is open, and under the reason when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient

from relay.metrics.table import BAD_INPUT, WEBSOCKET_CLOSES, WEBSOCKETS
from relay.rooms.closings import closing
from tests.polling import until
from tests.unit.signalling.conversation import MakeToken, OpenSocket, ask, join
from tests.unit.signalling.fake_relay import FakeRelay


@dataclass
class Scene:
    """One open connection that may have joined."""

    socket: ClientWebSocketResponse
    relay: FakeRelay
    token: str

    async def join(self) -> None:
        await join(self.socket, self.token)


async def leaves(scene: Scene) -> None:
    await scene.join()
    await ask(scene.socket, type="leave", id=2)


async def is_cut(scene: Scene) -> None:
    await scene.join()
    connection = scene.socket._response.connection
    assert connection is not None
    assert connection.transport is not None
    connection.transport.abort()


async def closes_the_page(scene: Scene) -> None:
    await scene.join()
    await scene.socket.close()


async def loses_the_seat(scene: Scene) -> None:
    await scene.join()
    scene.relay.only_seat.mailbox.close(closing("replaced"))


async def has_no_right(scene: Scene) -> None:
    await join(scene.socket, scene.token[:-4] + "AAAA")


async def sends_bytes(scene: Scene) -> None:
    await scene.socket.send_bytes(b"{}")


async def sends_too_much(scene: Scene) -> None:
    await scene.socket.send_str("a" * 140_000)


async def breaks_the_framing(scene: Scene) -> None:
    await scene.socket._writer.send_frame(b"", WSMsgType.CONTINUATION)


@pytest.mark.parametrize(
    ("does", "reason", "bad_input"),
    [
        (leaves, "leave", None),
        (is_cut, "socket_lost", None),
        (closes_the_page, "socket_lost", None),
        (loses_the_seat, "seat_ended", None),
        (has_no_right, "token_refused", ("token", "wrong_signature")),
        (sends_bytes, "protocol_error", ("signalling", "binary")),
        (sends_too_much, "protocol_error", ("signalling", "too_large")),
        (breaks_the_framing, "protocol_error", ("signalling", "malformed")),
    ],
)
async def test_an_end_is_counted_under_its_reason(
    does: Callable[[Scene], Awaitable[None]],
    reason: str,
    bad_input: tuple[str, str] | None,
    open_socket: OpenSocket,
    make_token: MakeToken,
    relay: FakeRelay,
) -> None:
    scene = Scene(await open_socket(), relay, make_token())
    await does(scene)
    while does is not is_cut and not scene.socket.closed:
        await scene.socket.receive(timeout=5)
    closes = relay.tally.counters.setdefault(WEBSOCKET_CLOSES, {})
    await until(lambda: bool(closes))
    assert closes == {(reason,): 1}
    assert relay.tally.counters.get(BAD_INPUT, {}) == ({bad_input: 1} if bad_input else {})
    assert relay.tally.gauges[WEBSOCKETS] == {("waiting",): 0, ("seated",): 0, ("checking",): 0}


async def test_open_connections_are_counted(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    waits, sits = await open_socket(), await open_socket()
    await join(sits, make_token())
    counted = relay.tally.gauges[WEBSOCKETS]
    assert counted == {("waiting",): 1, ("seated",): 1, ("checking",): 0}
    async with asyncio.TaskGroup() as tasks:
        for socket in (waits, sits):
            tasks.create_task(socket.close())
    await until(lambda: not any(counted.values()))


async def test_requests_that_are_no_visavis_client_s_are_counted(
    client: TestClient[Any, Any], relay: FakeRelay
) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    for headers in ({"Origin": "https://elsewhere.example"}, {}):
        async with client.get("/v1/ws", headers={**upgrade, **headers}) as response:
            assert response.status in {400, 403}
    assert relay.tally.counters[BAD_INPUT] == {
        ("upgrade", "foreign_origin"): 1,
        ("upgrade", "no_subprotocol"): 1,
    }
