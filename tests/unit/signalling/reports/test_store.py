"""Reports on their way to the disk: none is lost because many end at once, nobody waits long."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from relay.config import RoomsConfig
from signalling.reports import store
from signalling.reports.record import Record
from tests.polling import until
from tests.unit.signalling.reports.test_keeper import stored


def test_the_reports_of_all_rooms_can_wait_for_the_disk_when_a_relay_stops() -> None:
    assert RoomsConfig().max_rooms <= store.MAX_UNWRITTEN


async def test_many_are_written_a_few_at_a_time_and_made_beside_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_on: list[str] = []
    write_row = store._row

    def row(record: Record) -> tuple[str, float, bytes]:
        made_on.append(threading.current_thread().name)
        return write_row(record)

    there_after: list[int] = []
    let_go = store._trim

    def trim(connection: sqlite3.Connection, over_unix_s: float) -> store._Stored:
        left = let_go(connection, over_unix_s)
        there_after.append(left.reports)
        return left

    monkeypatch.setattr(store, "WRITTEN_AT_ONCE", 2)
    async with stored(tmp_path) as clinic:
        monkeypatch.setattr(store, "_row", row)
        monkeypatch.setattr(store, "_trim", trim)
        names = [clinic.consults(1, room=f"room-{n}") for n in range(5)]
        await until(lambda: clinic.kept() == 5)
        assert there_after == [2, 4, 5], "each transaction took two at most"
        found = [await clinic.keeper.find(name) is not None for name in names]
        assert found == [True] * 5
    assert len(made_on) == 5
    assert not any(name.startswith("database") for name in made_on)
    assert threading.main_thread().name not in made_on
