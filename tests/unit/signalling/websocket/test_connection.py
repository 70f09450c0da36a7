from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from relay.config import RelayConfig, SignallingConfig
from relay.errors import EngineFailed, InvalidOffer, NegotiationFailed, NotAllowed
from relay.ids import ParticipantId
from relay.metrics.table import BAD_INPUT
from relay.rooms.events import (
    MessageRefused,
    ParticipantChanged,
    SpeakingChanged,
    closing,
)
from relay.rooms.permissions import Role, Source
from signalling.app import create_app
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL
from tests.unit.signalling.fake_relay import FakeRelay

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


async def until(condition: Callable[[], bool]) -> None:
    """Let the server's tasks run until something is so; the test's own timeout bounds it."""
    while not condition():
        await asyncio.to_thread(int)


@asynccontextmanager
async def running(
    relay: FakeRelay, keys: KeyRing, **signalling: Any
) -> AsyncIterator[ClientWebSocketResponse]:
    config = RelayConfig(signalling=SignallingConfig(**signalling))
    app = create_app(config, relay.as_relay(), keys=keys)
    async with TestClient(TestServer(app)) as client:
        yield await client.ws_connect("/v1/ws", protocols=(SUBPROTOCOL,))


async def test_a_join_is_answered_with_a_seat_and_the_room(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    assert socket.protocol == SUBPROTOCOL
    joined = await join(socket, make_token(), client="tests")
    seat = relay.only_seat
    assert joined == {
        "type": "joined",
        "id": 1,
        "protocol": 1,
        "resumed": False,
        "seat": seat.id,
        "secret": seat.resume_secret,
        "participant": seat.participant,
        "role": "practitioner",
        "room": {"participants": []},
        "ice_servers": [],
        "keep_s": 120.0,
        "slots": {"audio": 2, "video": 3},
    }


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
    assert await ask(socket, type="ping", id=7) == {"type": "pong", "id": 7}
    assert relay.only_seat.asked == [
        ("negotiate", "v=0", {"0": Source.MICROPHONE}, True),
        ("publish", {"1": Source.CAMERA}),
        ("unpublish", "t-1"),
        ("mute", "t-2", True),
        ("subscribe", "t-3", False),
    ]


async def test_leaving_is_answered_and_closes(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    assert await ask(socket, type="leave", id=2) == {"type": "ok", "id": 2}
    assert await close_code(socket) == 1000
    assert relay.only_seat.left == "left"


async def test_leaving_before_joining_is_answered_and_closes(open_socket: OpenSocket) -> None:
    socket = await open_socket()
    assert (await ask(socket, type="leave", id=2))["type"] == "ok"
    assert await close_code(socket) == 1000


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


async def test_an_unknown_room_is_refused_and_the_connection_lives(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    token = make_token(Role.PATIENT, open_room=False)
    assert (await join(socket, token))["code"] == "unknown_room"
    relay.open_rooms.add("room-1")
    assert (await join(socket, token))["type"] == "joined"


async def test_a_second_join_on_one_connection_is_refused(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    assert (await join(socket, make_token()))["code"] == "already_joined"
    resume = await ask(socket, type="resume", id=3, seat="s", secret="s")
    assert resume["code"] == "already_joined"
    assert len(relay.seats) == 1


@pytest.mark.parametrize(
    ("age_s", "code"), [(0, "joined"), (4_000, "token_expired"), (-4_000, "token_invalid")]
)
async def test_a_token_that_is_not_good_now_is_answered_then_closed_4001(
    age_s: float, code: str, open_socket: OpenSocket, make_token: MakeToken
) -> None:
    socket = await open_socket()
    answer = await join(socket, make_token(issued_at=time.time() - age_s))
    assert answer.get("code", answer["type"]) == code
    if code != "joined":
        assert await close_code(socket) == 4001


async def test_the_answer_to_a_bad_token_is_constant_until_there_were_too_many(
    open_socket: OpenSocket, make_token: MakeToken
) -> None:
    answers = []
    for number in range(12):
        socket = await open_socket()
        answer = await join(socket, make_token()[: -1 - number] + "AAAA")
        answers.append(answer)
        assert await close_code(socket) == 4001
    assert all(answer == answers[0] for answer in answers[:10])
    assert answers[0]["code"] == "token_invalid"
    assert {answer["code"] for answer in answers[10:]} == {"limit_reached"}
    assert answers[10]["retry_after_s"] > 0
    socket = await open_socket()
    assert (await join(socket, make_token()))["type"] == "joined"


async def test_a_second_live_use_of_a_seat_is_refused_unless_it_takes_over(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    first, second = await open_socket(), await open_socket()
    token = make_token(identity="somebody")
    before = await join(first, token)
    assert (await join(second, token))["code"] == "seat_taken"
    after = await join(second, token, takeover=True)
    assert after["seat"] == before["seat"]
    told = await first.receive_json(timeout=5)
    assert (told["type"], told["code"]) == ("closing", "taken_over")
    assert await close_code(first) == 4002
    assert (await ask(second, type="ping", id=2))["type"] == "pong"
    assert relay.only_seat.attached


async def test_a_lost_socket_leaves_a_seat_that_is_resumed_with_its_secret(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    first = await open_socket()
    joined = await join(first, make_token())
    seat = relay.only_seat
    await first.close()
    await until(lambda: not seat.attached)
    assert seat.left is None

    second = await open_socket()
    resume = {"type": "resume", "id": 5, "seat": joined["seat"]}
    assert (await ask(second, **resume, secret="wrong"))["code"] == "wrong_secret"
    unknown = await ask(second, type="resume", id=5, seat="s-0", secret=joined["secret"])
    assert unknown["code"] == "seat_unknown"
    resumed = await ask(second, **resume, secret=joined["secret"])
    assert (resumed["type"], resumed["resumed"], resumed["seat"]) == (
        "joined",
        True,
        joined["seat"],
    )


async def test_guessing_resume_secrets_ends_with_the_connection(
    open_socket: OpenSocket, make_token: MakeToken
) -> None:
    seat = (await join(await open_socket(), make_token()))["seat"]
    socket = await open_socket()
    for number in range(10):
        guess = await ask(socket, type="resume", id=number, seat=seat, secret=str(number))
        assert guess["code"] == "wrong_secret"
    assert (await ask(socket, type="resume", id=10, seat=seat, secret="x"))["code"] == (
        "limit_reached"
    )
    assert await close_code(socket) == 4001


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


@pytest.mark.parametrize(
    ("code", "ws_code"),
    [("room_closed", 1000), ("replaced", 4002), ("slow_consumer", 1013), ("draining", 1001)],
)
async def test_the_end_of_a_seat_is_said_before_the_close(
    code: Any, ws_code: int, open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    relay.only_seat.mailbox.close(closing(code))
    told = await socket.receive_json(timeout=5)
    assert (told["type"], told["code"]) == ("closing", code)
    assert told["words"]
    assert told["action"]
    assert await close_code(socket) == ws_code


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
    largest = empty.replace('""', '"' + "a" * (65_536 - len(empty)) + '"')
    assert len(largest) == 65_536
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
    offer = '{"type":"offer","id":1,"sdp":"' + "a" * 60_000 + '","fresh":true,"tracks":{}}'
    while seat.attached and not socket.closed:
        await socket.send_str(offer)
        await asyncio.to_thread(int)
        assert len(seat.asked) < 2_000, "the relay holds more than it may"
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


async def test_a_participant_of_nobody_is_not_left_behind(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    sockets = [await open_socket() for _ in range(5)]
    for number, socket in enumerate(sockets):
        await join(socket, make_token(identity=f"person-{number}"))
    before = len(asyncio.all_tasks())
    for socket in sockets:
        await ask(socket, type="leave", id=2)
        await close_code(socket)
        await socket.close()
    await until(lambda: len(asyncio.all_tasks()) <= before - 5 * 6)
    assert all(seat.left == "left" for seat in relay.seats.values())
