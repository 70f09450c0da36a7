"""What is kept of consultations, for how long, where, and who is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from relay.ids import ConsultationId, ParticipantId, RoomId, new_consultation_id
from relay.metrics.of_reports import REPORTS, REPORTS_KEPT
from relay.metrics.tally import Tally
from relay.rooms.permissions import Role
from signalling.api.schemas import Report
from signalling.consultations import Occurrence
from signalling.database import Database, StoreUnavailable
from signalling.reports.keeper import MAX_CLOSED_BYTES, ReportKeeper
from signalling.reports.store import Store, forget_all
from tests.polling import until
from tests.unit.relay.fakes import HandClock

DAY_S = 86_400.0
BEGAN_UNIX_S = 1_790_000_000.0


@dataclass
class Clinic:
    """A keeper, and consultations that come and go."""

    keep_s: float = DAY_S
    delivers: bool = False
    max_closed_bytes: int = MAX_CLOSED_BYTES
    store: Store | None = None
    clock: HandClock = field(default_factory=HandClock)
    tally: Tally = field(default_factory=Tally)
    ready: list[Occurrence] = field(default_factory=list)
    keeper: ReportKeeper = field(init=False)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Keep reports from now on, on the disk where there is a store."""
        self.keeper = ReportKeeper(
            self.now,
            self.clock.now_ns,
            self.tally,
            keep_s=self.keep_s,
            delivers=self.delivers,
            store=self.store,
            max_closed_bytes=self.max_closed_bytes,
        )
        self.keeper.ready = self.ready.append

    def now(self) -> datetime:
        return datetime.fromtimestamp(BEGAN_UNIX_S + self.clock.now_ns() / 1e9, UTC)

    def happens(self, what: str, consultation: ConsultationId, room: str = "room") -> None:
        who = ParticipantId("p-1") if what.startswith("participant.") else None
        occurrence = Occurrence(
            type=what,
            at=self.now(),
            consultation=consultation,
            room=RoomId(room),
            participant=who,
            identity="somebody",
            role=Role.PATIENT,
            reason="left",
        )
        self.keeper.observe(occurrence)

    def consults(self, duration_s: float = 60, room: str = "room") -> ConsultationId:
        """Let a consultation come and go."""
        name = new_consultation_id()
        self.happens("room.opened", name, room)
        self.happens("participant.joined", name, room)
        self.clock.move(duration_s)
        self.happens("participant.left", name, room)
        self.happens("room.closed", name, room)
        return name

    def given_up(self) -> float:
        return self.tally.counters.get(REPORTS, {}).get(("given_up",), 0)

    def promised_s(self) -> float:
        """Say for how long the report that was ready last is kept, as the platform was told."""
        ready = self.ready[-1]
        assert ready.kept_until is not None
        return (ready.kept_until - ready.at).total_seconds()

    def kept(self) -> float:
        return self.tally.gauges.get(REPORTS_KEPT, {}).get((), 0)


async def test_a_report_is_kept_for_its_time_and_then_gone() -> None:
    clinic = Clinic()
    name = clinic.consults()
    report = await clinic.keeper.find(name)
    assert report is not None
    assert report.closed_at == report.opened_at + timedelta(seconds=60)
    assert clinic.kept() == 1
    clinic.clock.move(DAY_S + 1)
    assert await clinic.keeper.find(name) is None
    assert clinic.kept() == 0
    assert await clinic.keeper.find(new_consultation_id()) is None


async def test_it_is_gone_from_memory_though_nobody_asks() -> None:
    clinic = Clinic()
    clinic.consults()
    async with asyncio.TaskGroup() as tasks:
        forgetting = tasks.create_task(clinic.keeper.keep_forgetting(clinic.clock))
        for step_s in (DAY_S, 61, 61):
            await asyncio.sleep(0)
            clinic.clock.move(step_s)
        await until(lambda: clinic.kept() == 0)
        forgetting.cancel()
    assert clinic.keeper._closed == {}


async def test_the_platform_is_told_when_and_until_when() -> None:
    clinic = Clinic()
    name = clinic.consults()
    (ready,) = clinic.ready
    assert (ready.type, ready.consultation) == ("report.ready", name)
    assert ready.reason is None
    assert ready.kept_until == ready.at + timedelta(days=1)


async def test_where_nothing_is_to_be_kept_nothing_is_written_down() -> None:
    clinic = Clinic(keep_s=0)
    name = new_consultation_id()
    clinic.happens("room.opened", name)
    assert clinic.keeper.chart_of(RoomId("room")) is None
    assert await clinic.keeper.find(name) is None
    clinic.happens("room.closed", name)
    assert clinic.ready == []
    assert clinic.keeper._open == clinic.keeper._closed == {}


async def test_what_is_delivered_and_not_kept_is_made_told_and_gone() -> None:
    clinic = Clinic(keep_s=0, delivers=True)
    name = clinic.consults()
    (ready,) = clinic.ready
    assert ready.kept_until is None
    assert ready.write_document is not None
    report = msgspec.json.decode(ready.write_document(1 << 20).text, type=Report)
    assert (report.consultation, len(report.participants)) == (name, 1)
    assert await clinic.keeper.find(name) is None
    assert clinic.kept() == 0
    assert clinic.keeper._open == clinic.keeper._closed == {}


async def test_each_opening_of_a_room_has_a_chart_of_its_own() -> None:
    clinic = Clinic()
    assert clinic.keeper.chart_of(RoomId("room")) is None
    first = new_consultation_id()
    clinic.happens("room.opened", first)
    chart = clinic.keeper.chart_of(RoomId("room"))
    assert chart is not None
    clinic.happens("room.closed", first)
    assert chart.is_frozen
    assert clinic.keeper.chart_of(RoomId("room")) is None
    clinic.happens("room.opened", new_consultation_id())
    assert clinic.keeper.chart_of(RoomId("room")) not in (None, chart)


async def test_beyond_the_bound_the_oldest_go_which_is_counted_said_and_foretold() -> None:
    alone = Clinic()
    alone.consults()
    clinic = Clinic(max_closed_bytes=round(3.2 * alone.keeper._closed_bytes))
    names = [clinic.consults(room=f"room-{n}") for n in range(3)]
    assert (clinic.given_up(), clinic.promised_s()) == (0, DAY_S)
    with capture_logs() as said:
        names += [clinic.consults(room=f"room-{n}") for n in range(3, 5)]
    found = [await clinic.keeper.find(name) is not None for name in names]
    assert found == [False, False, True, True, True]
    assert (clinic.kept(), clinic.given_up()) == (3, 2)
    # Each lasted until the third after it ended, a minute one after the other.
    assert clinic.promised_s() == pytest.approx(180, abs=1e-3)
    assert [(line["log_level"], line["lasted_s"]) for line in said] == [("warning", 180)]
    clinic.clock.move(DAY_S + 1)
    clinic.consults()
    assert (clinic.kept(), clinic.given_up(), clinic.promised_s()) == (1, 2, DAY_S)


@asynccontextmanager
async def stored(folder: Path, clock: HandClock | None = None) -> AsyncIterator[Clinic]:
    """Run a clinic whose reports lie on the disk."""
    database = Database(folder / "platform.sqlite3")
    clinic = Clinic(clock=clock or HandClock())
    keep = timedelta(seconds=DAY_S)
    clinic.store = Store(database, clinic.tally, clinic.clock, clinic.now, keep=keep)
    clinic.begin()
    try:
        await clinic.store.load()
        async with clinic.store.running():
            yield clinic
    finally:
        await database.close()


async def test_on_the_disk_it_outlives_a_restart_and_takes_no_memory(tmp_path: Path) -> None:
    async with stored(tmp_path) as clinic:
        name = clinic.consults()
        assert await clinic.keeper.find(name) is not None, "also before it is written"
        await until(lambda: clinic.kept() == 1)
        assert clinic.keeper._closed == {}
        last = clinic.consults()
    async with stored(tmp_path, clinic.clock) as again:
        assert again.kept() == 2, "what ended just before the end is written, too"
        for each in (name, last):
            report = await again.keeper.find(each, utc_offset_min=60)
            assert report is not None
            assert report.consultation == each
            assert "(UTC+01:00)" in report.summary.en[0]
        again.clock.move(DAY_S + 1)
        assert await again.keeper.find(name) is None, "though it may lie there for a while"
    async with stored(tmp_path, again.clock) as later:
        assert later.kept() == 0
    state = (tmp_path / "platform.sqlite3").stat()
    assert state.st_mode & 0o777 == 0o600


async def test_where_nothing_is_kept_on_the_disk_any_more_it_is_deleted(tmp_path: Path) -> None:
    async with stored(tmp_path) as clinic:
        name = clinic.consults()
    database = Database(tmp_path / "platform.sqlite3")
    await forget_all(database)
    await database.close()
    async with stored(tmp_path, clinic.clock) as again:
        assert await again.keeper.find(name) is None
        assert again.kept() == 0


async def test_a_disk_that_does_not_follow_loses_the_oldest_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.reports.store.MAX_UNWRITTEN", 2)
    async with stored(tmp_path) as clinic:
        assert clinic.store is not None
        tries: list[bool] = []

        def refuse(*_: object, **__: object) -> None:
            tries.append(True)
            raise StoreUnavailable

        with monkeypatch.context() as full:
            full.setattr(clinic.store._database, "_do", refuse)
            names = [clinic.consults(room=f"room-{n}") for n in range(3)]
            assert clinic.tally.counters[REPORTS][("lost",)] == 1
            await until(lambda: bool(tries))

        def is_written() -> bool:
            clinic.clock.move(1)  # it is tried again after a while
            return clinic.kept() == 2

        await until(is_written)
        found = [await clinic.keeper.find(name) is not None for name in names]
        assert found == [False, True, True]


async def test_beyond_the_disks_bound_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.reports.store.MAX_STORED", 2)
    async with stored(tmp_path) as clinic:
        names = [clinic.consults() for _ in range(4)]
        await until(lambda: clinic.kept() == 2)
        found = [await clinic.keeper.find(name) is not None for name in names]
        assert found == [False, False, True, True]
        assert clinic.given_up() == 2
        clinic.consults()
        assert clinic.promised_s() == pytest.approx(120, abs=1e-3)


async def test_what_is_over_its_time_is_not_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signalling.reports.store.MAX_STORED", 2)
    async with stored(tmp_path) as clinic:
        for room in ("a", "b"):
            clinic.consults(room=room)
        await until(lambda: clinic.kept() == 2)
        clinic.clock.move(DAY_S + 1)
        clinic.consults()
        await until(lambda: clinic.kept() == 1)
        assert (clinic.given_up(), clinic.promised_s()) == (0, DAY_S)
