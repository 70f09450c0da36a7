"""Whatever comes over the network is either read whole or refused with one of our errors."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from relay.errors import CallerError
from signalling.api.credentials import ApiKey, Scope, draw_key, recognise_untrusted
from signalling.api.errors import InvalidBody, KeyRefused
from signalling.api.idempotency import idempotency_key_untrusted
from signalling.api.reading import body_untrusted, path_untrusted, query_untrusted
from signalling.api.schemas import CreateRoom, CreateToken, InRoom, Page, SendMessage, UpdateRoom

KEY, TEXT = draw_key("clinic", Scope, 0.0)
KEYS = {KEY.id: KEY}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
field_names = st.sampled_from(
    ["id", "opens_at", "closes_at", "max_participants", "identity", "role", "grants", "ttl_s", "to"]
)


@given(header=st.none() | st.text() | st.builds("Bearer {}".format, st.text()))
@example(header=f"Bearer {TEXT} ")
@example(header=f"Bearer {TEXT}\n")
@example(header=f"Bearer {TEXT[:-1]}")
@example(header=f"Bearer vvk_clinic_{'é' * 43}")
def test_only_the_key_itself_is_recognised(header: str | None) -> None:
    assert recognised(f"Bearer {TEXT}") is KEY
    assert recognised(header) is None


def recognised(header: str | None) -> ApiKey | None:
    try:
        return recognise_untrusted(header, KEYS)
    except KeyRefused:
        return None


@given(header=st.text())
@example(header='"k-1"')
def test_an_idempotency_key_is_visible_text_or_refused(header: str) -> None:
    try:
        key = idempotency_key_untrusted(header)
    except InvalidBody:
        return
    assert key is not None
    assert 1 <= len(key) <= 255
    assert key.isascii()
    assert key.isprintable()
    assert key in header


@given(
    body=st.binary()
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(field_names, json_values).map(lambda value: json.dumps(value).encode()),
    wanted=st.sampled_from([CreateRoom, UpdateRoom, CreateToken, SendMessage]),
)
def test_a_body_is_what_the_operation_takes_or_refused(body: bytes, wanted: type[object]) -> None:
    try:
        read = body_untrusted(body, "application/json", wanted, max_bytes=1_024)
    except CallerError:
        return
    assert isinstance(read, wanted)


@given(pairs=st.lists(st.tuples(st.sampled_from(["limit", "cursor", "x"]), st.text())))
def test_a_query_is_what_the_operation_takes_or_refused(pairs: list[tuple[str, str]]) -> None:
    try:
        page = query_untrusted(pairs, Page)
    except CallerError:
        return
    assert 1 <= page.limit <= 200
    assert page.cursor is None or page.cursor.isascii()


@given(room=st.text())
@example(room="a\n")
@example(room="..")
def test_a_path_names_a_room_or_is_refused(room: str) -> None:
    try:
        path = path_untrusted({"room": room}, InRoom)
    except CallerError:
        return
    assert path.room == room
    assert room.isascii()
    assert room.isprintable()
    assert "/" not in room
