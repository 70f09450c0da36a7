"""Reports that webhooks carry: in their place, bounded, and never written by the event loop."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from relay.config import RoomsConfig
from relay.ids import RoomId
from relay.metrics.of_reports import REPORTS
from signalling.consultations import Document, Occurrence
from signalling.webhooks.teller import MAX_UNSTORED
from tests.unit.signalling.webhooks.conftest import Receiver
from tests.unit.signalling.webhooks.test_teller import CONSULTATION, Relay, running

WHOLE = Document(b'{"consultation":"c-1"}')


def is_ready(relay: Relay, document: Document) -> list[int]:
    """Let a report be ready; the list is how large it may be, each time that it is written."""
    asked: list[int] = []

    def write(max_bytes: int) -> Document:
        assert threading.current_thread() is not threading.main_thread()
        asked.append(max_bytes)
        return document

    relay.teller.observe(
        Occurrence(
            type="report.ready",
            at=datetime.fromtimestamp(relay.clock.now_ns() / 1e9, UTC),
            consultation=CONSULTATION,
            room=RoomId("a"),
            write_document=write,
        )
    )
    return asked


async def test_a_report_is_carried_in_its_place(tmp_path: Path, receiver: Receiver) -> None:
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("room.closed")
        asked = is_ready(relay, WHOLE)
        relay.tell("room.opened")
        await relay.until(lambda: relay.counted("heard") == 3)
    assert receiver.types == ["room.closed", "report.ready", "room.opened"]
    assert receiver.heard[1]["data"] == {
        "room": "a",
        "consultation": CONSULTATION,
        "document": {"consultation": "c-1"},
    }
    assert asked == [98_304]
    assert relay.tally.counters[REPORTS] == {("carried",): 1}


async def test_where_none_is_to_be_carried_none_is_written(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with running(tmp_path, receiver.url, more="max_report_bytes = 0") as relay:
        asked = is_ready(relay, WHOLE)
        await relay.until(lambda: relay.counted("heard") == 1)
    assert receiver.heard[0]["data"] == {"room": "a", "consultation": CONSULTATION}
    assert asked == []
    assert REPORTS not in relay.tally.counters


async def test_what_is_too_large_says_what_it_lacks(tmp_path: Path, receiver: Receiver) -> None:
    async with running(tmp_path, receiver.url, more="max_report_bytes = 2000") as relay:
        asked = is_ready(relay, Document(b"{}", lacks="courses"))
        is_ready(relay, Document(b"", lacks="document"))
        await relay.until(lambda: relay.counted("heard") == 2)
    common = {"room": "a", "consultation": CONSULTATION}
    assert [event["data"] for event in receiver.heard] == [
        {**common, "document": {}, "lacks": "courses"},
        {**common, "lacks": "document"},
    ]
    assert asked == [2_000]
    assert relay.tally.counters[REPORTS] == {("shortened",): 2}


def test_all_that_ends_at_once_when_a_relay_stops_can_wait_for_the_disk() -> None:
    of_a_room = ("participant.left", "participant.left", "room.closed", "report.ready")
    assert len(of_a_room) * RoomsConfig().max_rooms <= MAX_UNSTORED


async def test_many_are_written_a_few_at_a_time_and_in_order(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.webhooks.teller.STORED_AT_ONCE", 2)
    types = [f"type.{number}" for number in range(5)]
    async with running(tmp_path, receiver.url) as relay:
        for what in types:
            relay.tell(what)
        await relay.until(lambda: relay.counted("heard") == 5)
    assert receiver.types == types
