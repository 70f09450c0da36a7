"""The published schema of a report is current, and refuses what a report never is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from relay.units import NS_PER_S
from signalling.reports import schema
from tests.unit.signalling.reports.scene import DOCTOR, LIMITED, PATIENT, two

COMMITTED = Path(__file__).resolve().parents[4] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    published = json.loads(COMMITTED.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    return jsonschema.Draft202012Validator(published)


def sent() -> Any:
    scene = two()
    scene.silence(PATIENT, 10, 20, by=DOCTOR)
    scene.record.chart.was_checked(PATIENT, LIMITED, NS_PER_S)
    scene.happens("room.closed", 60)
    return json.loads(msgspec.json.encode(scene.report()))


def test_the_published_schema_is_current() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema.text(), (
        "run: python -m signalling.reports.schema > docs/report.schema.json"
    )


def test_a_report_fits_it(validator: jsonschema.Draft202012Validator) -> None:
    validator.validate(sent())


@pytest.mark.parametrize(
    "wrong",
    [
        {"consultation": "room-1"},
        {"opened_at": 7},
        {"slots": None},
        {"cuts": [{"participant": "p-1", "began_at": "2026-09-21T10:00:00Z"}]},
        {"summary": {"en": []}},
        {"precalls": [{"participant": "p-1", "at": "2026-09-21T10:00:00Z", "result": {}}]},
    ],
)
def test_what_is_no_report_does_not(
    validator: jsonschema.Draft202012Validator, wrong: dict[str, object]
) -> None:
    assert not validator.is_valid({**sent(), **wrong})
