"""A moderator's commands over the socket."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import WSMsgType

from relay.errors import NotAllowed
from relay.ids import ParticipantId
from relay.rooms.closings import closing
from relay.rooms.effects import (
    Admitted,
    Effect,
    Ejected,
    HeldBack,
    Moved,
    NoticeChanged,
    PrivateChanged,
    RoomChanged,
    RoomClosed,
    SentBack,
)
from relay.rooms.participant import Participant
from relay.rooms.permissions import BY_ROLE, Right, Role, Source
from relay.rooms.standing import Standing
from relay.rooms.standing_events import WaitingChanged
from signalling.websocket.farewells import CloseCode
from tests.unit.signalling.conversation import MakeToken, OpenSocket, ask, close_code, join
from tests.unit.signalling.fake_relay import FakeRelay


def somebody(role: Role, standing: Standing = Standing.ADMITTED) -> Participant:
    return Participant(
        ParticipantId(f"p-{role.value}"), role.value, role, BY_ROLE[role], standing=standing
    )


PATIENT = somebody(Role.PATIENT, Standing.WAITING)
EXPERT = somebody(Role.EXPERT)
WHO = {"participant": EXPERT.id}


@pytest.mark.parametrize(
    ("commands", "effect"),
    [
        ([{"do": "admit", "participant": PATIENT.id}], Admitted),
        ([{"do": "send_back", **WHO}], SentBack),
        ([{"do": "move", "room": "next-door", **WHO}], Moved),
        ([{"do": "eject", **WHO}], Ejected),
        ([{"do": "mute", "muted": True, **WHO}], HeldBack),
        ([{"do": "mute_all", "muted": True}], HeldBack),
        ([{"do": "confer", "members": [EXPERT.id]}], PrivateChanged),
        ([{"do": "notice", "text": "soon"}], NoticeChanged),
        ([{"do": "lock", "locked": True}], RoomChanged),
        ([{"do": "extend", "seconds": 60}], RoomChanged),
        ([{"do": "close"}], RoomClosed),
    ],
    ids=lambda each: each[0]["do"] if isinstance(each, list) else "",
)
async def test_every_command_comes_to_its_effect(
    open_socket: OpenSocket,
    make_token: MakeToken,
    relay: FakeRelay,
    commands: list[dict[str, Any]],
    effect: type[Effect],
) -> None:
    socket = await open_socket()
    await join(socket, make_token(Role.PRACTITIONER))
    for person in (somebody(Role.PATIENT, Standing.WAITING), somebody(Role.EXPERT)):
        relay.only_seat.room.enter(person)
    for command in commands:
        reply = await ask(socket, type="moderate", id=2, command=command)
        assert reply == {"type": "ok", "id": 2}
    assert [type(each) for each in relay.only_seat.commanded] == [effect]


async def test_what_is_undone_is_undone_by_the_same_message(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token(Role.PRACTITIONER))
    room, expert = relay.only_seat.room, somebody(Role.EXPERT)
    room.enter(expert)
    sources = ["microphone", "camera"]
    for command in (
        {"do": "mute", "participant": expert.id, "muted": True, "sources": sources},
        {"do": "lock", "locked": True},
        {"do": "confer", "members": [expert.id]},
    ):
        await ask(socket, type="moderate", id=2, command=command)
    assert room.held_back == {expert.identity: frozenset({Source.MICROPHONE, Source.CAMERA})}
    assert room.locked
    assert room.private == {expert.id}
    for command in (
        {"do": "mute", "participant": expert.id, "muted": False, "sources": sources},
        {"do": "lock", "locked": False},
        {"do": "confer", "members": []},
        {"do": "mute_all", "muted": True},
        {"do": "mute_all", "muted": False},
    ):
        await ask(socket, type="moderate", id=2, command=command)
    assert (room.held_back, room.locked, room.private) == ({}, False, frozenset())


@pytest.mark.parametrize(
    "command",
    [
        {"do": "rule"},
        {"do": "admit"},
        {"do": "admit", "participant": "", "also": 1},
        {"do": "mute", "participant": "p", "muted": True, "sources": ["soul"]},
        {"do": "extend", "seconds": -1},
        {"do": "notice", "text": "x" * 501},
        {"do": "confer", "members": ["p"] * 33},
        {"participant": "p"},
        "admit",
    ],
    ids=str,
)
async def test_a_command_that_is_none_is_refused_and_the_connection_lives(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay, command: object
) -> None:
    socket = await open_socket()
    await join(socket, make_token(Role.PRACTITIONER))
    refused = await ask(socket, type="moderate", id=2, command=command)
    assert (refused["type"], refused["code"]) == ("error", "invalid_message")
    assert "rule" not in refused["words"]
    assert "soul" not in refused["words"]
    assert (await ask(socket, type="ping", id=3))["type"] == "pong"
    assert relay.only_seat.commanded == []


async def test_nobody_moderates_before_they_have_a_seat(open_socket: OpenSocket) -> None:
    socket = await open_socket()
    refused = await ask(socket, type="moderate", id=2, command={"do": "close"})
    assert refused["code"] == "not_joined"


async def test_a_refused_command_is_answered_in_words(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    relay.only_seat.refusal = NotAllowed()
    refused = await ask(socket, type="moderate", id=2, command={"do": "close"})
    assert (refused["code"], refused["words"]) == ("not_allowed", NotAllowed.default_words)


async def test_whoever_waits_is_told_so_and_whoever_is_put_out_why(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay
) -> None:
    relay.standing, relay.rights = Standing.WAITING, frozenset({Right.CONFER})
    socket = await open_socket()
    joined = await join(socket, make_token())
    assert (joined["standing"], joined["rights"]) == ("waiting", ["confer"])
    relay.only_seat.mailbox.put(WaitingChanged(2, "soon"))
    assert await socket.receive_json(timeout=5) == {"type": "waiting", "place": 2, "notice": "soon"}
    relay.only_seat.mailbox.close(closing("ejected"))
    assert (await socket.receive_json(timeout=5))["code"] == "ejected"
    assert await close_code(socket) == CloseCode.EJECTED
    assert (await socket.receive()).type is WSMsgType.CLOSED
