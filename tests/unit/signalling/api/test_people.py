"""Who is in a room, how they are heard and seen, what is said to them, and what is known after."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.ids import ParticipantId, PublicationId, RoomId
from relay.monitoring.silences import SilenceNews
from relay.monitoring.telling_silences import pass_on
from relay.rooms.events import Silence
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from tests.unit.signalling.api.conftest import Platform


async def test_people_are_listed_page_by_page(platform: Platform) -> None:
    assert await platform.refused("GET", "/v1/rooms/a/participants") == (404, "not_found")
    await platform.tell("POST", "/v1/rooms", {"id": "a"})
    assert (await platform.tell("GET", "/v1/rooms/a/participants"))["participants"] == []
    for name in ("one", "two", "three"):
        await platform.enters("a", name)
    first = await platform.tell("GET", "/v1/rooms/a/participants?limit=2")
    cursor = first["next_cursor"]
    rest = await platform.tell("GET", f"/v1/rooms/a/participants?limit=2&cursor={cursor}")
    people = first["participants"] + rest["participants"]
    assert {who["identity"] for who in people} == {"one", "two", "three"}
    assert rest["next_cursor"] is None
    assert people[0]["quality"]["from"] == {"verdict": "good", "loss_ratio": None, "rtt_ms": None}
    assert people[0]["media"] == "none"


async def test_quality_is_told_for_everybody(platform: Platform) -> None:
    seat = await platform.enters("a", "somebody")
    quality = await platform.tell("GET", "/v1/rooms/a/quality")
    (who,) = quality["participants"]
    assert (who["identity"], who["participant"]) == ("somebody", seat.participant)
    assert who["quality"]["towards"]["verdict"] == "good"


async def test_quality_and_report_tell_who_is_not_heard_and_by_whom(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = await platform.enters("a", "somebody")
    doctor = await platform.enters("a", "doctor", Role.PRACTITIONER)
    seating = platform.relay._seating
    silence = Silence(
        track=PublicationId("t-1"),
        publisher=patient.participant,
        source=Source.MICROPHONE,
        receiver=doctor.participant,
        stage=Stage.NOT_PLAYED,
        cause=Cause.PLAY_REFUSED,
    )
    gone = replace(silence, publisher=ParticipantId("p-gone"))
    monkeypatch.setattr(platform.relay.silences, "standing", lambda _: [silence, gone])
    quality = await platform.tell("GET", "/v1/rooms/a/quality")
    assert quality["silences"] == [
        {
            "identity": "somebody",
            "participant": patient.participant,
            "source": "microphone",
            "receiver": doctor.participant,
            "receiver_identity": "doctor",
            "stage": "not_played",
            "cause": "play_refused",
        }
    ]
    refined = replace(silence, cause=Cause.PLAY_PAUSED)
    pass_on(seating, SilenceNews(RoomId("a"), silence, "begun"))
    pass_on(seating, SilenceNews(RoomId("a"), refined, "refined"))
    pass_on(seating, SilenceNews(RoomId("a"), refined, "over"))
    report = await platform.tell("GET", f"/v1/consultations/{quality['consultation']}/report")
    assert [(each["type"], each["reason"]) for each in report["incidents"]] == [
        ("silence.began", "play_refused"),
        ("silence.ended", "play_paused"),
    ]
    assert [each["cause"] for each in report["silences"]] == ["play_paused"]
    assert report["incidents"][0]["source"] == "microphone"
    assert report["incidents"][0]["receiver"] == doctor.participant


async def test_a_message_reaches_those_addressed(platform: Platform) -> None:
    message = {"to": "patients", "type": "notice", "body": {"text": "soon"}}
    refused = await platform.refused("POST", "/v1/rooms/a/messages", message)
    assert refused == (404, "not_found")
    await platform.enters("a", "somebody")
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    assert await platform.tell("POST", "/v1/rooms/a/messages", message) == {"recipients": 1}
    reserved = {"to": "all", "type": "relay.closing"}
    refused = await platform.refused("POST", "/v1/rooms/a/messages", reserved)
    assert refused == (400, "invalid_request")


async def test_a_report_tells_who_was_there_and_when_during_and_after(platform: Platform) -> None:
    patient = await platform.enters("a", "somebody")
    room = await platform.tell("GET", "/v1/rooms/a")
    path = f"/v1/consultations/{room['consultation']}/report"
    platform.wall.unix_s += 60
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    during = await platform.tell("GET", path)
    assert during["closed_at"] is None
    platform.wall.unix_s += 60
    await patient.leave("left")
    await platform.tell("DELETE", "/v1/rooms/a")
    after = await platform.tell("GET", path)
    assert after["summary"]["en"][0] == (
        "The consultation of 2026-09-21 lasted 2 min 0 s, from 14:13:20 to 14:15:20 (UTC)."
    )
    assert {name: after[name] for name in WRITTEN_DOWN} == {
        "consultation": room["consultation"],
        "room": "a",
        "opened_at": "2026-09-21T14:13:20Z",
        "closed_at": "2026-09-21T14:15:20Z",
        "participants": [
            {
                "identity": "somebody",
                "participant": patient.participant,
                "role": "patient",
                "waited_from": None,
                "joined_at": "2026-09-21T14:13:20Z",
                "left_at": "2026-09-21T14:15:20Z",
                "reason": "left",
            },
            {
                "identity": "doctor",
                "participant": after["participants"][1]["participant"],
                "role": "practitioner",
                "waited_from": None,
                "joined_at": "2026-09-21T14:14:20Z",
                "left_at": "2026-09-21T14:15:20Z",
                "reason": "room_closed",
            },
        ],
        "incidents": [],
        "left_out": 0,
    }
    platform.wall.unix_s += platform.config.api.keep_reports_s + 1
    assert await platform.refused("GET", path) == (404, "no_such_consultation")


WRITTEN_DOWN = (
    "consultation",
    "room",
    "opened_at",
    "closed_at",
    "participants",
    "incidents",
    "left_out",
)
