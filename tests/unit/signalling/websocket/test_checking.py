"""Checks of devices and network over their own WebSocket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

from relay.config import ENVIRONMENT_TURN, RelayConfig, TurnConfig
from relay.errors import Ejected, Overloaded
from relay.metrics.table import WEBSOCKETS
from relay.precall import Checked, CheckResult, Finding, Outcome, PrecallVerdict
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages.checks import CHECK_SUBPROTOCOL
from signalling.websocket import checking
from tests.polling import until
from tests.unit.signalling.conversation import MakeToken, ask, close_code
from tests.unit.signalling.fake_relay import FakeRelay

Client = TestClient[Any, Any]
RESULT: dict[str, Any] = {
    "verdict": "limited",
    "findings": [{"of": "camera", "outcome": "bad", "code": "device_busy"}],
    "paths": [{"path": "udp", "works": True, "after_ms": 80}],
    "from_kbps": 900,
    "towards_kbps": 2800,
}


async def opened(client: Client) -> ClientWebSocketResponse:
    socket: ClientWebSocketResponse = await client.ws_connect(
        "/v1/check", protocols=(CHECK_SUBPROTOCOL,)
    )
    return socket


@pytest.fixture
async def socket(client: Client) -> AsyncIterator[ClientWebSocketResponse]:
    """A connection that has been greeted."""
    socket = await opened(client)
    hello = await socket.receive_json(timeout=5)
    assert hello["type"] == "hello"
    assert abs(hello["unix_ms"] / 1_000 - time.time()) < 60
    yield socket
    await socket.close()


async def test_a_check_from_its_beginning_to_its_end(
    socket: ClientWebSocketResponse, make_token: MakeToken, relay: FakeRelay
) -> None:
    begun = await ask(socket, type="begin", id=1, token=make_token(identity="somebody"))
    assert begun == {
        "type": "begun",
        "id": 1,
        "ice_servers": [],
        "max_kbps": 3_000,
        "duration_s": 2.0,
    }
    (check,) = relay.checks.begun
    assert check.who == "somebody"
    answer = await ask(socket, type="try_path", id=2, path="udp", sdp="v=0")
    assert answer == {"type": "answer", "id": 2, "sdp": "answer to v=0"}
    measured = await ask(socket, type="measure", id=3, path="udp", direction="from")
    assert measured == {
        "type": "measured",
        "id": 3,
        "received_bytes": 250_000,
        "duration_ms": 2_000,
        "kbps": 1_100,
    }
    towards = await ask(socket, type="measure", id=4, path="udp", direction="towards")
    assert "kbps" not in towards
    assert (await ask(socket, type="drop_path", id=5, path="udp"))["type"] == "ok"
    assert (await ask(socket, type="ping", id=6))["type"] == "pong"
    assert (await ask(socket, type="conclude", id=7, result=RESULT))["type"] == "ok"
    assert check.kept == [
        CheckResult(
            verdict=PrecallVerdict.LIMITED,
            findings=(Finding(of=Checked.CAMERA, outcome=Outcome.BAD, code="device_busy"),),
            paths=check.kept[0].paths,
            from_kbps=900,
            towards_kbps=2_800,
        )
    ]
    assert [call[0] for call in check.asked] == ["answer", "measure", "measure", "drop"]
    await socket.close()
    await until(lambda: check.is_closed)


async def test_a_check_is_counted_as_one_and_not_among_those_who_wait(
    socket: ClientWebSocketResponse, relay: FakeRelay
) -> None:
    counted = relay.tally.gauges[WEBSOCKETS]
    assert counted == {("waiting",): 0, ("seated",): 0, ("checking",): 1}
    await socket.close()
    await until(lambda: not any(counted.values()))


async def test_whoever_waits_checks_with_their_seat(
    socket: ClientWebSocketResponse, relay: FakeRelay
) -> None:
    relay.checks.seats["s-1"] = "secret"
    wrong = await ask(socket, type="begin", id=1, seat="s-1", secret="guessed")
    assert wrong["code"] == "wrong_secret"
    unknown = await ask(socket, type="begin", id=2, seat="s-2", secret="secret")
    assert unknown["code"] == "seat_unknown"
    neither = await ask(socket, type="begin", id=3, seat="s-1")
    assert neither["code"] == "invalid_message"
    assert (await ask(socket, type="begin", id=4, seat="s-1", secret="secret"))["type"] == "begun"


@pytest.mark.parametrize(("age_s", "code"), [(4_000, "token_expired"), (-4_000, "token_invalid")])
async def test_a_token_that_is_not_good_now_is_answered_then_closed(
    socket: ClientWebSocketResponse, make_token: MakeToken, age_s: float, code: str
) -> None:
    token = make_token(issued_at=time.time() - age_s)
    assert (await ask(socket, type="begin", id=1, token=token))["code"] == code
    assert await close_code(socket) == 4001


async def test_guessing_secrets_ends_with_the_connection(
    socket: ClientWebSocketResponse, relay: FakeRelay
) -> None:
    relay.checks.seats["s-1"] = "secret"
    for number in range(10):
        guess = await ask(socket, type="begin", id=number, seat="s-1", secret=str(number))
        assert guess["code"] == "wrong_secret"
    last = await ask(socket, type="begin", id=10, seat="s-1", secret="x")
    assert last["code"] == "limit_reached"
    assert await close_code(socket) == 4001


async def test_what_the_relay_refuses_is_answered_and_the_connection_lives(
    socket: ClientWebSocketResponse, make_token: MakeToken, relay: FakeRelay
) -> None:
    relay.checks.refusal = Ejected()
    assert (await ask(socket, type="begin", id=1, token=make_token()))["code"] == "ejected"
    relay.checks.refusal = None
    await ask(socket, type="begin", id=2, token=make_token())
    (check,) = relay.checks.begun
    check.refusal = Overloaded(retry_after_s=3.0)
    full = await ask(socket, type="measure", id=3, path="udp", direction="from")
    assert (full["code"], full["retry_after_s"]) == ("overloaded", 3.0)
    assert (await ask(socket, type="ping", id=4))["type"] == "pong"


async def test_nothing_is_done_out_of_turn(
    socket: ClientWebSocketResponse, make_token: MakeToken, relay: FakeRelay
) -> None:
    for request in (
        {"type": "try_path", "path": "udp", "sdp": "v=0"},
        {"type": "measure", "path": "udp", "direction": "from"},
        {"type": "conclude", "result": RESULT},
        {"type": "drop_path", "path": "udp"},
    ):
        assert (await ask(socket, id=1, **request))["code"] == "conflict"
    await ask(socket, type="begin", id=2, token=make_token())
    again = await ask(socket, type="begin", id=3, token=make_token())
    assert again["code"] == "conflict"
    assert len(relay.checks.begun) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "splendid"},
        {"findings": RESULT["findings"] * 17},
        {"findings": [{"of": "camera", "outcome": "bad", "code": "a name"}]},
        {"findings": [{"of": "camera", "outcome": "bad", "code": "fine", "label": "HD Webcam"}]},
        {"paths": RESULT["paths"] * 9},
        {"from_kbps": -1},
        {"from_kbps": 10**7},
        {"rtt_ms": 1e9},
        {"clock_offset_s": 2**50},
        {"browser": "Mozilla/5.0"},
        {"notes": "anything"},
    ],
)
async def test_a_result_that_says_more_than_it_may_is_refused(
    socket: ClientWebSocketResponse, make_token: MakeToken, relay: FakeRelay, wrong: dict[str, Any]
) -> None:
    await ask(socket, type="begin", id=1, token=make_token())
    refused = await ask(socket, type="conclude", id=2, result={**RESULT, **wrong})
    assert refused["code"] == "invalid_message"
    assert "HD Webcam" not in json.dumps(refused)
    assert "Mozilla" not in json.dumps(refused)
    assert relay.checks.begun[0].kept == []
    assert (await ask(socket, type="conclude", id=3, result=RESULT))["type"] == "ok"


async def test_what_is_no_request_is_answered_and_counted(
    socket: ClientWebSocketResponse, relay: FakeRelay
) -> None:
    for text in ("", "{", "[]", '{"type": "join", "id": 1, "token": "t"}', '{"type": 1}'):
        await socket.send_str(text)
        assert (await socket.receive_json(timeout=5))["type"] == "error"
    counted = [series for metric, series in relay.tally.counters.items() if "bad" in metric.name]
    assert sum(counted[0].values()) == 5


async def test_a_binary_frame_ends_it(socket: ClientWebSocketResponse) -> None:
    await socket.send_bytes(b"\0")
    assert await close_code(socket) == 4003


async def test_a_check_ends_with_its_time(
    client: Client, make_token: MakeToken, relay: FakeRelay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST_S", 0.2)
    socket = await opened(client)
    await socket.receive_json(timeout=5)
    await ask(socket, type="begin", id=1, token=make_token())
    assert await close_code(socket) == 1000
    assert relay.checks.begun[0].is_closed


async def test_whoever_does_not_say_whose_check_it_is_keeps_no_place(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "BEGIN_WITHIN_S", 0.2)
    socket = await opened(client)
    assert (await socket.receive_json(timeout=5))["type"] == "hello"
    assert await close_code(socket) == 4004


async def test_a_relay_that_stops_ends_its_checks(
    client: Client, socket: ClientWebSocketResponse, make_token: MakeToken, relay: FakeRelay
) -> None:
    await ask(socket, type="begin", id=1, token=make_token())
    assert client.app is not None
    await client.app.shutdown()
    assert await close_code(socket) == 1001
    await until(lambda: relay.checks.begun[0].is_closed)
    with pytest.raises(WSServerHandshakeError) as refused:
        await opened(client)
    assert refused.value.status == 503


async def test_foreign_pages_and_other_protocols_are_refused(client: Client) -> None:
    cases: list[tuple[dict[str, Any], int]] = [
        ({"protocols": (CHECK_SUBPROTOCOL,), "origin": "https://evil.example"}, 403),
        ({"protocols": ("visavis.v1",)}, 400),
    ]
    for options, status in cases:
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect("/v1/check", **options)
        assert refused.value.status == status


async def test_a_flood_of_requests_is_read_slowly(socket: ClientWebSocketResponse) -> None:
    began_s = time.monotonic()
    for number in range(checking.BURST + 2):
        await socket.send_json({"type": "ping", "id": number})
    async with asyncio.timeout(10):
        for _ in range(checking.BURST + 2):
            assert (await socket.receive_json())["type"] == "pong"
    assert time.monotonic() - began_s >= 1 / checking.REQUESTS_PER_S


async def test_each_check_is_given_turn_servers_under_a_name_of_its_own(
    config: RelayConfig,
    relay: FakeRelay,
    keys: KeyRing,
    make_token: MakeToken,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ENVIRONMENT_TURN, "s" * 32)
    turning = msgspec.structs.replace(config, turn=TurnConfig(urls=("turn:turn.example",)))
    names: list[str] = []
    async with TestClient(TestServer(create_app(turning, relay.as_relay(), keys=keys))) as client:
        for _ in range(2):
            socket = await opened(client)
            assert (await socket.receive_json(timeout=5))["type"] == "hello"
            begun = await ask(socket, type="begin", id=1, token=make_token())
            (server,) = begun["ice_servers"]
            assert server["urls"] == ["turn:turn.example"]
            assert server["credential"]
            names.append(server["username"])
            await socket.close()
    assert names[0] != names[1]
