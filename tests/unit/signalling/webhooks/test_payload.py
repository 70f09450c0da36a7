"""What a webhook says of a silence: what is missing, of whom, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from relay.ids import ParticipantId, PublicationId, RoomId, new_consultation_id
from relay.rooms.events import Silence
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from signalling.consultations import (
    REPORT_READY,
    SILENCE_REFINED,
    TYPES,
    Document,
    Occurrence,
)
from signalling.webhooks.payload import event_of


def said_of(receiver: ParticipantId | None, receiver_identity: str | None) -> object:
    silence = Silence(
        track=PublicationId("t-1"),
        publisher=ParticipantId("p-1"),
        source=Source.CAMERA,
        receiver=receiver,
        stage=Stage.NOT_RECEIVED,
        cause=Cause.LOST,
    )
    occurrence = Occurrence(
        type="silence.began",
        at=datetime(2026, 9, 21, tzinfo=UTC),
        consultation=new_consultation_id(),
        room=RoomId("a"),
        participant=silence.publisher,
        identity="somebody",
        role=Role.PATIENT,
        reason=silence.cause,
        silence=silence,
        receiver_identity=receiver_identity,
    )
    data = json.loads(event_of(occurrence).body)["data"]
    del data["consultation"]
    return data


def test_a_silence_names_both_sides_and_how_far_it_comes() -> None:
    common = {
        "room": "a",
        "participant": "p-1",
        "identity": "somebody",
        "role": "patient",
        "reason": "lost",
        "source": "camera",
        "stage": "not_received",
    }
    assert said_of(ParticipantId("p-2"), "doctor") == {
        **common,
        "receiver": "p-2",
        "receiver_identity": "doctor",
    }
    assert said_of(None, None) == common


def test_a_report_that_is_ready_says_where_it_is_and_until_when() -> None:
    name = new_consultation_id()
    occurrence = Occurrence(
        type="report.ready",
        at=datetime(2026, 9, 21, tzinfo=UTC),
        consultation=name,
        room=RoomId("a"),
        kept_until=datetime(2026, 9, 22, tzinfo=UTC),
    )
    told = json.loads(event_of(occurrence).body)
    assert told["type"] == "report.ready"
    assert told["data"] == {
        "room": "a",
        "consultation": name,
        "report": f"/v1/consultations/{name}/report",
        "kept_until": "2026-09-22T00:00:00Z",
    }
    delivered = replace(occurrence, kept_until=None)
    body = event_of(delivered, Document(b'{"room":"a"}')).body
    assert json.loads(body)["data"] == {
        "room": "a",
        "consultation": name,
        "document": {"room": "a"},
    }


def test_the_guide_says_what_is_told() -> None:
    guide = (Path(__file__).parents[4] / "docs" / "webhooks.md").read_text()
    told = {*TYPES.values(), REPORT_READY} - {SILENCE_REFINED}
    assert {each for each in told if f"`{each}`" not in guide} == set()
    assert SILENCE_REFINED not in guide
