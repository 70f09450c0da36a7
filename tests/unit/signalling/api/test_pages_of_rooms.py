"""Rooms in pages: in order, each once, at the cost of what a page shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from relay.ids import RoomId
from relay.moderation.room_desk import RoomDesk, RoomSummary, RoomView
from signalling.api.created_room import Created
from signalling.api.register import Register
from tests.unit.signalling.api.conftest import Platform


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


async def test_a_page_touches_the_rooms_it_shows_and_no_others(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.fromtimestamp(platform.wall.unix_s, UTC)
    for number in range(10_000):
        platform.register._hold(Created(id=f"room-{number:05}", created_at=now))
    for number in (4_999, 5_000, 5_002, 9_000):
        await platform.enters(f"room-{number:05}", "somebody")
    looked: list[str] = []
    described: list[str] = []

    def find(register: Register, name: str) -> Created | None:
        looked.append(name)
        return register._rooms.get(name)

    def summary(desk: RoomDesk, room: RoomId) -> RoomSummary:
        described.append(room)
        return whole(desk, room)

    def everybody(*_: object) -> RoomView:
        raise AssertionError("a page needs nobody's tracks")

    whole = RoomDesk.summary
    monkeypatch.setattr(Register, "find", find)
    monkeypatch.setattr(RoomDesk, "summary", summary)
    monkeypatch.setattr(RoomDesk, "room", everybody)
    page = await platform.tell("GET", "/v1/rooms?limit=3&cursor=room-04999")
    assert [room["id"] for room in page["rooms"]] == ["room-05000", "room-05001", "room-05002"]
    assert [room["participants"] for room in page["rooms"]] == [1, 0, 1]
    assert page["next_cursor"] == "room-05002"
    assert set(looked) == {"room-05000", "room-05001", "room-05002"}
    assert described == ["room-05000", "room-05002"]


async def test_the_order_is_kept_when_rooms_come_and_go(platform: Platform) -> None:
    for name in ("b", "c"):
        await platform.tell("POST", "/v1/rooms", {"id": name})
    seat = await platform.enters("a", "somebody")
    await platform.enters("b", "somebody")
    await platform.tell("DELETE", "/v1/rooms/b")
    await seat.leave("left")
    page = await platform.tell("GET", "/v1/rooms")
    assert [room["id"] for room in page["rooms"]] == ["c"]
    await platform.tell("POST", "/v1/rooms", {"id": "b"})
    page = await platform.tell("GET", "/v1/rooms")
    assert [room["id"] for room in page["rooms"]] == ["b", "c"]
