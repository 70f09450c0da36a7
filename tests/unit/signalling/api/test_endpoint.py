"""The one way through the API: who asks, how often, with what, and whether it came before."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import hdrs

from relay.errors import CallerError, LimitReached, NotAllowed, NotFound, RoomFull, RoomLocked
from signalling.api.credentials import Scope
from signalling.api.errors import TooManyRequests
from signalling.api.idempotency import is_final
from signalling.api.key_file import api_key_path, change_api_keys
from signalling.api.operations import OPERATIONS
from signalling.api.register import Register
from signalling.audit import TIDY_EVERY_S, opaque
from tests.polling import until
from tests.unit.signalling.api.conftest import Platform, make_key

KEY_FORMS = (
    "",
    "Bearer",
    "Bearer vvk_clinic_",
    "Bearer vvk_nobody_" + "a" * 43,
    "Bearer vvk_clinic_" + "a" * 43,
    "Basic Y2xpbmljOng=",
    "Bearer ../../etc/passwd",
)


@pytest.mark.parametrize("header", KEY_FORMS)
async def test_without_a_good_key_everything_is_refused_in_the_same_words(
    platform: Platform, header: str
) -> None:
    bodies: set[str] = set()
    for method, path in (("GET", "/v1/rooms"), ("POST", "/v1/rooms"), ("GET", "/v1/rooms/a")):
        answer = await platform.client.request(method, path, headers={"Authorization": header})
        assert answer.status == 401
        assert answer.headers[hdrs.WWW_AUTHENTICATE] == "Bearer"
        problem = await answer.json(content_type="application/problem+json")
        problem.pop("request")
        bodies.add(json.dumps(problem))
    assert len(bodies) == 1


async def test_guessing_keys_is_told_to_wait_and_a_good_key_is_let_in(platform: Platform) -> None:
    wrong = {"Authorization": "Bearer vvk_clinic_" + "a" * 43}
    answers = [await platform.client.get("/v1/rooms", headers=wrong) for _ in range(12)]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 2
    assert int(answers[-1].headers[hdrs.RETRY_AFTER]) in range(1, 61)
    assert (await platform.ask("GET", "/v1/rooms")).status == 200


async def test_a_key_does_what_its_scopes_say_and_nothing_else(platform: Platform) -> None:
    reader = make_key(platform.config, "reader", Scope.READ)
    await platform.api._keys.look_once()
    platform.key = reader
    assert (await platform.ask("GET", "/v1/rooms")).status == 200
    for operation in OPERATIONS:
        if operation.scope is not Scope.READ:
            path = operation.path.format(room="a", identity="b", consultation="c-" + "0" * 32)
            assert await platform.refused(operation.method, path) == (403, "scope_missing")


async def test_a_key_that_is_taken_back_is_refused_soon(platform: Platform) -> None:
    assert (await platform.ask("GET", "/v1/rooms")).status == 200
    change_api_keys(api_key_path(platform.config), dict.clear)
    await platform.api._keys.look_once()
    assert await platform.refused("GET", "/v1/rooms") == (401, "key_refused")


async def test_a_key_that_asks_too_often_waits_and_others_do_not(platform: Platform) -> None:
    other = make_key(platform.config, "other")
    await platform.api._keys.look_once()
    burst = platform.config.api.requests_per_minute // 4
    for _ in range(burst):
        assert (await platform.ask("GET", "/v1/rooms")).status == 200
    refused = await platform.ask("GET", "/v1/rooms")
    assert refused.status == 429
    assert refused.headers[hdrs.RETRY_AFTER] == "1"
    platform.key, busy = other, platform.key
    assert (await platform.ask("GET", "/v1/rooms")).status == 200
    platform.key = busy
    platform.later(0.05)
    assert (await platform.ask("GET", "/v1/rooms")).status == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (400, "invalid_message")),
        ("{", (400, "invalid_message")),
        ('{"id": "a", "id": "b"}', (400, "invalid_message")),
        ('{"max_participants": 1e999}', (400, "invalid_message")),
        ("[" * 40 + "]" * 40, (400, "too_deep")),
        ("[]", (400, "invalid_request")),
        ('{"unknown": 1}', (400, "invalid_request")),
        ('{"id": "a\\n"}', (400, "invalid_request")),
        ('{"id": "../a"}', (400, "invalid_request")),
        ('{"max_participants": "2"}', (400, "invalid_request")),
        ('{"max_participants": true}', (400, "invalid_request")),
        ('{"closes_at": "tomorrow"}', (400, "invalid_request")),
        ('{"closes_at": "2030-01-01T00:00:00"}', (400, "invalid_request")),
        (" " * 65_537, (413, "too_large")),
    ],
)
async def test_a_body_that_is_not_what_the_document_says_is_refused(
    platform: Platform, text: str, expected: tuple[int, str]
) -> None:
    headers = {"Content-Type": "application/json"}
    assert await platform.refused("POST", "/v1/rooms", data=text, headers=headers) == expected
    assert (await platform.tell("GET", "/v1/rooms"))["rooms"] == []


async def test_a_whole_number_may_be_written_as_any_json_writer_does(platform: Platform) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    text = '{"id": "a", "max_participants": 2.0}'
    room = await platform.tell("POST", "/v1/rooms", data=text, headers=headers)
    assert room["max_participants"] == 2


async def test_a_body_that_is_not_said_to_be_json_is_refused(platform: Platform) -> None:
    headers = {"Content-Type": "text/plain"}
    refused = await platform.refused("POST", "/v1/rooms", data="{}", headers=headers)
    assert refused == (415, "wrong_media_type")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "cursor=%00", "other=1", "limit=1&limit=2"]
)
async def test_a_query_that_is_not_what_the_document_says_is_refused(
    platform: Platform, query: str
) -> None:
    assert await platform.refused("GET", f"/v1/rooms?{query}") == (400, "invalid_request")


async def test_what_is_not_there_and_what_may_not_be_done_are_problems_too(
    platform: Platform,
) -> None:
    assert await platform.refused("GET", "/v1/nothing") == (404, "no_such_path")
    refused = await platform.ask("PUT", "/v1/rooms")
    assert refused.status == 405
    assert refused.headers[hdrs.ALLOW] == "GET, POST"
    assert await platform.refused("DELETE", "/v1/openapi.json") == (405, "wrong_method")
    preflight = await platform.client.options("/v1/rooms", headers={"Origin": "https://a.example"})
    assert preflight.status == 405
    assert hdrs.ACCESS_CONTROL_ALLOW_ORIGIN not in preflight.headers


async def create(platform: Platform, key: str, body: Any) -> tuple[int, Any, bool]:
    headers = {"Idempotency-Key": key}
    answer = await platform.ask("POST", "/v1/rooms", body, headers=headers)
    text = await answer.json(content_type=None)
    return answer.status, text, "Idempotency-Replayed" in answer.headers


async def test_a_retry_gets_the_first_answer_and_does_nothing_again(platform: Platform) -> None:
    first = await create(platform, "k-1", {})
    again = await create(platform, "k-1", {})
    assert first[0] == 201
    assert (again[0], again[1]) == (first[0], first[1])
    assert (first[2], again[2]) == (False, True)
    assert len((await platform.tell("GET", "/v1/rooms"))["rooms"]) == 1
    assert len(platform.audit()) == 1
    status, problem, _ = await create(platform, "k-1", {"id": "other"})
    assert (status, problem["code"]) == (422, "idempotency_key_reused")
    platform.later(24 * 3600)
    assert (await create(platform, "k-1", {"id": "other"}))[0] == 201


async def test_a_refusal_that_is_final_is_repeated_too(platform: Platform) -> None:
    body = {"closes_at": "2020-01-01T00:00:00Z"}
    first = await create(platform, "k-1", body)
    again = await create(platform, "k-1", body)
    assert (first[0], first[1]["code"]) == (422, "unprocessable")
    assert (again[0], again[1]) == (first[0], first[1])
    assert (first[2], again[2]) == (False, True)


async def test_a_retry_is_a_first_try_where_only_the_moment_refused(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(Register, "count", lambda _: 10_000)
        refused = await create(platform, "k-1", {"id": "a"})
        assert (refused[0], refused[1]["code"]) == (409, "limit_reached")
    assert (await create(platform, "k-1", {"id": "a"}))[0] == 201
    assert (await create(platform, "k-2", {"id": "a"}))[1]["code"] == "room_exists"
    await platform.tell("DELETE", "/v1/rooms/a")
    assert (await create(platform, "k-2", {"id": "a"}))[0] == 201


@pytest.mark.parametrize(
    "refusal", [LimitReached(), RoomFull(), RoomLocked(), NotFound(), TooManyRequests()]
)
def test_what_the_state_of_the_moment_refuses_is_not_final(refusal: CallerError) -> None:
    assert not is_final(refusal)
    assert is_final(NotAllowed())
    assert not is_final(NotAllowed(retry_after_s=1.0))


async def test_of_many_at_once_with_one_key_one_is_done(platform: Platform) -> None:
    answers = await asyncio.gather(*(create(platform, "k-1", {}) for _ in range(8)))
    statuses = {status for status, _, _ in answers}
    assert statuses <= {201, 409}
    assert len((await platform.tell("GET", "/v1/rooms"))["rooms"]) == 1


@pytest.mark.parametrize("key", [" ", "a b", "ä", "x" * 256, '"'])
async def test_an_idempotency_key_that_is_none_is_refused(platform: Platform, key: str) -> None:
    status, problem, _ = await create(platform, key, {})
    assert (status, problem["code"]) == (400, "invalid_request")


async def test_every_change_is_written_down_without_a_name(platform: Platform) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "room-of-jeanne"})
    await platform.refused("POST", "/v1/rooms", {"id": "room-of-jeanne"})
    invitation = {"identity": "jeanne", "role": "patient"}
    token = await platform.tell("POST", "/v1/rooms/room-of-jeanne/tokens", invitation)
    await platform.tell("GET", "/v1/rooms")
    lines = platform.audit()
    assert [(line["by"], line["did"], line["outcome"]) for line in lines] == [
        ("clinic", "createRoom", "done"),
        ("clinic", "createRoom", "room_exists"),
        ("clinic", "createToken", "done"),
    ]
    assert lines[2]["room"] == opaque("room-of-jeanne")
    assert lines[2]["identity"] == opaque("jeanne")
    written = json.dumps(lines)
    assert "jeanne" not in written
    assert token["token"] not in written
    assert platform.key not in written


async def test_what_cannot_be_written_down_is_not_done(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr("signalling.audit._write_whole", fails)
        assert (await platform.ask("POST", "/v1/rooms", {"id": "a"})).status == 201
        refused = await platform.refused("POST", "/v1/rooms", {"id": "b"})
        assert refused == (503, "store_unavailable")
        assert (await platform.ask("GET", "/v1/rooms/a")).status == 200
    await platform.tell("POST", "/v1/rooms", {"id": "b"})
    assert [line["did"] for line in platform.audit()] == ["createRoom"] * 2


async def test_a_database_that_cannot_be_written_changes_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(platform.api.database, "_open", fails)
        refused = await platform.refused("POST", "/v1/rooms", {"id": "a"})
        assert refused == (503, "store_unavailable")
    assert await platform.refused("GET", "/v1/rooms/a") == (404, "not_found")
    await platform.tell("POST", "/v1/rooms", {"id": "a"})


async def test_requests_are_counted_by_outcome(platform: Platform) -> None:
    await platform.tell("GET", "/v1/rooms")
    await platform.refused("GET", "/v1/rooms/nothing-here")
    counters = {metric.name: series for metric, series in platform.relay.tally.counters.items()}
    assert counters["visavis_api_requests"] == {("ok",): 1, ("not_found",): 1}


async def test_old_audit_files_are_removed_though_nobody_asks_for_anything(
    platform: Platform,
) -> None:
    aside = Path(platform.config.keys.state_dir) / "audit.jsonl.20200101T000000000000Z"
    aside.write_text("{}\n")

    def is_removed_within_the_hour() -> bool:
        platform.later(TIDY_EVERY_S)
        return not aside.exists()

    await until(is_removed_within_the_hour)
