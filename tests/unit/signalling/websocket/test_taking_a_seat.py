from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from structlog.testing import capture_logs

from relay.errors import Overloaded, SeatUnknown
from relay.rooms.closings import closing
from relay.rooms.permissions import Role
from signalling.keys import KeyRing
from signalling.messages import SUBPROTOCOL, Resume
from signalling.websocket.outbox import Full, Outbox
from signalling.websocket.reception import SLOWED_S, Reception
from tests.polling import until
from tests.unit.signalling.conversation import MakeToken, OpenSocket, ask, close_code, join
from tests.unit.signalling.fake_relay import FakeRelay


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
        "tracks": [],
        "room": {"participants": []},
        "ice_servers": [],
        "keep_s": 120.0,
        "slots": {"audio": 2, "video": 3},
    }


async def test_a_join_says_what_private_conversation_it_comes_from(
    open_socket: OpenSocket, make_token: MakeToken
) -> None:
    joined = await join(await open_socket(), make_token(), confers="the key")
    assert joined["group"] == "the key"


async def test_leaving_is_answered_and_closes(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    assert await ask(socket, type="leave", id=2) == {"type": "ok", "id": 2}
    assert await close_code(socket) == 1000
    assert relay.only_seat.left == "left"


async def test_whoever_is_too_slow_to_be_told_so_leaves_all_the_same(
    open_socket: OpenSocket,
    make_token: MakeToken,
    relay: FakeRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    socket = await open_socket()
    await join(socket, make_token())

    def full(_outbox: Outbox, _message: object) -> None:
        raise Full

    monkeypatch.setattr(Outbox, "put", full)
    assert (await ask(socket, type="leave", id=2))["code"] == "slow_consumer"
    assert relay.only_seat.left == "left"


async def test_leaving_before_joining_is_answered_and_closes(open_socket: OpenSocket) -> None:
    socket = await open_socket()
    assert (await ask(socket, type="leave", id=2))["type"] == "ok"
    assert await close_code(socket) == 1000


async def test_an_unknown_room_is_refused_and_the_connection_lives(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    token = make_token(Role.PATIENT, open_room=False)
    assert (await join(socket, token))["code"] == "unknown_room"
    relay.open_rooms.add("room-1")
    assert (await join(socket, token))["type"] == "joined"


async def test_whom_a_stopping_relay_refuses_is_told_when_to_come_again_and_fills_no_log(
    open_socket: OpenSocket,
    make_token: MakeToken,
    relay: FakeRelay,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def refuses(*_: object, **__: object) -> None:
        raise Overloaded(retry_after_s=1)

    socket = await open_socket()
    monkeypatch.setattr(relay, "join", refuses)
    with capture_logs() as lines:
        answer = await join(socket, make_token())
    assert (answer["code"], answer["retry_after_s"]) == ("overloaded", 1)
    assert [line for line in lines if line["log_level"] == "error"] == []


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


async def test_beyond_ten_failures_the_answer_is_at_once_and_the_close_takes_its_time(
    open_socket: OpenSocket, make_token: MakeToken
) -> None:
    for number in range(11):
        socket = await open_socket()
        began_s = time.monotonic()
        await join(socket, make_token()[: -1 - number] + "AAAA")
        answered_s = time.monotonic() - began_s
        await close_code(socket)
        closed_s = time.monotonic() - began_s
    assert answered_s < SLOWED_S / 2
    assert closed_s >= SLOWED_S


async def test_a_seat_that_is_gone_counts_as_a_failure_and_ends_no_connection(
    relay: FakeRelay, keys: KeyRing
) -> None:
    reception = Reception(relay.as_relay(), keys, slowed_s=0.05)
    began_s = time.monotonic()
    for number in range(14):
        with pytest.raises(SeatUnknown):
            await reception.resume(Resume(id=number, seat="s-0", secret="x"), "192.0.2.1")
    assert time.monotonic() - began_s >= 4 * 0.05
    assert reception.failures.note("192.0.2.1", time.monotonic()) is not None


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
