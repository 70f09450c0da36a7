"""What is said when devices and network are checked: its types, its schema, its document."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from aiohttp.test_utils import TestClient
from hypothesis import given
from hypothesis import strategies as st

from signalling import check_schema
from signalling.messages import Answer, Error, Ok, Ping, Pong
from signalling.messages.checks import CheckReply, CheckRequest
from signalling.websocket.reading import Unreadable, read_check_untrusted

Client = TestClient[Any, Any]
ROOT = Path(__file__).resolve().parents[4]
DOCUMENT = (ROOT / "docs" / "precall.md").read_text(encoding="utf-8")
EXAMPLES: list[dict[str, Any]] = [
    json.loads(text) for text in re.findall(r"```json\n(.+?)\n```", DOCUMENT, re.DOTALL)
]


async def test_the_schema_is_served_and_describes_what_is_said(client: Client) -> None:
    async with client.get("/v1/check.schema.json") as response:
        schema = await response.json()
    assert schema == json.loads(json.dumps(check_schema.document()))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert EXAMPLES
    for example in EXAMPLES:
        validator.validate(example)
    kinds = {*CheckRequest.__args__, *CheckReply.__args__} - {Answer, Error, Ok, Ping, Pong}
    assert {kind.__struct_config__.tag for kind in kinds} <= {each["type"] for each in EXAMPLES}


async def test_the_page_of_the_check_is_served(client: Client) -> None:
    async with client.get("/check") as response:
        assert response.status == 200
        assert "<visavis-check>" in await response.text()
    async with client.get("/sdk/check.js") as response:
        assert "PrecallCheck" in await response.text()


def test_the_codes_are_those_of_the_browser() -> None:
    text = (ROOT / "signalling" / "client" / "check" / "codes.js").read_text()
    listed = re.search(r"CODES = [^\[]*\[(.*?)\]", text, re.DOTALL)
    assert listed is not None
    schema = check_schema.document()["$defs"]["Finding"]["properties"]["code"]["enum"]
    assert sorted(re.findall(r'"(\w+)"', listed[1])) == sorted(schema)


@given(st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_whatever_comes_is_a_request_or_unreadable(frame: bytes) -> None:
    with pytest.raises(Unreadable):
        read_check_untrusted(frame, max_bytes=65_536)


@given(
    st.sampled_from(["begin", "try_path", "drop_path", "measure", "conclude", "ping"]),
    st.dictionaries(
        st.sampled_from(["token", "seat", "path", "sdp", "direction", "result", "id"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=8), inner, max_size=3)
            ),
            max_leaves=6,
        ),
    ),
)
def test_any_fields_are_a_request_or_unreadable(kind: str, fields: dict[str, Any]) -> None:
    frame = json.dumps({"type": kind, "id": 1, **fields}).encode()
    try:
        request = read_check_untrusted(frame, max_bytes=65_536)
    except Unreadable as refusal:
        assert refusal.error.words  # noqa: PT017 - either way is right, nothing else is
    else:
        assert request.id >= 0
