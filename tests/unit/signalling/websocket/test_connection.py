from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from relay.charts.facts import Network
from relay.config import RelayConfig, SignallingConfig
from relay.errors import EngineFailed, InvalidOffer, NegotiationFailed, NotAllowed
from relay.ids import ParticipantId
from relay.metrics.table import BAD_INPUT
from relay.rooms.events import (
    MessageRefused,
    ParticipantChanged,
    SpeakingChanged,
)
from relay.rooms.permissions import Source
from relay.trouble import Playing, Sending
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from tests.polling import until
from tests.unit.signalling.conversation import MakeToken, OpenSocket, ask, close_code, join
from tests.unit.signalling.fake_relay import FakeRelay


@asynccontextmanager
async def running(
    relay: FakeRelay, keys: KeyRing, **signalling: Any
) -> AsyncIterator[ClientWebSocketResponse]:
    config = RelayConfig(signalling=SignallingConfig(**signalling))
    app = create_app(config, relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        yield await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))


async def test_every_request_of_a_seat_is_performed_and_answered(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    offer = {"sdp": "v=0", "fresh": True, "tracks": {"0": "microphone"}}
    assert await ask(socket, type="offer", id=2, **offer) == {
        "type": "answer",
        "id": 2,
        "sdp": "answer to v=0",
    }
    published = await ask(socket, type="publish", id=3, tracks={"1": "camera"})
    assert published["type"] == "published"
    assert published["tracks"][0]["kind"] == "video"
    assert await ask(socket, type="unpublish", id=4, track="t-1") == {"type": "ok", "id": 4}
    assert await ask(socket, type="mute", id=5, track="t-2", muted=True) == {"type": "ok", "id": 5}
    assert await ask(socket, type="subscribe", id=6, track="t-3", wanted=False) == {
        "type": "ok",
        "id": 6,
    }
    for keeps in ("motion", None):
        assert await ask(socket, type="mark", id=7, track="t-4", keeps=keeps) == {
            "type": "ok",
            "id": 7,
        }
    said = {"sending": {"t-2": "idle"}, "playing": {"t-3": "refused"}}
    assert await ask(socket, type="health", id=8, **said) == {"type": "ok", "id": 8}
    more: tuple[dict[str, Any], ...] = (
        {"received": {"t-3": {"made_up_ms": 40}, "t-9": {"frozen_ms": 300}}},
        {"network": {"transport": "tcp", "relayed": False, "ip": 6}},
        {"stood": {"began_ms_ago": 9_000, "ended_ms_ago": 40}},
    )
    for each in more:
        heard = await ask(socket, type="health", id=9, sending={}, playing={}, **each)
        assert heard == {"type": "ok", "id": 9}
    assert await ask(socket, type="ping", id=7) == {"type": "pong", "id": 7}
    assert relay.only_seat.asked == [
        ("negotiate", "v=0", {"0": Source.MICROPHONE}, True),
        ("publish", {"1": Source.CAMERA}),
        ("unpublish", "t-1"),
        ("mute", "t-2", True),
        ("subscribe", "t-3", False),
        ("mark", "t-4", "motion"),
        ("mark", "t-4", None),
        ("report", {"t-2": Sending.IDLE}, {"t-3": Playing.REFUSED}),
        ("report", {}, {}),
        ("note_received", None, 40, 300),
        ("report", {}, {}),
        ("note_received", Network("tcp", relayed=False, ip=6), 0, 0),
        ("report", {}, {}),
        ("note_stood", 9_000, 40),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":"offer","id":9,"sdp":"v=0","fresh":true,"tracks":{}}',
        '{"type":"nonsense","id":9}',
        '{"type":"join","id":9}',
        "not json",
        "[" * 40,
        '{"type":"ping","id":1,"id":2}',
        '{"type":"ping","id":NaN}',
    ],
)
async def test_a_bad_message_is_answered_and_the_connection_lives(
    frame: str, open_socket: OpenSocket, make_token: MakeToken
) -> None:
    socket = await open_socket()
    await socket.send_str(frame)
    error = await socket.receive_json(timeout=5)
    assert error["type"] == "error"
    assert error["words"]
    assert error["action"]
    assert (await join(socket, make_token()))["type"] == "joined"


async def test_bytes_that_are_not_utf8_are_answered_and_the_connection_lives(
    open_socket: OpenSocket,
) -> None:
    socket = await open_socket()
    await socket._writer.send_frame(b'{"type":"\xff"}', WSMsgType.TEXT)
    assert (await socket.receive_json(timeout=5))["code"] == "invalid_message"
    assert (await ask(socket, type="ping", id=1))["type"] == "pong"


async def test_a_request_the_relay_refuses_is_an_error_reply_and_the_connection_lives(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    for number, (refusal, code) in enumerate(
        [
            (NotAllowed(), "not_allowed"),
            (InvalidOffer("Too many media lines."), "invalid_offer"),
            (NegotiationFailed("no_codec"), "invalid_offer"),
            (EngineFailed(), "internal"),
        ]
    ):
        relay.only_seat.refusal = refusal
        error = await ask(socket, type="publish", id=number, tracks={"0": "camera"})
        assert (error["type"], error["id"], error["code"]) == ("error", number, code)
        assert error["words"] == refusal.words
    assert (await ask(socket, type="publish", id=9, tracks={}))["type"] == "published"


async def test_what_happens_in_the_room_is_told_in_order(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    mailbox = relay.only_seat.mailbox
    mailbox.put(ParticipantChanged(ParticipantId("p-1"), connected=False))
    mailbox.put(SpeakingChanged(ParticipantId("p-2"), speaking=True))
    mailbox.put(MessageRefused("not_allowed", "w", "a"))
    mailbox.put(MessageRefused("a code of the future", "w", "a"))
    assert [await socket.receive_json(timeout=5) for _ in range(4)] == [
        {"type": "participant_changed", "participant": "p-1", "connected": False},
        {"type": "speaking", "participant": "p-2", "speaking": True},
        {"type": "error", "code": "not_allowed", "words": "w", "action": "a"},
        {"type": "error", "code": "internal", "words": "w", "action": "a"},
    ]


async def test_a_binary_frame_is_a_protocol_error(open_socket: OpenSocket) -> None:
    socket = await open_socket()
    await socket.send_bytes(b'{"type":"ping","id":1}')
    assert (await socket.receive_json(timeout=5))["code"] == "protocol_error"
    assert await close_code(socket) == 4003


async def test_a_message_of_the_largest_size_is_read_and_a_larger_one_closes_1009(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    empty = '{"type":"offer","id":1,"sdp":"","fresh":true,"tracks":{}}'
    largest = empty.replace('""', '"' + "a" * (131_072 - len(empty)) + '"')
    assert len(largest) == 131_072
    await socket.send_str(largest)
    assert (await socket.receive_json(timeout=5))["type"] == "answer"
    await socket.send_str(largest + " ")
    assert await close_code(socket) == 1009
    assert relay.only_seat.left is None


async def test_three_megabytes_are_refused_by_their_header(open_socket: OpenSocket) -> None:
    socket = await open_socket(max_msg_size=0)
    await socket.send_str("a" * 3_000_000)
    assert await close_code(socket) == 1009


async def test_bad_input_is_counted_by_reason(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await ask(socket, type="nonsense", id=1)
    await ask(socket, type="mute", id=2, track="t", muted=True)
    await join(socket, make_token()[:-4] + "AAAA")
    await close_code(socket)
    assert relay.tally.counters[BAD_INPUT] == {
        ("signalling", "unknown_type"): 1,
        ("signalling", "not_joined"): 1,
        ("token", "wrong_signature"): 1,
    }


async def test_who_does_not_join_in_time_is_closed_4004(relay: FakeRelay, keys: KeyRing) -> None:
    async with running(relay, keys, join_timeout_s=0.05) as socket:
        assert await close_code(socket) == 4004


async def test_who_has_joined_stays_beyond_the_time_to_join(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    async with running(relay, keys, join_timeout_s=0.2) as socket:
        await join(socket, make_token())
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.3)
        assert (await ask(socket, type="ping", id=2))["type"] == "pong"


async def test_stopping_tells_everybody_and_keeps_their_seats(
    relay: FakeRelay, keys: KeyRing, make_token: MakeToken
) -> None:
    app = create_app(RelayConfig(), relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        joined_socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        waiting_socket = await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))
        await join(joined_socket, make_token())
        began_s = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(app.shutdown())
            for socket in (joined_socket, waiting_socket):
                told = await socket.receive_json(timeout=5)
                assert (told["type"], told["code"]) == ("closing", "draining")
                assert await close_code(socket) == 1001
        assert time.monotonic() - began_s < 2
        assert relay.only_seat.left is None
        async with client.get("/readyz") as response:
            assert response.status == 503


async def test_a_client_that_does_not_read_is_closed_and_its_seat_kept(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    seat = relay.only_seat
    connection = socket._response.connection
    assert connection is not None
    transport = connection.transport
    assert transport is not None
    transport.pause_reading()
    told = 0
    while seat.attached:
        seat.mailbox.put(MessageRefused("overloaded", "w" * 60_000, "a"))
        told += 1
        await asyncio.to_thread(int)
        assert told < 2_000, "the relay holds more than it may"
    await until(lambda: not seat.attached)
    assert seat.left is None
    transport.abort()


async def test_a_flood_is_slowed_and_every_message_is_still_answered(
    open_socket: OpenSocket,
) -> None:
    socket = await open_socket()
    began_s = time.monotonic()
    for number in range(110):
        await socket.send_json({"type": "ping", "id": number})
    replies = [await socket.receive_json(timeout=5) for _ in range(110)]
    assert [reply["id"] for reply in replies] == list(range(110))
    assert time.monotonic() - began_s > 0.3


async def test_no_log_line_holds_what_passes_through(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    token = make_token(identity="jeanne-martin")
    with capture_logs() as lines:
        socket = await open_socket()
        joined = await join(socket, token)
        await ask(socket, type="offer", id=2, sdp="v=0 a=ice-pwd", fresh=True, tracks={})
        relay.only_seat.refusal = EngineFailed()
        await ask(socket, type="mute", id=3, track="t-secret", muted=True)
        await ask(socket, type="leave", id=4)
        other = await open_socket()
        await join(other, token[:-4] + "AAAA")
        await close_code(other)
    shown = msgspec.json.encode(lines, enc_hook=repr).decode()
    assert "a token was refused" in shown
    for personal in (token, "jeanne", "ice-pwd", joined["secret"], joined["seat"], "127.0.0.1"):
        assert personal not in shown
