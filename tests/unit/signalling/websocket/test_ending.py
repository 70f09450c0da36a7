from __future__ import annotations

import asyncio
import gc

import pytest
from aiohttp.test_utils import TestClient, TestServer

from relay.config import RelayConfig
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from signalling.websocket.connection import Connection
from signalling.websocket.ending import Ending, ending_of
from signalling.websocket.states import Input
from tests.unit.signalling.conftest import MakeToken
from tests.unit.signalling.fake_relay import FakeRelay

LOST, LEFT = Ending(Input.SOCKET_LOST, None), Ending(Input.LEAVE, None)


def test_the_first_of_several_endings_counts() -> None:
    group = BaseExceptionGroup("tasks", [BaseExceptionGroup("tasks", [LOST]), LEFT])
    assert ending_of(group) is LOST
    assert ending_of(BaseExceptionGroup("tasks", [LEFT, LOST])) is LEFT


def test_a_failure_beside_an_ending_is_not_swallowed() -> None:
    with pytest.raises(ExceptionGroup) as failed:
        ending_of(BaseExceptionGroup("tasks", [LEFT, ZeroDivisionError("a fault")]))
    assert [str(each) for each in failed.value.exceptions] == ["a fault"]


async def test_what_served_a_connection_is_gone_with_it(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    """Without the collector's help, which stops the event loop for everybody."""
    app = create_app(RelayConfig(), relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        gc.collect()
        gc.disable()
        try:
            socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
            await socket.send_json({"type": "join", "id": 1, "token": make_token()})
            await socket.receive_json(timeout=5)
            assert len(connections()) == 1
            await socket.send_json({"type": "leave", "id": 2})
            while not socket.closed:
                await socket.receive(timeout=5)
            async with asyncio.timeout(5):
                while connections():
                    await asyncio.to_thread(int)
        finally:
            gc.enable()


def connections() -> list[Connection]:
    return [each for each in gc.get_objects() if isinstance(each, Connection)]
