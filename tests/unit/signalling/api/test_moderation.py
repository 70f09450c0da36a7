"""What a platform does to people, over real HTTP: the rules are `relay.rooms.moderation`'s."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from relay.errors import Ejected, RoomLocked
from relay.rooms.permissions import Role
from relay.seats.seat import Seat
from signalling.audit import opaque
from signalling.links import full_grant
from tests.unit.signalling.api.conftest import Platform

PEOPLE = "/v1/rooms/a/participants"


async def waits(platform: Platform, identity: str, role: Role = Role.PATIENT) -> Seat:
    """Let somebody join who waits to be admitted."""
    return await platform.relay.join(full_grant("a", role, identity, open_room=True, waits=True))


async def standing(platform: Platform, room: str = "a") -> dict[str, str]:
    """Say how everybody in a room stands."""
    listed = await platform.tell("GET", f"/v1/rooms/{room}/participants")
    return {who["identity"]: who["standing"] for who in listed["participants"]}


async def test_who_waits_is_seen_in_order_admitted_and_sent_back(platform: Platform) -> None:
    await waits(platform, "first")
    await waits(platform, "second")
    listed = await platform.tell("GET", PEOPLE)
    assert {who["identity"]: who["place"] for who in listed["participants"]} == {
        "first": 1,
        "second": 2,
    }
    assert all(who["quality"] is None for who in listed["participants"])
    room = await platform.tell("GET", "/v1/rooms/a")
    assert (room["participants"], room["waiting"]) == (0, 2)
    admitted = await platform.tell("POST", f"{PEOPLE}/second/admit")
    assert (admitted["standing"], admitted["place"]) == ("admitted", None)
    assert await platform.tell("POST", f"{PEOPLE}/second/admit") == admitted, "it is so already"
    held = await platform.tell("POST", f"{PEOPLE}/second/hold")
    assert held["standing"] == "waiting"


async def test_an_assistant_hands_over_to_a_practitioner_in_one_step(platform: Platform) -> None:
    await platform.enters("a", "assistant", Role.ASSISTANT)
    await waits(platform, "doctor", Role.PRACTITIONER)
    await waits(platform, "patient")
    body = {"actor": "assistant", "to": "doctor", "patient": "patient"}
    room = await platform.tell("POST", "/v1/rooms/a/hand-over", body)
    assert (room["participants"], room["waiting"]) == (2, 1)
    assert await standing(platform) == {
        "assistant": "waiting",
        "doctor": "admitted",
        "patient": "admitted",
    }
    wrong = {"actor": "patient", "to": "doctor"}
    refused = await platform.refused("POST", "/v1/rooms/a/hand-over", wrong)
    assert refused == (403, "not_allowed")


async def test_somebody_is_moved_to_a_room_that_opens_for_them(platform: Platform) -> None:
    await platform.enters("a", "somebody")
    await platform.tell("POST", "/v1/rooms", {"id": "b"})
    moved = await platform.tell("POST", f"{PEOPLE}/somebody/move", {"to": "b"})
    assert moved["identity"] == "somebody"
    assert await standing(platform, "b") == {"somebody": "admitted"}
    assert await platform.refused("GET", PEOPLE) == (404, "not_found")
    refused = await platform.refused(
        "POST", "/v1/rooms/b/participants/somebody/move", {"to": "nowhere"}
    )
    assert refused == (404, "unknown_room")


async def test_nobody_is_sent_on_to_a_relay_that_the_operator_does_not_name(
    platform: Platform,
) -> None:
    await platform.enters("a", "somebody")
    there = {"url": "wss://other.example/v1/ws", "token": "t"}
    assert await platform.refused("POST", f"{PEOPLE}/somebody/send-on", there) == (
        422,
        "unprocessable",
    )


async def test_a_room_that_was_opened_for_a_move_that_failed_does_not_stay_open(
    platform: Platform,
) -> None:
    await platform.enters("a", "somebody")
    await platform.tell("POST", "/v1/rooms", {"id": "b", "max_waiting": 0})
    await platform.tell("POST", f"{PEOPLE}/somebody/hold")
    refused = await platform.refused("POST", f"{PEOPLE}/somebody/move", {"to": "b"})
    assert refused == (409, "room_full")
    assert (await platform.tell("GET", "/v1/rooms/b"))["state"] == "created"


async def test_who_is_put_out_stays_out_with_the_tokens_they_have(platform: Platform) -> None:
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    await platform.enters("a", "somebody")
    assert await platform.tell("POST", f"{PEOPLE}/somebody/eject") is None
    assert await standing(platform) == {"doctor": "admitted"}
    with pytest.raises(Ejected):
        await platform.enters("a", "somebody")
    assert await platform.tell("POST", f"{PEOPLE}/somebody/eject") is None, "it is so already"


async def test_an_invitation_is_taken_back_before_anybody_has_come_by_it(
    platform: Platform,
) -> None:
    """The room need not be open, nor created: a token may open it."""
    assert await platform.tell("POST", f"{PEOPLE}/somebody/eject") is None
    with pytest.raises(Ejected):
        await platform.enters("a", "somebody")
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    with pytest.raises(Ejected):
        await platform.enters("a", "somebody")
    await platform.enters("b", "somebody")
    platform.later(1)
    await platform.enters("a", "somebody")
    assert await standing(platform) == {"doctor": "admitted", "somebody": "admitted"}
    assert [each["did"] for each in platform.audit()] == ["ejectParticipant"]


async def test_a_locked_room_lets_nobody_else_in(platform: Platform) -> None:
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    assert (await platform.tell("POST", "/v1/rooms/a/lock"))["locked"]
    with pytest.raises(RoomLocked):
        await platform.enters("a", "somebody")
    assert not (await platform.tell("POST", "/v1/rooms/a/unlock"))["locked"]
    await platform.enters("a", "somebody")


async def test_nobody_is_moved_into_a_locked_room(platform: Platform) -> None:
    await platform.enters("a", "somebody")
    await platform.enters("b", "doctor", Role.PRACTITIONER)
    await platform.tell("POST", "/v1/rooms/b/lock")
    refused = await platform.refused("POST", f"{PEOPLE}/somebody/move", {"to": "b"})
    assert refused == (409, "room_locked")
    assert await standing(platform) == {"somebody": "admitted"}


async def test_mutes_are_a_moderators_and_are_undone_by_one(platform: Platform) -> None:
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    await platform.enters("a", "somebody")
    await platform.tell("POST", "/v1/rooms/a/mute")
    assert await held_back(platform) == {"doctor": [], "somebody": ["microphone"]}
    await platform.tell("POST", f"{PEOPLE}/somebody/mute", {"sources": ["camera"]})
    await platform.tell("POST", f"{PEOPLE}/doctor/mute", {})
    assert await held_back(platform) == {
        "doctor": ["microphone"],
        "somebody": ["camera", "microphone"],
    }
    await platform.tell("POST", "/v1/rooms/a/unmute")
    await platform.tell("POST", f"{PEOPLE}/somebody/unmute", {"sources": ["camera"]})
    assert await held_back(platform) == {"doctor": [], "somebody": []}


async def held_back(platform: Platform) -> dict[str, list[str]]:
    listed = await platform.tell("GET", PEOPLE)
    return {who["identity"]: who["held_back"] for who in listed["participants"]}


async def test_colleagues_confer_apart_and_patients_do_not(platform: Platform) -> None:
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    await platform.enters("a", "expert", Role.EXPERT)
    await platform.enters("a", "somebody")
    await platform.tell("POST", "/v1/rooms/a/private", {"members": ["doctor", "expert"]})
    assert await conferring(platform) == {"doctor", "expert"}
    await platform.tell("DELETE", "/v1/rooms/a/private")
    assert await conferring(platform) == set()
    body = {"members": ["doctor", "somebody"]}
    assert await platform.refused("POST", "/v1/rooms/a/private", body) == (403, "not_allowed")


async def conferring(platform: Platform) -> set[str]:
    listed = await platform.tell("GET", PEOPLE)
    return {who["identity"] for who in listed["participants"] if who["private"]}


async def test_a_room_is_extended(platform: Platform) -> None:
    await platform.enters("a", "somebody")
    before = await platform.tell("GET", "/v1/rooms/a")
    after = await platform.tell("POST", "/v1/rooms/a/extend", {"duration_s": 600})
    assert after["ends_in_s"] == before["ends_in_s"] + 600


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/rooms/a/lock", None),
        ("/v1/rooms/a/mute", None),
        ("/v1/rooms/a/extend", {"duration_s": 60}),
        ("/v1/rooms/a/private", {"members": ["somebody"]}),
        ("/v1/rooms/a/hand-over", {"actor": "one", "to": "other"}),
        (f"{PEOPLE}/somebody/admit", None),
        (f"{PEOPLE}/somebody/mute", {}),
        (f"{PEOPLE}/somebody/move", {"to": "b"}),
    ],
)
async def test_nobody_is_steered_in_a_room_that_is_not_open(
    platform: Platform, path: str, body: Any
) -> None:
    assert await platform.refused("POST", path, body) == (404, "unknown_room")
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    assert await platform.refused("POST", path, body) == (404, "unknown_room")


async def test_two_who_admit_at_once_admit_once(platform: Platform) -> None:
    await waits(platform, "somebody")
    told: list[str] = []
    platform.api.consultations.observers.append(lambda each: told.append(each.type))
    answers = await asyncio.gather(
        *(platform.tell("POST", f"{PEOPLE}/somebody/admit") for _ in range(2))
    )
    assert answers[0] == answers[1]
    assert told == ["participant.admitted", "participant.joined"]
    assert await standing(platform) == {"somebody": "admitted"}


async def test_a_report_tells_of_waiting_and_of_what_moderators_did(platform: Platform) -> None:
    await waits(platform, "somebody")
    room = await platform.tell("GET", "/v1/rooms/a")
    platform.wall.unix_s += 60
    await platform.tell("POST", f"{PEOPLE}/somebody/admit")
    await platform.tell("POST", "/v1/rooms/a/lock")
    report = await platform.tell("GET", f"/v1/consultations/{room['consultation']}/report")
    (stay,) = report["participants"]
    assert stay["waited_from"] == "2026-09-21T14:13:20Z"
    assert stay["joined_at"] == "2026-09-21T14:14:20Z"
    assert [each["type"] for each in report["incidents"]] == [
        "participant.admitted",
        "room.locked",
    ]


async def test_the_audit_says_whom_a_command_names_and_where_to(platform: Platform) -> None:
    for identity, role in (("doctor", Role.PRACTITIONER), ("expert", Role.EXPERT)):
        await platform.enters("a", identity, role)
    await platform.enters("a", "patient")
    await platform.enters("b", "colleague", Role.PRACTITIONER)
    members = {"members": ["doctor", "expert"]}
    await platform.tell("POST", "/v1/rooms/a/private", members)
    await platform.tell("POST", "/v1/rooms/a/participants/patient/move", {"to": "b"})
    wrong = {"actor": "doctor", "to": "expert"}
    await platform.refused("POST", "/v1/rooms/a/hand-over", wrong)
    conferred, moved, refused = platform.audit()
    assert conferred["people"] == [opaque("doctor"), opaque("expert")]
    assert (moved["identity"], moved["to"]) == (opaque("patient"), opaque("b"))
    assert "people" not in moved
    assert (refused["did"], refused["people"]) == ("handOverRoom", conferred["people"])
    assert "to" not in refused
