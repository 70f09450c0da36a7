from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import jsonschema  # type: ignore[import-untyped]
import pytest

from signalling import messages
from signalling.websocket.farewells import CLOSE_CODES, CloseCode

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs"
TEXT = (DOCUMENTS / "protocol.md").read_text(encoding="utf-8")
SCHEMA = json.loads((DOCUMENTS / "protocol.schema.json").read_text(encoding="utf-8"))
EXAMPLES: list[dict[str, Any]] = [
    example
    for example in map(json.loads, re.findall(r"```json\n(.+?)\n```", TEXT, re.DOTALL))
    if "to" not in example and "from" not in example
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
def test_every_documented_example_fits_the_schema(example: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(example)


def test_every_message_has_an_example() -> None:
    every = {*messages.ClientMessage.__args__, *messages.RelayMessage.__args__}
    assert {example["type"] for example in EXAMPLES} == {
        kind.__struct_config__.tag for kind in every
    }


def test_every_code_is_explained() -> None:
    for code in get_args(messages.ErrorCode):
        assert f"| `{code}` |" in TEXT
    for closing, close_code in CLOSE_CODES.items():
        assert re.search(rf"\| `{closing}` \| [^|]+ \| {close_code.value} \|", TEXT), closing
    for close_code in CloseCode:
        assert re.search(rf"^\| {close_code.value} \|", TEXT, re.MULTILINE), close_code
