from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import pytest
from aiohttp import web

from relay.errors import ConfigurationError
from relay.metrics.table import ANSWER_DURATION, WEBSOCKET_CLOSES
from relay.metrics.tally import Tally
from signalling import serve

if TYPE_CHECKING:
    from relay import Relay


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


@dataclass
class Consulting:
    """A relay with somebody in a room, who goes after a few looks."""

    looks: int

    def status(self) -> dict[str, float]:
        self.looks -= 1
        return {"participants": max(0, self.looks)}


@pytest.mark.parametrize(
    ("looks", "within_s", "told_again", "left"),
    [(5, 60.0, False, 0), (5, 0.0, False, 4), (5, 60.0, True, 4), (10**9, 0.05, False, None)],
    ids=["until they have gone", "not at all", "told again", "for a time at the most"],
)
async def test_a_relay_that_stops_lets_consultations_end(
    monkeypatch: pytest.MonkeyPatch,
    looks: int,
    within_s: float,
    told_again: bool,
    left: int | None,
) -> None:
    monkeypatch.setattr(serve, "LOOK_S", 0.001)
    relay, hurry = Consulting(looks), asyncio.Event()
    if told_again:
        hurry.set()
    async with asyncio.timeout(20):
        await serve.consulted_out(cast("Relay", relay), within_s, hurry)
    assert left is None or relay.looks == left


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
