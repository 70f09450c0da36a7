from __future__ import annotations

import asyncio
import socket

import pytest
from aiohttp import web

from relay.errors import ConfigurationError
from relay.metrics.table import ANSWER_DURATION, WEBSOCKET_CLOSES
from relay.metrics.tally import Tally
from signalling import serve


@pytest.mark.parametrize("sent", [b"", b"GET /slow HTTP/1.1\r\nHost: relay\r\nX: "])
async def test_who_sends_no_whole_request_is_closed_in_time(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "IDLE_S", 0.1)
    async with serve._listening(web.Application(), "127.0.0.1", 0, "signalling") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()


async def test_headers_that_trickle_do_not_buy_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "IDLE_S", 0.2)
    async with serve._listening(web.Application(), "127.0.0.1", 0, "signalling") as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n")
        async with asyncio.timeout(5):
            while not reader.at_eof():
                writer.write(b"X: y\r\n")
                try:
                    async with asyncio.timeout(0.01):
                        await reader.read(1)
                except TimeoutError:
                    continue
                except ConnectionError:
                    break
        writer.close()


def test_sockets_that_end_and_offers_that_are_answered_leave_something_behind() -> None:
    tally = Tally()
    assert serve.turnover(tally) == 0
    tally.count(WEBSOCKET_CLOSES, reason="leave")
    tally.count(WEBSOCKET_CLOSES, 2, reason="draining")
    tally.observe(ANSWER_DURATION, 0.002)
    tally.observe(ANSWER_DURATION, 0.2)
    assert serve.turnover(tally) == 5


async def test_a_port_in_use_is_named_with_the_key_that_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError) as refused:
            async with serve._listening(web.Application(), "127.0.0.1", port, "metrics"):
                pass
    assert refused.value.words == f"Port {port} on 127.0.0.1 is already in use."
    assert refused.value.action.endswith("with metrics.port.")


async def test_an_address_that_is_not_this_machine_s_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.77 cannot be opened"):
        async with serve._listening(web.Application(), "192.0.2.77", 0, "signalling"):
            pass
