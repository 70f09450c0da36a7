from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from relay.ids import Mid, ParticipantId, PublicationId
from relay.rooms import events, standing_events
from relay.rooms.closings import Closing, ClosingCode, closing
from relay.rooms.leg_states import LegState
from relay.rooms.participant import ParticipantInfo, WaitingInfo
from relay.rooms.permissions import Kind, Role, Source
from relay.rooms.settings import Priority
from relay.rooms.snapshot import RoomSnapshot, RoomState
from relay.rooms.standing import Standing
from relay.rooms.track import TrackInfo
from relay.trouble import Cause, Stage
from signalling.websocket.events import message_for

SOMEBODY = ParticipantId("p-1")
TRACK = PublicationId("t-1")
INFO = TrackInfo(id=TRACK, kind=Kind.VIDEO, source=Source.CAMERA, muted=False)
INFO_AS_SENT = {"id": "t-1", "kind": "video", "source": "camera", "muted": False}

PAIRS: list[tuple[events.SeatEvent, dict[str, Any]]] = [
    (
        events.ParticipantJoined(
            ParticipantInfo(id=SOMEBODY, role=Role.PATIENT, connected=True, tracks=(INFO,))
        ),
        {
            "type": "participant_joined",
            "participant": {
                "id": "p-1",
                "role": "patient",
                "connected": True,
                "tracks": [INFO_AS_SENT],
                "private": False,
            },
        },
    ),
    (
        events.ParticipantLeft(SOMEBODY, "expired"),
        {"type": "participant_left", "participant": "p-1", "reason": "expired"},
    ),
    (
        events.ParticipantChanged(SOMEBODY, connected=True),
        {"type": "participant_changed", "participant": "p-1", "connected": True},
    ),
    (
        events.ParticipantChanged(SOMEBODY, connected=True, private=True),
        {
            "type": "participant_changed",
            "participant": "p-1",
            "connected": True,
            "private": True,
        },
    ),
    (
        standing_events.WaitingChanged(2, "soon", "sent_back"),
        {"type": "waiting", "place": 2, "notice": "soon", "reason": "sent_back"},
    ),
    (
        standing_events.CameIn(RoomSnapshot((), RoomState(locked=True, ends_in_s=60))),
        {"type": "admitted", "room": {"participants": [], "locked": True, "ends_in_s": 60}},
    ),
    (
        standing_events.MovedTo(
            SOMEBODY, Standing.WAITING, RoomSnapshot(()), (INFO,), keeps_leg=True
        ),
        {
            "type": "moved",
            "participant": "p-1",
            "room": {"participants": []},
            "standing": "waiting",
            "tracks": [INFO_AS_SENT],
            "keeps_leg": True,
        },
    ),
    (
        standing_events.WaitingRoomChanged(
            (WaitingInfo(SOMEBODY, Role.PATIENT, True, "10:15", Priority.URGENT, 12),), 1, "soon"
        ),
        {
            "type": "waiting_room",
            "people": [
                {
                    "id": "p-1",
                    "role": "patient",
                    "connected": True,
                    "label": "10:15",
                    "priority": "urgent",
                    "waited_s": 12,
                    "precall": None,
                }
            ],
            "total": 1,
            "notice": "soon",
        },
    ),
    (standing_events.RelocationAsked("ticket"), {"type": "relocate", "ticket": "ticket"}),
    (
        standing_events.HeldBackChanged((Source.MICROPHONE,)),
        {"type": "held_back", "sources": ["microphone"]},
    ),
    (
        standing_events.RoomStateChanged(RoomState(locked=True, ends_in_s=60)),
        {"type": "room_changed", "locked": True, "ends_in_s": 60},
    ),
    (
        events.TrackPublished(SOMEBODY, INFO),
        {"type": "track_published", "participant": "p-1", "track": INFO_AS_SENT},
    ),
    (
        events.TrackUnpublished(SOMEBODY, TRACK),
        {"type": "track_unpublished", "participant": "p-1", "track": "t-1"},
    ),
    (
        events.TrackMuted(SOMEBODY, TRACK, muted=True),
        {"type": "track_muted", "participant": "p-1", "track": "t-1", "muted": True},
    ),
    (
        events.SlotsChanged(
            (
                events.SlotCarries(Mid("3"), SOMEBODY, TRACK, Kind.VIDEO, Source.CAMERA),
                events.SlotIdle(Mid("4")),
                events.SlotCarries(Mid("5"), SOMEBODY, TRACK, Kind.VIDEO, Source.SCREEN, "no_room"),
            )
        ),
        {
            "type": "slots",
            "bindings": [
                {
                    "mid": "3",
                    "track": "t-1",
                    "participant": "p-1",
                    "kind": "video",
                    "source": "camera",
                },
                {"mid": "4", "track": None},
                {
                    "mid": "5",
                    "track": "t-1",
                    "participant": "p-1",
                    "kind": "video",
                    "source": "screen",
                    "paused": "no_room",
                },
            ],
        },
    ),
    (events.MoreSlotsNeeded(1, 2), {"type": "more_slots", "audio": 1, "video": 2}),
    (events.RenegotiationNeeded("codec"), {"type": "renegotiate", "reason": "codec"}),
    (
        events.EncodingsChosen(
            TRACK,
            (
                events.EncodingChoice("h", active=True, max_bps=450_000, scale=2.0),
                events.EncodingChoice("m", active=False),
            ),
            keeps="motion",
        ),
        {
            "type": "encodings",
            "track": "t-1",
            "encodings": [
                {"rid": "h", "active": True, "max_bitrate_bps": 450_000, "scale": 2.0},
                {"rid": "m", "active": False},
            ],
            "keeps": "motion",
        },
    ),
    (
        events.ConnectionChanged(LegState.FAILED, "no_path"),
        {"type": "connection", "state": "failed", "reason": "no_path"},
    ),
    (
        events.ConnectionChanged(LegState.CONNECTED),
        {"type": "connection", "state": "connected"},
    ),
    (
        events.QualityChanged(SOMEBODY, "from", "weak", 0.123456, None),
        {
            "type": "quality",
            "participant": "p-1",
            "direction": "from",
            "verdict": "weak",
            "loss_ratio": 0.1235,
        },
    ),
    (
        events.SubscriptionsChanged(
            "partly_paused",
            849_600,
            (
                events.PictureSent(
                    TRACK, "sent", rid="m", temporal=1, width=640, height=360, bps=310_400
                ),
                events.PictureSent(PublicationId("t-2"), "low_rate"),
            ),
        ),
        {
            "type": "subscriptions",
            "state": "partly_paused",
            "path_kbps": 850,
            "pictures": [
                {
                    "track": "t-1",
                    "state": "sent",
                    "rid": "m",
                    "temporal_layer": 1,
                    "width": 640,
                    "height": 360,
                    "kbps": 310,
                },
                {"track": "t-2", "state": "low_rate"},
            ],
        },
    ),
    (
        events.SubscriptionsChanged("audio_only", None, ()),
        {"type": "subscriptions", "state": "audio_only", "pictures": []},
    ),
    (
        events.SilencesChanged(
            (
                events.Silence(
                    TRACK,
                    SOMEBODY,
                    Source.MICROPHONE,
                    None,
                    Stage.NOT_ARRIVING,
                    Cause.STOPPED,
                ),
            )
        ),
        {
            "type": "silences",
            "silences": [
                {
                    "track": TRACK,
                    "publisher": "p-1",
                    "source": "microphone",
                    "stage": "not_arriving",
                    "cause": "stopped",
                }
            ],
        },
    ),
    (
        events.SpeakingChanged(SOMEBODY, speaking=False),
        {"type": "speaking", "participant": "p-1", "speaking": False},
    ),
    (
        events.MessageRefused("too_large", "w", "a"),
        {"type": "error", "code": "too_large", "words": "w", "action": "a"},
    ),
]


@pytest.mark.parametrize(("event", "sent"), PAIRS, ids=lambda value: type(value).__name__)
def test_each_event_becomes_its_message(event: events.SeatEvent, sent: dict[str, Any]) -> None:
    assert msgspec.json.decode(msgspec.json.encode(message_for(event))) == sent


@pytest.mark.parametrize("code", get_args(ClosingCode))
def test_each_end_of_a_seat_has_words_and_an_action(code: ClosingCode) -> None:
    sent = msgspec.json.decode(msgspec.json.encode(message_for(closing(code))))
    assert sent == {
        "type": "closing",
        "code": code,
        "words": closing(code).words,
        "action": closing(code).action,
    }


def test_a_leg_closed_on_purpose_is_not_told() -> None:
    assert message_for(events.ConnectionChanged(LegState.CLOSED)) is None


def test_every_event_has_a_case_here() -> None:
    told = {type(event) for event, _ in PAIRS} | {Closing}
    assert told == set(get_args(events.SeatEvent))
