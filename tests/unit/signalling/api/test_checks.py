"""What a platform learns of the checks that people make before a consultation."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from relay.ids import RoomId, new_consultation_id
from relay.precall import (
    Checked,
    CheckResult,
    Finding,
    Outcome,
    PathKind,
    PathTried,
    PrecallVerdict,
)
from relay.rooms.permissions import Role
from signalling.consultations import Occurrence
from signalling.links import full_grant
from signalling.webhooks.payload import event_of
from tests.unit.signalling.api.conftest import Platform

RESULT = CheckResult(
    verdict=PrecallVerdict.LIMITED,
    findings=(Finding(of=Checked.CAMERA, outcome=Outcome.BAD, code="device_busy"),),
    paths=(PathTried(path=PathKind.UDP, works=True, after_ms=80),),
    from_kbps=900,
)


async def test_a_check_made_before_is_listed_with_its_person_and_reported(
    platform: Platform,
) -> None:
    grant = full_grant("a", Role.PATIENT, "somebody", open_room=True)
    platform.relay.checks.begin(grant).keep(RESULT)
    platform.later(90)
    await platform.enters("a", "somebody")
    await platform.enters("a", "doctor", Role.PRACTITIONER)
    listed = await platform.tell("GET", "/v1/rooms/a/participants")
    checks = {who["identity"]: who["precall"] for who in listed["participants"]}
    assert checks["doctor"] is None
    assert checks["somebody"]["age_s"] == 90
    found = checks["somebody"]["result"]
    assert (found["verdict"], found["from_kbps"], found["rtt_ms"]) == ("limited", 900, None)
    assert found["findings"] == [{"of": "camera", "outcome": "bad", "code": "device_busy"}]
    assert found["paths"] == [{"path": "udp", "works": True, "after_ms": 80}]

    platform.relay.charting.look(next(iter(platform.relay._seating.rooms.values())))
    room = await platform.tell("GET", "/v1/rooms/a")
    report = await platform.tell("GET", f"/v1/consultations/{room['consultation']}/report")
    (told,) = report["precalls"]
    assert told["result"] == found, "in the same words"
    assert report["incidents"] == [], "it is told once"


async def test_a_check_of_somebody_who_is_there_replaces_their_last(platform: Platform) -> None:
    grant = full_grant("a", Role.PATIENT, "somebody", open_room=True)
    await platform.enters("a", "somebody")
    check = platform.relay.checks.begin(grant)
    check.keep(RESULT)
    check.keep(CheckResult(verdict=PrecallVerdict.READY, findings=()))
    listed = await platform.tell("GET", "/v1/rooms/a/participants")
    (who,) = listed["participants"]
    assert who["precall"]["result"]["verdict"] == "ready"


def test_a_webhook_tells_the_whole_of_a_check() -> None:
    occurrence = Occurrence(
        type="participant.checked",
        at=datetime(2026, 9, 21, tzinfo=UTC),
        consultation=new_consultation_id(),
        room=RoomId("a"),
        identity="somebody",
        reason=RESULT.verdict,
        precall=RESULT,
    )
    data = json.loads(event_of(occurrence).body)["data"]
    assert data["reason"] == "limited"
    assert data["precall"]["findings"][0]["code"] == "device_busy"
    assert data["precall"]["from_kbps"] == 900
