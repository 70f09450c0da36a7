"""Who has no right to anything learns nothing: not from tokens, logs or cookies."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient
from structlog.testing import capture_logs

from relay.errors import CallerError
from relay.rooms.permissions import Role
from signalling import serve
from signalling.messages import SUBPROTOCOL
from signalling.untrusted_json import parse_untrusted
from tests.unit.signalling.conversation import MakeToken, ask, close_code

Client = TestClient[Any, Any]


def test_a_token_holds_what_a_join_needs_and_no_secret(make_token: MakeToken) -> None:
    head, body, _ = make_token(Role.PATIENT, identity="pseudonym").split(".")
    read = [json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body)]
    assert set(read[0]) == {"alg", "kid", "typ"}
    assert set(read[1]) == {
        *("iss", "aud", "sub", "room", "role", "grants", "iat", "nbf", "exp", "jti", "url")
    }
    assert set(read[1]["grants"]) == {"publish", "subscribe", "data", "open_room"}


async def test_an_address_that_was_asked_for_is_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with capture_logs() as lines:
        async with (
            serve._listening(web.Application(), "127.0.0.1", 0, "signalling") as port,
            ClientSession() as session,
            session.get(f"http://127.0.0.1:{port}/v1/ws?token=a.secret.token") as response,
        ):
            assert response.status == 404
    assert "secret" not in caplog.text + repr(lines)


async def test_a_cookie_is_no_credential(client: Client, make_token: MakeToken) -> None:
    cookie = {"Cookie": f"token={make_token()}; session={make_token()}"}
    foreign = {"Origin": "https://elsewhere.example", **cookie}
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    async with client.get("/v1/ws", headers={**upgrade, **foreign}) as response:
        assert response.status == 403
        assert "Set-Cookie" not in response.headers
    socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,), headers=cookie)
    answer = await ask(socket, type="publish", id=1, tracks={})
    assert answer["code"] == "not_joined"
    assert (await ask(socket, type="leave", id=2))["type"] == "ok"
    assert await close_code(socket) == 1000


@pytest.mark.parametrize(
    "text_of",
    [
        lambda size: b"{" + b",".join(b'"%d":1' % number for number in range(size // 9)) + b"}",
        lambda size: b"[" + b",".join(b'{"a":[]}' for _ in range(size // 9)) + b"]",
        lambda size: b"[" + b"1," * (size // 2 - 2) + b"1]",
        lambda size: b'"' + b"\\u0041" * (size // 6 - 2) + b'"',
        lambda size: b'"' + b"\\" * (size - 2),
        lambda size: b"[" * size,
        lambda size: b"-" * size,
    ],
    ids=["keys", "objects", "numbers", "escapes", "backslashes", "brackets", "signs"],
)
def test_what_a_message_costs_grows_with_its_size_and_no_faster(
    text_of: Callable[[int], bytes],
) -> None:
    whole, quarter = [_least_cost_ns(text_of(size)) for size in (65_536, 16_384)]
    # Four times the bytes: quadratic work would be sixteen times the cost.
    assert whole < 10 * quarter + 1_000_000


def _least_cost_ns(text: bytes) -> int:
    assert len(text) <= 65_536
    costs_ns = []
    for _ in range(7):
        began_ns = time.thread_time_ns()
        with suppress(CallerError):
            parse_untrusted(text, max_bytes=65_536)
        costs_ns.append(time.thread_time_ns() - began_ns)
    return min(costs_ns)
