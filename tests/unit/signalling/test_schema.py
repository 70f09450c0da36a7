from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from relay.ids import ParticipantId, PublicationId
from relay.rooms.participant import ParticipantInfo, WaitingInfo
from relay.rooms.permissions import Kind, Role, Source
from relay.rooms.settings import Priority
from relay.rooms.track import TrackInfo
from relay.trouble import Cause, Playing, Sending, Stage
from signalling import messages, schema
from signalling.messages import moderating

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "protocol.schema.json"
TRACK = TrackInfo(id=PublicationId("t-1"), kind=Kind.AUDIO, source=Source.MICROPHONE, muted=False)
PERSON = ParticipantInfo(
    id=ParticipantId("p-1"), role=Role.PATIENT, connected=True, tracks=(TRACK,)
)
EXAMPLES: list[messages.ClientMessage | messages.RelayMessage] = [
    messages.Join(id=1, token="t"),
    messages.Resume(id=1, seat="s-1", secret="secret"),
    messages.Offer(id=1, sdp="v=0", fresh=True, tracks={"0": Source.CAMERA}),
    messages.Publish(id=1, tracks={}),
    messages.Unpublish(id=1, track="t-1"),
    messages.Mute(id=1, track="t-1", muted=True),
    messages.Mark(id=1, track="t-1", keeps="motion"),
    messages.Mark(id=1, track="t-1", keeps=None),
    messages.Subscribe(id=1, track="t-1", wanted=False),
    messages.Moderate(id=1, command=moderating.HandOver(to="p-1", patient="p-2")),
    messages.Moderate(id=1, command=moderating.MuteOne(participant="p-1", muted=True)),
    messages.Health(id=1, sending={"t-1": Sending.SENDING}, playing={"t-2": Playing.NO_SPEAKER}),
    messages.Health(
        id=1,
        sending={},
        playing={},
        received={"t-2": messages.Received(made_up_ms=120)},
        network=messages.Network(transport="tls", relayed=True),
        stood=messages.Stood(began_ms_ago=9_000, ended_ms_ago=40),
    ),
    messages.Leave(id=1),
    messages.Ping(id=1),
    messages.Joined(
        id=1,
        protocol=1,
        resumed=False,
        seat="s-1",
        secret="secret",
        participant="p-2",
        role=Role.PRACTITIONER,
        tracks=(TRACK,),
        room=messages.RoomInfo(participants=(PERSON,)),
        ice_servers=(messages.IceServer(urls=("turn:turn.example",), username="u"),),
        keep_s=120.0,
        slots=messages.SlotCount(audio=2, video=3),
    ),
    messages.Answer(id=1, sdp="v=0"),
    messages.Published(id=1, tracks=(TRACK,)),
    messages.Ok(id=1),
    messages.Pong(id=1),
    messages.Error(code="not_found", words="w", action="a"),
    messages.Error(id=1, code="overloaded", words="w", action="a", retry_after_s=1.5),
    messages.ParticipantJoined(participant=PERSON),
    messages.ParticipantLeft(participant="p-1", reason="left"),
    messages.ParticipantChanged(participant="p-1", connected=False),
    messages.Waiting(place=1, notice="soon", reason="handed_over"),
    messages.Admitted(room=messages.RoomInfo(participants=(PERSON,), locked=True, ends_in_s=60)),
    messages.Moved(participant="p-1", room=messages.RoomInfo(participants=())),
    messages.Relocate(ticket="t"),
    messages.WaitingRoom(
        people=(WaitingInfo(PERSON.id, Role.PATIENT, True, "10:15", Priority.NORMAL, 3),), total=1
    ),
    messages.HeldBack(sources=(Source.CAMERA,)),
    messages.RoomChanged(locked=False),
    messages.TrackPublished(participant="p-1", track=TRACK),
    messages.TrackUnpublished(participant="p-1", track="t-1"),
    messages.TrackMuted(participant="p-1", track="t-1", muted=True),
    messages.Slots(
        bindings=(
            messages.SlotBinding(
                mid="2", track="t-1", participant="p-1", kind=Kind.AUDIO, source=Source.MICROPHONE
            ),
            messages.SlotBinding(mid="3", track=None),
            messages.SlotBinding(
                mid="4",
                track="t-2",
                participant="p-1",
                kind=Kind.VIDEO,
                source=Source.CAMERA,
                paused="low_rate",
            ),
        )
    ),
    messages.MoreSlots(audio=0, video=1),
    messages.Renegotiate(reason="codec"),
    messages.IceServers(
        ice_servers=(
            messages.IceServer(urls=("turns:turn.example",), username="u", credential="c"),
        )
    ),
    messages.Encodings(
        track="t-2",
        encodings=(
            messages.EncodingChoice(rid="h", active=True, max_bitrate_bps=450_000, scale=2.0),
            messages.EncodingChoice(rid="m", active=False),
        ),
        keeps="detail",
    ),
    messages.Connection(state="failed", reason="no_path"),
    messages.Quality(participant="p-1", direction="from", verdict="weak", loss_ratio=0.04),
    messages.Subscriptions(
        state="reduced",
        path_kbps=850,
        pictures=(
            messages.PictureSent(
                track="t-2",
                state="sent",
                rid="m",
                temporal_layer=1,
                width=640,
                height=360,
                kbps=310,
            ),
            messages.PictureSent(track="t-3", state="no_room"),
        ),
    ),
    messages.Silences(
        silences=(
            messages.Silence(
                track="t-1",
                publisher="p-1",
                source=Source.CAMERA,
                stage=Stage.NOT_PLAYED,
                cause=Cause.PLAY_PAUSED,
                receiver="p-2",
            ),
        )
    ),
    messages.Speaking(participant="p-1", speaking=True),
    messages.Closing(code="draining", words="w", action="a"),
]


def as_sent(message: messages.ClientMessage | messages.RelayMessage) -> Any:
    return json.loads(msgspec.json.encode(message))


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    published = json.loads(COMMITTED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    return jsonschema.Draft202012Validator(published)


def test_the_published_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema.text()


def test_every_message_of_the_protocol_has_an_example() -> None:
    types = {kind.__struct_config__.tag for kind in _members()}
    assert {as_sent(example)["type"] for example in EXAMPLES} == types


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: type(example).__name__)
def test_what_is_sent_fits_the_published_schema(
    example: messages.ClientMessage | messages.RelayMessage,
    validator: jsonschema.Draft202012Validator,
) -> None:
    sent = as_sent(example)
    validator.validate(sent)
    misspelt = {**sent, "type": sent["type"].upper()}
    assert not validator.is_valid(misspelt)


@pytest.mark.parametrize(
    "sent",
    [
        {"type": "join", "id": 1},
        {"type": "join", "id": 1, "token": "t", "unknown": 1},
        {"type": "ping", "id": -1},
        {"type": "publish", "id": 1, "tracks": {"0": "holodeck"}},
        {"type": "mark", "id": 1, "track": "t-1", "keeps": "colour"},
        {"type": "mark", "id": 1, "track": "t-1"},
        {"type": "error", "code": "never heard of", "words": "w", "action": "a"},
        {"type": "encodings", "track": "t", "encodings": [{"rid": "h"}]},
        {
            "type": "encodings",
            "track": "t",
            "encodings": [{"rid": "h", "active": True, "scale": 0.5}],
        },
    ],
)
def test_the_published_schema_refuses_what_the_relay_refuses(
    sent: object, validator: jsonschema.Draft202012Validator
) -> None:
    assert not validator.is_valid(sent)


def test_an_idle_slot_says_so_with_null() -> None:
    slots = as_sent(messages.Slots(bindings=(messages.SlotBinding(mid="3", track=None),)))
    assert slots["bindings"] == [{"mid": "3", "track": None}]


def _members() -> tuple[type[msgspec.Struct], ...]:
    return (*messages.ClientMessage.__args__, *messages.RelayMessage.__args__)
