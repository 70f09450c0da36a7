"""A report as a webhook carries it: no larger than it may be, and it says what it lacks."""

from __future__ import annotations

import msgspec

from signalling.api.schemas import Report
from signalling.consultations import Document
from signalling.reports.telling import document_of
from tests.unit.signalling.reports.scene import eventful


def test_what_would_be_too_large_lacks_its_courses_and_else_all_of_it() -> None:
    scene = eventful()
    scene.happens("room.closed", 20)
    whole = document_of(scene.record, 1 << 20)
    assert whole.lacks is None
    report = msgspec.json.decode(whole.text, type=Report)
    assert report.courses == scene.report().courses != ()
    assert document_of(scene.record, len(whole.text)) == whole

    short = document_of(scene.record, len(whole.text) - 1)
    assert short.lacks == "courses"
    shortened = msgspec.json.decode(short.text, type=Report)
    assert shortened.courses == ()
    assert shortened.slots == report.slots
    assert shortened.summary == report.summary, "it still says what was poor"

    assert document_of(scene.record, len(short.text) - 1) == Document(b"", lacks="document")
