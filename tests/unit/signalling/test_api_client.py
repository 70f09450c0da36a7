"""The Python client: every operation has a method, and a retry does nothing twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from relay.errors import Overloaded
from relay.rooms.permissions import Role
from signalling.api import problem
from signalling.api.operations import OPERATIONS
from signalling.api.schemas import (
    Confer,
    CreateRoom,
    CreateToken,
    Extend,
    HandOver,
    Move,
    Mute,
    SendMessage,
    SendOn,
    UpdateRoom,
)
from signalling.api_client import ApiClient, ProblemError

CONSULTATION = "c-" + "0" * 32


@dataclass
class Scripted:
    """Answers as a test says, and writes down what it was asked."""

    asked: list[tuple[str, str, str | None]] = field(default_factory=list)
    answers: list[web.Response | None] = field(default_factory=list)
    """`None` closes the connection without an answer."""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        key = request.headers.get("Idempotency-Key")
        self.asked.append((request.method, request.path, key))
        answer = self.answers.pop(0) if self.answers else web.json_response({}, status=418)
        if answer is None:
            assert request.transport is not None
            request.transport.abort()
            raise asyncio.CancelledError
        return answer


@pytest.fixture
async def relay() -> Scripted:
    return Scripted()


@pytest.fixture
async def client(relay: Scripted) -> AsyncIterator[ApiClient]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", relay.answer)
    async with TestServer(app) as server, ApiClient(str(server.make_url("")), "vvk_a_b") as client:
        yield client


def busy(retry_after_s: float) -> web.Response:
    return problem.respond(Overloaded(retry_after_s=retry_after_s), "q-1")


async def test_every_operation_has_a_method(relay: Scripted, client: ApiClient) -> None:
    room, who = "a b", "pseudonym/7"
    calls = [
        client.create_room(CreateRoom()),
        anext(client.rooms()),
        client.room(room),
        client.update_room(room, UpdateRoom()),
        client.create_token(room, CreateToken(identity=who, role=Role.PATIENT)),
        client.send_message(room, SendMessage(to="all", type="x")),
        client.lock(room),
        client.unlock(room),
        client.mute_all(room),
        client.unmute_all(room),
        client.extend(room, Extend(duration_s=1)),
        client.hand_over(room, HandOver(actor=who, to=who)),
        client.open_private(room, Confer(members=(who,))),
        client.close_private(room),
        anext(client.participants(room)),
        client.admit(room, who),
        client.hold(room, who),
        client.move(room, who, Move(to="b")),
        client.send_on(room, who, SendOn(url="wss://b.example/v1/ws", token="t")),
        client.mute(room, who, Mute()),
        client.unmute(room, who, Mute()),
        client.quality(room),
        client.report(CONSULTATION),
        client.report_page(CONSULTATION, lang="fr"),
        client.close_room(room),
        client.eject(room, who),
    ]
    for call in calls:
        with pytest.raises(msgspec.ValidationError):  # of an answer that is no problem
            await call
    paths = {"room": room, "identity": who, "consultation": CONSULTATION}
    expected = sorted((each.method, each.path.format(**paths)) for each in OPERATIONS)
    assert sorted((method, path) for method, path, _ in relay.asked) == expected
    assert all((key is None) == (method == "GET") for method, _, key in relay.asked)


async def test_what_got_no_answer_is_asked_again_with_the_same_key(
    relay: Scripted, client: ApiClient
) -> None:
    relay.answers += [None, busy(0.0), web.Response(status=204)]
    await client.close_room("a")
    assert len(relay.asked) == 3
    assert len({key for _, _, key in relay.asked}) == 1
    relay.answers += [web.Response(status=204)]
    await client.close_room("a")
    assert len({key for _, _, key in relay.asked}) == 2


async def test_a_refusal_says_why_and_is_not_repeated(relay: Scripted, client: ApiClient) -> None:
    relay.answers += [busy(3_600.0)]
    with pytest.raises(ProblemError) as refused:
        await client.room("a")
    assert refused.value.problem.code == "overloaded"
    assert refused.value.retry_after_s == 3_600
    assert len(relay.asked) == 1
