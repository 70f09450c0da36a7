"""One try to tell one event, over real HTTP: who answers is not trusted."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import time

import pytest
from aiohttp import web
from standardwebhooks.webhooks import Webhook

from relay.config import WebhooksConfig
from signalling.webhooks.delivery import Answer, Delivery, Outcome
from signalling.webhooks.outbox import Event
from tests.unit.signalling.webhooks.conftest import SECRET, Receiver
from tests.unit.signalling.webhooks.test_addresses import Names

EVENT = Event("msg_1", "a", b'{"type": "room.opened"}', 0.0)


def delivery(
    url: str, *, timeout_s: float = 5.0, allow_private: bool = True, resolver: Names | None = None
) -> Delivery:
    config = WebhooksConfig(
        url=url, allow_http=True, allow_private=allow_private, timeout_s=timeout_s
    )
    return Delivery(config, lambda: (base64.b64decode(SECRET[6:]),), time.time, resolver=resolver)


async def test_an_event_is_posted_signed_and_heard(receiver: Receiver) -> None:
    async with delivery(receiver.url) as deliver:
        assert await deliver(EVENT) == Answer(Outcome.HEARD)
    (headers,) = receiver.tries
    assert Webhook(SECRET).verify(EVENT.body, headers) == {"type": "room.opened"}
    assert headers["Content-Type"] == "application/json"
    assert "Cookie" not in headers


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    async def redirect(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, headers={"Location": receiver.url})

    receiver.answers.append(redirect)
    async with delivery(receiver.url) as deliver:
        assert (await deliver(EVENT)).outcome is Outcome.REFUSED
    assert len(receiver.tries) == 1


async def test_a_refusal_says_when_to_come_back(receiver: Receiver) -> None:
    async def busy(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, headers={"Retry-After": "120"})

    receiver.answers += [busy, 410]
    async with delivery(receiver.url) as deliver:
        assert await deliver(EVENT) == Answer(Outcome.REFUSED, 120.0)
        assert await deliver(EVENT) == Answer(Outcome.GONE)


async def test_an_endless_answer_is_cut_off(receiver: Receiver) -> None:
    cut = asyncio.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        finally:
            cut.set()

    receiver.answers.append(endless)
    async with delivery(receiver.url) as deliver:
        assert (await deliver(EVENT)).outcome is Outcome.HEARD
        await cut.wait()


async def test_an_answer_that_drips_is_given_up_in_time(receiver: Receiver) -> None:
    released = asyncio.Event()

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"x")
        await released.wait()
        return response

    receiver.answers.append(drip)
    async with delivery(receiver.url, timeout_s=0.2) as deliver:
        assert (await deliver(EVENT)).outcome is Outcome.UNREACHABLE
    released.set()


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 \xff\r\nA" * 10_000])
async def test_what_is_no_http_is_unreachable(answer: bytes) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, delivery(f"http://127.0.0.1:{port}/", timeout_s=2.0) as deliver:
        assert (await deliver(EVENT)).outcome is Outcome.UNREACHABLE


async def test_a_name_that_leads_inside_is_not_asked(receiver: Receiver) -> None:
    names = Names("127.0.0.1")
    url = f"http://clinic.example:{receiver.server.port}/"
    async with delivery(url, allow_private=False, resolver=names) as deliver:
        assert (await deliver(EVENT)).outcome is Outcome.UNREACHABLE
    assert names.asked >= 1
    assert receiver.tries == []


async def test_a_name_is_looked_up_once_for_each_connection(receiver: Receiver) -> None:
    names = Names("127.0.0.1")
    url = f"http://clinic.example:{receiver.server.port}/"
    async with delivery(url, resolver=names) as deliver:
        assert (await deliver(EVENT)).outcome is Outcome.HEARD
        names.addresses = ("192.0.2.1",)  # it changes its mind; the connection that is open stays
        assert (await deliver(EVENT)).outcome is Outcome.HEARD
    assert names.asked == 1
