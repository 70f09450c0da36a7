"""Who was put out and which rooms were closed: refused after a restart, too, and named nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from relay import Relay
from relay.config import RelayConfig, parse_config
from relay.errors import Ejected, UnknownRoom
from relay.ids import RoomId
from relay.rooms.ejections import Ejections
from relay.rooms.permissions import Arrival, Grant, Role
from relay.seats.seat import Seat
from signalling.app import create_app
from signalling.database import Database, StoreUnavailable, Table
from signalling.keys import KeyRing
from signalling.links import full_grant
from signalling.platform import Platform
from signalling.refusals import FORGET_EVERY_S, Refusals
from signalling.write_behind import STORE_PAUSE_S
from tests.unit.relay.fakes import HandClock
from tests.unit.relay.whole_engine import WholeEngine

DAY_S = 24 * 3_600
ROOM = RoomId("room-of-somebody")


@dataclass
class Times:
    """The time of day, which goes on while no relay runs; a machine's own clock does not."""

    unix_s: float = 1_790_000_000.0
    clock: HandClock = field(default_factory=HandClock)

    def __call__(self) -> float:
        return self.unix_s

    def pass_by(self, duration_s: float) -> None:
        self.unix_s += duration_s
        self.clock.move(duration_s)

    def start_anew(self) -> None:
        """Begin a life of the machine, whose monotonic clock says something else."""
        self.clock = HandClock()
        self.unix_s += 5


def a_grant(identity: str, *, age_s: float, role: Role = Role.PATIENT, name: str = "1") -> Grant:
    grant = full_grant(ROOM, role, identity, open_room=True)
    return replace(grant, arrival=Arrival(age_s=age_s, token=name))


@asynccontextmanager
async def a_life(folder: Path, times: Times, keys: KeyRing) -> AsyncIterator[Relay]:
    """Run a relay with its signalling on a state folder, and stop it in good order."""
    config: RelayConfig = parse_config(
        f'[keys]\nstate_dir = "{folder}"\n[media]\nlisten = ["192.0.2.7"]'
    )

    def make(config: RelayConfig, relay: Relay, keys: KeyRing) -> Platform:
        return Platform(config, relay, keys, clock=times.clock, unix_now_s=times)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("relay.service.MediaEngine", WholeEngine)
        patched.setattr("signalling.app.Platform", make)
        async with (
            Relay(config, clock=times.clock) as relay,
            TestClient(TestServer(create_app(config, relay, keys=keys))),
        ):
            yield relay


async def enter(relay: Relay, grant: Grant) -> Seat:
    return await relay.join(grant)


async def test_whoever_a_moderator_put_out_stays_out_after_a_restart(
    tmp_path: Path, keys: KeyRing
) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, a_grant("doctor", age_s=5, role=Role.PRACTITIONER))
        patient = await enter(relay, a_grant("patient-7", age_s=5))
        doctor.moderation().eject(patient.participant)
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        await enter(relay, a_grant("doctor", age_s=10, role=Role.PRACTITIONER))
        for refused in (
            a_grant("patient-7", age_s=10),
            a_grant("patient-7", age_s=6, name="another from before"),
            a_grant("patient-7", age_s=0),  # the one they came with
        ):
            with pytest.raises(Ejected):
                await enter(relay, refused)
        await enter(relay, a_grant("patient-7", age_s=4, name="issued since"))


async def test_a_room_that_a_moderator_closed_stays_closed_after_a_restart(
    tmp_path: Path, keys: KeyRing
) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, a_grant("doctor", age_s=5, role=Role.PRACTITIONER))
        doctor.moderation().close()
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        with pytest.raises(UnknownRoom):
            await enter(relay, a_grant("patient-7", age_s=6))
        await enter(relay, a_grant("patient-7", age_s=4))


async def test_a_relay_that_stops_refuses_nobody_afterwards(tmp_path: Path, keys: KeyRing) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        await enter(relay, a_grant("patient-7", age_s=5))
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        await enter(relay, a_grant("patient-7", age_s=10))


async def test_nobody_needs_the_disk_to_join_or_to_put_somebody_out(
    tmp_path: Path, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = Times()

    def full(*_: object, **__: object) -> None:
        raise StoreUnavailable

    async with a_life(tmp_path, times, keys) as relay:
        monkeypatch.setattr(Database, "_do", full)
        doctor = await enter(relay, a_grant("doctor", age_s=5, role=Role.PRACTITIONER))
        patient = await enter(relay, a_grant("patient-7", age_s=5))
        doctor.moderation().lock()
        doctor.moderation().eject(patient.participant)
        doctor.moderation().unlock()
        with pytest.raises(Ejected):
            await enter(relay, a_grant("patient-7", age_s=6))
        await enter(relay, a_grant("carer", age_s=5, role=Role.CARER))


async def test_the_disk_names_nobody(tmp_path: Path, keys: KeyRing) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, a_grant("doctor", age_s=5, role=Role.PRACTITIONER))
        patient = await enter(relay, a_grant("patient-7", age_s=5, name="the-token-s-own-id"))
        doctor.moderation().eject(patient.participant)
        doctor.moderation().close()
    database = Database(tmp_path / "platform.sqlite3")
    assert len(await Table(database, "refusals").read_all()) == 2
    await database.close()
    everything = contents(tmp_path)
    for word in (b"patient-7", b"the-token-s-own-id", ROOM.encode()):
        assert word not in everything


def contents(folder: Path) -> bytes:
    """Read the database's files."""
    everything = b"".join(path.read_bytes() for path in folder.glob("platform*"))
    assert everything
    return everything


@asynccontextmanager
async def kept(folder: Path, times: Times, ejections: Ejections) -> AsyncIterator[Table]:
    """Keep ejections alone on a state folder."""
    database = Database(folder / "platform.sqlite3")
    table = Table(database, "refusals")
    refusals = Refusals(ejections, table, times.clock, times)
    await refusals.load()
    try:
        async with refusals.running():
            yield table
    finally:
        await database.close()


async def until_rows(table: Table, wanted: int) -> None:
    async with asyncio.timeout(5):
        while len(await table.read_all()) != wanted:
            await asyncio.sleep(0)


async def test_what_is_over_is_forgotten_on_the_disk_too(tmp_path: Path) -> None:
    times, ejections = Times(), Ejections()
    async with kept(tmp_path, times, ejections) as table:
        ejections.note(ROOM, "a", times.clock.now_ns())
        await until_rows(table, 1)
        times.pass_by(DAY_S + 3_601)
        await until_rows(table, 0)
    assert len(ejections) == 0


async def test_what_was_over_when_the_relay_started_is_forgotten(tmp_path: Path) -> None:
    times, ejections = Times(), Ejections()
    async with kept(tmp_path, times, ejections) as table:
        ejections.note(ROOM, "a", times.clock.now_ns())
        await until_rows(table, 1)
    times.start_anew()
    times.unix_s += DAY_S + 3_600
    again = Ejections()
    async with kept(tmp_path, times, again) as table:
        assert len(again) == 0
        await until_rows(table, 0)


async def test_the_disk_holds_no_more_than_memory(tmp_path: Path) -> None:
    times, ejections = Times(), Ejections(max_kept=3)
    async with kept(tmp_path, times, ejections) as table:
        for number in range(10):
            times.pass_by(1)
            ejections.note(ROOM, f"person-{number}", times.clock.now_ns())
        await until_rows(table, 3)
    again = Ejections()
    async with kept(tmp_path, times, again):
        assert [again.holds(ROOM, f"person-{number}") for number in range(10)] == (
            [False] * 7 + [True] * 3
        )


async def test_rooms_that_are_closed_let_nobody_back_in_who_was_put_out(tmp_path: Path) -> None:
    times, ejections = Times(), Ejections(max_kept=3)
    async with kept(tmp_path, times, ejections) as table:
        ejections.note(ROOM, "a", times.clock.now_ns())
        for number in range(10):
            times.pass_by(1)
            ejections.note(RoomId(f"room-{number}"), None, times.clock.now_ns())
        await until_rows(table, 1 + 3)
    times.start_anew()
    again = Ejections(max_kept=3)
    async with kept(tmp_path, times, again):
        for ejected_from in (ejections, again):
            assert ejected_from.holds(ROOM, "a")
            assert len(ejected_from) == 1 + 3
        closed = replace(a_grant("b", age_s=60), room=RoomId("room-9"))
        with pytest.raises(UnknownRoom):
            again.require_good(closed, times.clock.now_ns())


async def test_a_clock_that_was_set_back_refuses_nobody_who_comes_from_now_on(
    tmp_path: Path,
) -> None:
    times, ejections = Times(), Ejections()
    async with kept(tmp_path, times, ejections) as table:
        ejections.note(ROOM, "a", times.clock.now_ns())
        await until_rows(table, 1)
    times.start_anew()
    times.unix_s -= 3_600
    again = Ejections()
    async with kept(tmp_path, times, again):
        times.pass_by(1)
        again.require_good(a_grant("a", age_s=0.5), times.clock.now_ns())
        with pytest.raises(Ejected):
            again.require_good(a_grant("a", age_s=1.5), times.clock.now_ns())


async def test_a_disk_that_refuses_is_tried_again_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times, ejections = Times(), Ejections()
    tried = asyncio.Event()

    async def fails(*_: object) -> None:
        tried.set()
        raise StoreUnavailable

    async with kept(tmp_path, times, ejections) as table:
        with monkeypatch.context() as full:
            full.setattr(table, "change", fails)
            ejections.note(ROOM, "a", times.clock.now_ns())
            await tried.wait()
            with pytest.raises(Ejected):
                ejections.require_good(a_grant("a", age_s=1), times.clock.now_ns())
        await asyncio.sleep(0)
        assert STORE_PAUSE_S < FORGET_EVERY_S
        times.pass_by(STORE_PAUSE_S)
        await until_rows(table, 1)
