"""Rooms over real HTTP: created, listed, changed, closed, and held against whoever joins."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from relay.errors import Ejected, RoomFull, UnknownRoom
from relay.rooms.closings import Closing
from relay.rooms.permissions import Arrival, Role
from relay.rooms.settings import RoomSettings
from relay.rooms.standing_events import RoomStateChanged
from relay.seats.seat import Seat
from signalling.api.register import Register
from signalling.database import StoreUnavailable, Table
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
        "notice": "",
        "waiting_room": False,
        "max_participants": 2,
        "max_publishing": 10,
        "max_waiting": 100,
        "max_duration_s": 43_200.0,
        "priority": "normal",
        "consultation": None,
        "participants": 0,
        "waiting": 0,
        "locked": False,
        "ends_in_s": None,
    }
    assert await platform.tell("GET", "/v1/rooms/a") == room
    changed = await platform.tell("PATCH", "/v1/rooms/a", {"max_participants": None})
    assert changed == {**room, "max_participants": 10}
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


async def joins(platform: Platform, room: str, identity: str, *, age_s: float = 0.0) -> Seat:
    """Let somebody join as the WebSocket does, with a token that may open no room."""
    grant = full_grant(room, Role.PATIENT, identity, open_room=False)
    grant = replace(grant, arrival=Arrival(age_s=age_s))
    with platform.register.passing(grant):
        return await platform.relay.join(grant)


async def test_nobody_comes_before_the_time_or_after_it(platform: Platform) -> None:
    times = {"opens_at": at(platform, 60), "closes_at": at(platform, 120)}
    await platform.tell("POST", "/v1/rooms", {"id": "a", **times})
    with pytest.raises(UnknownRoom) as early:
        await joins(platform, "a", "somebody")
    assert early.value.retry_after_s == 60
    platform.later(60)
    seat = await joins(platform, "a", "somebody")
    platform.later(60)
    while platform.register.find("a") is not None:
        platform.clock.move(1)
        await asyncio.sleep(0)
    assert await ending(seat) == "room_closed"
    with pytest.raises(UnknownRoom):
        await joins(platform, "a", "somebody")


async def test_people_are_told_of_the_hour_at_which_their_room_closes(platform: Platform) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "a", "closes_at": at(platform, 600)})
    seat = await joins(platform, "a", "somebody")
    assert (await platform.tell("GET", "/v1/rooms/a"))["ends_in_s"] == 600
    refused = await platform.refused("POST", "/v1/rooms/a/extend", {"duration_s": 3_600})
    assert refused == (409, "conflict"), "the hour is the platform's to move"
    changed = await platform.tell("PATCH", "/v1/rooms/a", {"closes_at": at(platform, 900)})
    assert changed["ends_in_s"] == 900
    await platform.tell("PATCH", "/v1/rooms/a", {"notice": "Soon."})
    await platform.tell("PATCH", "/v1/rooms/a", {"closes_at": None})
    usual_s = platform.config.rooms.max_duration_s
    await platform.tell("DELETE", "/v1/rooms/a")
    told = [event async for event in seat.events()]
    states = [event.state for event in told if isinstance(event, RoomStateChanged)]
    assert [state.ends_in_s for state in states] == [900, usual_s]


async def ending(seat: Seat) -> str:
    """Give the code with which an attachment ended."""
    last = [event async for event in seat.events()][-1]
    assert isinstance(last, Closing)
    return last.code


async def test_a_closed_room_ends_for_everybody_and_old_tokens_do_not_open_it(
    platform: Platform,
) -> None:
    seat = await platform.enters("a", "somebody")
    assert (await platform.tell("GET", "/v1/rooms/a"))["state"] == "open"
    await platform.tell("DELETE", "/v1/rooms/a")
    assert await ending(seat) == "room_closed"
    with pytest.raises(UnknownRoom):
        await joins(platform, "a", "somebody")
    platform.later(10)
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    with pytest.raises(UnknownRoom):
        await joins(platform, "a", "somebody", age_s=11)
    await joins(platform, "a", "somebody", age_s=9)


async def test_a_room_is_opened_as_its_platform_wants_it_by_whoever_comes_first(
    platform: Platform,
) -> None:
    wishes = {"id": "a", "max_participants": 1, "notice": "Soon.", "max_duration_s": 60}
    await platform.tell("POST", "/v1/rooms", wishes)
    await joins(platform, "a", "one")
    room = await platform.tell("GET", "/v1/rooms/a")
    assert (room["state"], room["participants"], room["ends_in_s"]) == ("open", 1, 60)
    with pytest.raises(RoomFull):
        await joins(platform, "a", "other")
    wider = {"max_participants": 2, "notice": "Now."}
    assert (await platform.tell("PATCH", "/v1/rooms/a", wider))["notice"] == "Now."
    await joins(platform, "a", "other")


async def test_a_room_that_was_opened_for_somebody_who_is_refused_does_not_stay_open(
    platform: Platform,
) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    await joins(platform, "a", "somebody")
    await platform.tell("POST", "/v1/rooms/a/participants/somebody/eject")
    with pytest.raises(Ejected):
        await joins(platform, "a", "somebody")
    assert (await platform.tell("GET", "/v1/rooms/a"))["state"] == "created"


async def test_created_rooms_outlive_the_relay(platform: Platform) -> None:
    room = await platform.tell("POST", "/v1/rooms", {"id": "a", "closes_at": at(platform, 3600)})
    await platform.tell("POST", "/v1/rooms", {"id": "b"})
    await platform.tell("DELETE", "/v1/rooms/b")
    again = Register(
        platform.relay.desk(),
        platform.relay.steering,
        Table(platform.api.database, "rooms"),
        platform.register._now,
        usual=RoomSettings(),
    )
    await again.load()
    found = again.find("a")
    assert found is not None
    assert found.closes_at == datetime.fromisoformat(room["closes_at"])
    assert again.find("b") is None
    grant = full_grant("b", Role.PATIENT, "somebody", open_room=True)
    with pytest.raises(UnknownRoom), again.passing(grant):
        pass


async def test_a_closed_room_is_forgotten_once_no_token_can_be_alive(platform: Platform) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    await platform.tell("DELETE", "/v1/rooms/a")
    platform.later(24 * 3600 + 59)
    await platform.register._keep_hours_once()
    assert list(platform.register._closed) == ["a"]
    platform.later(2)
    while platform.register._closed:
        platform.clock.move(1)
        await asyncio.sleep(0)
    assert await platform.register._table.read_all() == []


async def test_closings_that_were_put_off_or_cannot_be_written_down_are_kept(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.tell("POST", "/v1/rooms", {"id": "a", "closes_at": at(platform, 60)})
    await platform.tell("PATCH", "/v1/rooms/a", {"closes_at": at(platform, 120)})
    platform.wall.unix_s += 60
    await platform.register._keep_hours_once()
    assert platform.register.find("a") is not None
    platform.wall.unix_s += 60

    async def fails(*_: object) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as full:
        full.setattr(platform.register._table, "write", fails)
        with pytest.raises(StoreUnavailable):
            await platform.register._keep_hours_once()
        assert platform.register.find("a") is not None
    await platform.register._keep_hours_once()
    assert platform.register.find("a") is None


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
    assert not grant.arrival.once


async def test_a_token_may_be_minted_for_one_page_alone(platform: Platform) -> None:
    wanted = {"identity": "patient-7", "role": "patient", "once": True}
    token = await platform.tell("POST", "/v1/rooms/a/tokens", wanted)
    keys = parse_keys(f"key-1 {SECRET}\n", "the test")
    assert verify_untrusted(token["token"], keys, platform.wall.unix_s).arrival.once


async def test_no_more_rooms_are_kept_than_the_operator_allows(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Register, "count", lambda _: 10_000)
    assert await platform.refused("POST", "/v1/rooms", {}) == (409, "limit_reached")
