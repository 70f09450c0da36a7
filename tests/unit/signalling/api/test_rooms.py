"""Rooms over real HTTP: created, listed, changed, closed, and held against whoever joins."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relay.errors import RoomFull, UnknownRoom
from relay.ids import RoomId
from relay.rooms.events import Closing
from relay.rooms.permissions import Role
from signalling.api.register import Register
from signalling.database import Table
from signalling.keys import parse_keys
from signalling.links import full_grant
from signalling.tokens import verify_untrusted
from tests.unit.signalling.api.conftest import Platform
from tests.unit.signalling.conftest import SECRET


def at(platform: Platform, duration_s: float) -> str:
    moment = datetime.fromtimestamp(platform.wall.unix_s, UTC) + timedelta(seconds=duration_s)
    return moment.isoformat()


async def test_a_room_is_created_shown_changed_and_closed(platform: Platform) -> None:
    room = await platform.tell("POST", "/v1/rooms", {"id": "a", "max_participants": 2})
    assert room == {
        "id": "a",
        "state": "created",
        "created_at": "2026-09-21T14:13:20Z",
        "opens_at": None,
        "closes_at": None,
        "max_participants": 2,
        "consultation": None,
        "participants": 0,
    }
    assert await platform.tell("GET", "/v1/rooms/a") == room
    changed = await platform.tell("PATCH", "/v1/rooms/a", {"max_participants": None})
    assert changed == {**room, "max_participants": None}
    assert await platform.tell("DELETE", "/v1/rooms/a") is None
    assert await platform.refused("GET", "/v1/rooms/a") == (404, "not_found")
    assert await platform.refused("DELETE", "/v1/rooms/a") == (404, "not_found")


async def test_a_name_that_is_left_out_is_drawn(platform: Platform) -> None:
    one, other = [await platform.tell("POST", "/v1/rooms", {}) for _ in range(2)]
    assert one["id"] != other["id"]
    assert len(one["id"]) == 34


async def test_two_who_create_one_room_at_once_get_one(platform: Platform) -> None:
    answers = await asyncio.gather(
        *(platform.ask("POST", "/v1/rooms", {"id": "a"}) for _ in range(8))
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"closes_at": "2026-09-21T14:13:19Z"}, "unprocessable"),
        (
            {"opens_at": "2027-01-01T10:00:00Z", "closes_at": "2027-01-01T09:00:00Z"},
            "unprocessable",
        ),
        ({"max_participants": 11}, "unprocessable"),
    ],
)
async def test_a_room_that_cannot_be_meant_is_refused(
    platform: Platform, wrong: dict[str, Any], code: str
) -> None:
    assert await platform.refused("POST", "/v1/rooms", wrong) == (422, code)


async def test_nobody_comes_before_the_time_or_after_it(platform: Platform) -> None:
    times = {"opens_at": at(platform, 60), "closes_at": at(platform, 120)}
    await platform.tell("POST", "/v1/rooms", {"id": "a", **times})
    admit = platform.register.admit
    grant = full_grant("a", Role.PATIENT, "somebody", open_room=False)
    with pytest.raises(UnknownRoom) as early:
        admit(grant)
    assert early.value.retry_after_s == 60
    platform.later(60)
    assert admit(grant).open_room, "who created the room has opened it for everybody invited"
    await platform.relay.join(admit(grant))
    platform.later(60)
    await closed(platform, "a")
    with pytest.raises(UnknownRoom):
        admit(grant)


async def closed(platform: Platform, room: str) -> None:
    """Wait until a room has been closed by its time."""
    while platform.register.find(room) is not None:
        platform.clock.move(1)
        await asyncio.sleep(0)
    assert platform.relay.steering.room(RoomId(room)) is None


async def test_a_closed_room_ends_for_everybody_and_old_tokens_do_not_open_it(
    platform: Platform,
) -> None:
    seat = await platform.enters("a", "somebody")
    assert (await platform.tell("GET", "/v1/rooms/a"))["state"] == "open"
    await platform.tell("DELETE", "/v1/rooms/a")
    last = [event async for event in seat.events()][-1]
    assert isinstance(last, Closing)
    assert last.code == "room_closed"
    grant = full_grant("a", Role.PATIENT, "somebody", open_room=True)
    with pytest.raises(UnknownRoom):
        platform.register.admit(grant)
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    assert platform.register.admit(grant) == grant


async def test_no_more_come_than_the_platform_wants_and_who_is_in_stays(
    platform: Platform,
) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "a", "max_participants": 1})
    one = full_grant("a", Role.PATIENT, "one", open_room=False)
    await platform.relay.join(platform.register.admit(one))
    with pytest.raises(RoomFull):
        platform.register.admit(full_grant("a", Role.CARER, "other", open_room=False))
    again = platform.register.admit(one)
    assert again.identity == "one", "whoever has a place comes back to it"


async def test_rooms_are_listed_page_by_page_with_those_that_tokens_opened(
    platform: Platform,
) -> None:
    for name in ("b", "d", "a", "e"):
        await platform.tell("POST", "/v1/rooms", {"id": name})
    await platform.enters("c", "somebody")
    names: list[str] = []
    cursor = ""
    while True:
        page = await platform.tell("GET", f"/v1/rooms?limit=2{cursor}")
        assert len(page["rooms"]) <= 2
        names += [room["id"] for room in page["rooms"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == ["a", "b", "c", "d", "e"]


async def test_created_rooms_outlive_the_relay(platform: Platform) -> None:
    room = await platform.tell("POST", "/v1/rooms", {"id": "a", "closes_at": at(platform, 3600)})
    await platform.tell("POST", "/v1/rooms", {"id": "b"})
    await platform.tell("DELETE", "/v1/rooms/b")
    again = Register(
        platform.relay.steering, Table(platform.api.database, "rooms"), platform.api.register._now
    )
    await again.load()
    found = again.find("a")
    assert found is not None
    assert found.closes_at == datetime.fromisoformat(room["closes_at"])
    assert again.find("b") is None
    with pytest.raises(UnknownRoom):
        again.admit(full_grant("b", Role.PATIENT, "somebody", open_room=True))


async def test_a_closed_room_is_forgotten_once_no_token_can_be_alive(platform: Platform) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    await platform.tell("DELETE", "/v1/rooms/a")
    platform.later(24 * 3600 + 61)
    while platform.register.count():
        platform.clock.move(1)
        await asyncio.sleep(0)
    assert platform.register.count() == 0


async def test_a_token_is_minted_for_one_person_and_room(platform: Platform) -> None:
    token = await platform.tell(
        "POST",
        "/v1/rooms/a/tokens",
        {
            "identity": "patient-7",
            "role": "patient",
            "ttl_s": 300,
            "grants": {"publish": ["microphone"], "open_room": True},
        },
    )
    keys = parse_keys(f"key-1 {SECRET}\n", "the test")
    grant = verify_untrusted(token["token"], keys, platform.wall.unix_s)
    assert (grant.room, grant.identity, grant.role) == ("a", "patient-7", Role.PATIENT)
    assert {source.value for source in grant.publish} == {"microphone"}
    assert grant.open_room
    assert token["expires_at"] == "2026-09-21T14:18:20Z"
    assert token["url"].startswith("ws://127.0.0.1:")
    assert token["url"].endswith("/v1/ws")
    assert token["link"].endswith(f"/consultation#token={token['token']}")


async def test_no_more_rooms_are_kept_than_the_operator_allows(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Register, "count", lambda _: 10_000)
    assert await platform.refused("POST", "/v1/rooms", {}) == (409, "limit_reached")
