from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rooms.permissions import Source
from signalling.messages import ClientMessage, Join, Mute, Offer, Publish
from signalling.websocket.reading import Unreadable, read_untrusted

LIMIT = 65_536


def read(message: object) -> ClientMessage:
    return read_untrusted(json.dumps(message).encode(), max_bytes=LIMIT)


def refusal(message: object) -> Unreadable:
    raw = message if isinstance(message, bytes) else json.dumps(message).encode()
    with pytest.raises(Unreadable) as refused:
        read_untrusted(raw, max_bytes=LIMIT)
    return refused.value


def health(sending: dict[str, str], playing: dict[str, str]) -> dict[str, object]:
    return {"type": "health", "id": 7, "sending": sending, "playing": playing}


def test_a_message_becomes_its_type() -> None:
    assert read({"type": "join", "id": 1, "token": "t"}) == Join(id=1, token="t")
    assert read({"type": "mute", "id": 2, "track": "t-1", "muted": True}) == Mute(
        id=2, track="t-1", muted=True
    )
    assert read(
        {"type": "offer", "id": 3, "sdp": "v=0", "fresh": True, "tracks": {"0": "microphone"}}
    ) == Offer(id=3, sdp="v=0", fresh=True, tracks={"0": Source.MICROPHONE})
    assert read({"type": "publish", "id": 4, "tracks": {}}) == Publish(id=4, tracks={})


@pytest.mark.parametrize(
    ("message", "code", "request_id"),
    [
        ([], "invalid_message", None),
        ("join", "invalid_message", None),
        (None, "invalid_message", None),
        ({}, "invalid_message", None),
        ({"id": 7}, "invalid_message", 7),
        ({"type": 7, "id": 7}, "invalid_message", 7),
        ({"type": ["join"], "id": 7}, "invalid_message", 7),
        ({"type": "admit", "id": 7}, "unknown_type", 7),
        ({"type": "joined", "id": 7}, "unknown_type", 7),
        ({"type": "JOIN", "id": 7}, "unknown_type", 7),
        ({"type": "join", "id": 7}, "invalid_message", 7),
        ({"type": "join", "id": 7, "token": ""}, "invalid_message", 7),
        ({"type": "join", "id": 7, "token": "t" * 8_193}, "invalid_message", 7),
        ({"type": "join", "id": 7, "token": "t", "takover": True}, "invalid_message", 7),
        ({"type": "join", "id": 7, "token": "t", "client": "c" * 201}, "invalid_message", 7),
        ({"type": "health", "id": 7, "sending": {}}, "invalid_message", 7),
        (
            {"type": "health", "id": 7, "sending": {"t": "broken"}, "playing": {}},
            "invalid_message",
            7,
        ),
        (
            {"type": "health", "id": 7, "sending": {}, "playing": {"t": "sending"}},
            "invalid_message",
            7,
        ),
        ({"type": "health", "id": 7, "sending": {"": "idle"}, "playing": {}}, "invalid_message", 7),
        (
            {
                "type": "health",
                "id": 7,
                "sending": {f"t{n}": "idle" for n in range(33)},
                "playing": {},
            },
            "invalid_message",
            7,
        ),
        (
            {**health({}, {}), "received": {"t": {"made_up_ms": -1}}},
            "invalid_message",
            7,
        ),
        (
            {**health({}, {}), "received": {f"t{n}": {} for n in range(33)}},
            "invalid_message",
            7,
        ),
        (
            {**health({}, {}), "network": {"transport": "udp", "relayed": False, "ip": 5}},
            "invalid_message",
            7,
        ),
        ({"type": "ping"}, "invalid_message", None),
        ({"type": "ping", "id": "7"}, "invalid_message", None),
        ({"type": "ping", "id": True}, "invalid_message", None),
        ({"type": "ping", "id": -1}, "invalid_message", None),
        ({"type": "ping", "id": 2**53}, "invalid_message", None),
        ({"type": "ping", "id": 1.5}, "invalid_message", None),
        ({"type": "mute", "id": 7, "track": "t", "muted": "yes"}, "invalid_message", 7),
        ({"type": "mute", "id": 7, "track": "t" * 129, "muted": True}, "invalid_message", 7),
        ({"type": "mark", "id": 7, "track": "t", "keeps": "colour"}, "invalid_message", 7),
        ({"type": "mark", "id": 7, "track": "t", "keeps": True}, "invalid_message", 7),
        ({"type": "mark", "id": 7, "track": "t"}, "invalid_message", 7),
        ({"type": "mark", "id": 7, "track": "t", "keep": "motion"}, "invalid_message", 7),
        ({"type": "publish", "id": 7, "tracks": {"0": "holodeck"}}, "invalid_message", 7),
        ({"type": "publish", "id": 7, "tracks": {"a b": "camera"}}, "invalid_message", 7),
        ({"type": "publish", "id": 7, "tracks": []}, "invalid_message", 7),
        (
            {"type": "publish", "id": 7, "tracks": {str(n): "camera" for n in range(33)}},
            "invalid_message",
            7,
        ),
        (b"[" * 33 + b"]" * 33, "too_deep", None),
        (b'"' + b"a" * LIMIT + b'"', "too_large", None),
        (b"\xff", "invalid_message", None),
        (b'{"type":"ping","id":1,"id":2}', "invalid_message", None),
        (b'{"type":"ping","id":NaN}', "invalid_message", None),
    ],
)
def test_what_is_no_request_is_refused_with_its_code_and_id(
    message: object, code: str, request_id: int | None
) -> None:
    refused = refusal(message)
    assert refused.error.code == code
    assert refused.request_id == request_id


@pytest.mark.parametrize(
    "message",
    [
        {"type": "join", "id": 1, "token": "t", "Jeanne Martin": 1},
        {"type": "publish", "id": 1, "tracks": {"Jeanne Martin": "camera"}},
        {"type": "publish", "id": 1, "tracks": {"0": "Jeanne Martin"}},
        {"type": "mute", "id": 1, "track": "Jeanne Martin", "muted": "Jeanne Martin"},
        {"type": "Jeanne Martin", "id": 1},
    ],
)
def test_a_refusal_never_quotes_what_was_sent(message: dict[str, Any]) -> None:
    refused = refusal(message)
    assert "Jeanne" not in refused.error.words


def test_a_refusal_names_the_field_it_is_about() -> None:
    words = refusal({"type": "mute", "id": 7, "track": "t", "muted": 1}).error.words
    assert words == (
        "The mute message does not fit the protocol: Expected `bool`, got `int` (at muted)."
    )


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(frame: bytes) -> None:
    try:
        request = read_untrusted(frame, max_bytes=LIMIT)
    except Unreadable:
        return
    assert json.loads(msgspec.json.encode(request))["id"] == request.id


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.dictionaries(st.text(max_size=5), st.sampled_from([*Source, "other"]), max_size=3)
)
FIELDS = ["id", "token", "takeover", "client", "seat", "secret", "sdp", "fresh", "tracks", "keeps"]
TYPES = [
    *("join", "resume", "offer", "publish", "unpublish"),
    *("mute", "mark", "subscribe", "leave", "ping"),
]


@given(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=5))
def test_any_fields_of_any_type_are_read_or_refused(kind: str, fields: dict[str, object]) -> None:
    try:
        request = read({"type": kind, **fields})
    except Unreadable as refused:
        code = refused.error.code
    else:
        code = str(type(request).__struct_config__.tag)
    assert code in {kind, "invalid_message"}
