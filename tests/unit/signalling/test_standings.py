"""Who was let in, sent back or muted, and what was locked, after the relay was started again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay import Relay
from relay.errors import RoomLocked
from relay.ids import ConsultationId, RoomId, WorkerIndex
from relay.rooms.digests import digest_of
from relay.rooms.permissions import Grant, Role, Source
from relay.rooms.recalled import Past, Recalled
from relay.rooms.room import Room
from relay.rooms.settings import RoomSettings
from relay.rooms.standing import Standing
from signalling.consultations import Occurrence
from signalling.database import Database, Table
from signalling.keys import KeyRing
from signalling.standings import SAME_S, Standings
from tests.unit.relay.fakes import HandClock
from tests.unit.signalling.test_refusals import ROOM, Times, a_grant, a_life, enter

DOCTOR = a_grant("doctor", age_s=5, role=Role.PRACTITIONER)


def who_waits(identity: str) -> Grant:
    grant = a_grant(identity, age_s=5)
    return replace(grant, arrival=replace(grant.arrival, waits=True))


async def test_whoever_was_let_in_is_in_after_a_restart_and_others_wait(
    tmp_path: Path, keys: KeyRing
) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, who_waits("patient"))
        await enter(relay, who_waits("next"))
        doctor.moderation().admit(patient.participant)
    for _ in range(2):  # and after the next
        times.start_anew()
        async with a_life(tmp_path, times, keys) as relay:
            assert (await enter(relay, who_waits("patient"))).standing is Standing.ADMITTED
            assert (await enter(relay, who_waits("next"))).standing is Standing.WAITING
            assert (await enter(relay, DOCTOR)).standing is Standing.ADMITTED


async def test_whoever_was_sent_back_does_not_walk_in_after_a_restart(
    tmp_path: Path, keys: KeyRing
) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, a_grant("patient", age_s=5))
        doctor.moderation().send_back(patient.participant)
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, a_grant("patient", age_s=5))
        assert patient.standing is Standing.WAITING
        doctor.moderation().admit(patient.participant)
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        assert (await enter(relay, who_waits("patient"))).standing is Standing.ADMITTED


@pytest.mark.parametrize("why", ["left", "away for long", "closed"])
async def test_an_admission_ends_with_the_visit(tmp_path: Path, keys: KeyRing, why: str) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, who_waits("patient"))
        doctor.moderation().admit(patient.participant)
        if why == "left":
            await patient.leave("left")
        if why == "closed":
            doctor.moderation().close()
    times.start_anew()
    if why == "away for long":
        times.unix_s += SAME_S
    async with a_life(tmp_path, times, keys) as relay:
        late = a_grant("patient", age_s=0, name="issued since")
        grant = replace(late, arrival=replace(late.arrival, waits=True))
        assert (await enter(relay, grant)).standing is Standing.WAITING


async def test_nobody_is_named_on_the_disk(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    table = Table(database, "standings")
    standings = Standings(Recalled(), table, HandClock(), lambda: 1_790_000_000.0)
    async with standings.running():
        standings.observe(occurred("participant.waiting"))
        standings.observe(occurred("participant.admitted"))
    (text,) = await table.read_all()
    assert b"somebody" not in text
    assert str(ROOM).encode() not in text
    async with standings.running():
        standings.observe(occurred("participant.left", "draining"))
        standings.observe(occurred("room.closed", "draining"))
    assert await table.read_all() == [text]
    again = Standings(Recalled(), table, HandClock(), lambda: 1_790_000_000.0)
    await again.load()
    async with again.running():
        again.observe(occurred("participant.joined"))
        again.observe(occurred("participant.left", "expired"))
    assert await table.read_all() == []
    await database.close()


@given(
    was_let_in=st.booleans(),
    lasts_ns=st.integers(0, 10),
    passed_ns=st.integers(0, 10),
    another=st.booleans(),
    waits=st.booleans(),
)
def test_the_past_counts_once_for_its_time_and_for_nobody_else(
    *, was_let_in: bool, lasts_ns: int, passed_ns: int, another: bool, waits: bool
) -> None:
    recalled = Recalled()
    recalled.recall(digest_of(ROOM, "somebody"), Past(was_let_in, lasts_ns))
    room = Room(ROOM, WorkerIndex(0), settings=RoomSettings(waiting_room=waits))
    who = "another" if another else "somebody"
    recalled.arrive(room, who, passed_ns)
    counts = not another and passed_ns < lasts_ns
    is_in = room.lets_in(a_grant(who, age_s=0))
    assert is_in is (was_let_in if counts else not waits)
    fresh = Room(ROOM, WorkerIndex(0), settings=RoomSettings(waiting_room=waits))
    if not another:
        recalled.arrive(fresh, who, 0)
        assert fresh.lets_in(a_grant(who, age_s=0)) is (not waits)


async def test_what_a_moderator_muted_stays_muted_after_a_restart(
    tmp_path: Path, keys: KeyRing
) -> None:
    times, both = Times(), frozenset({Source.MICROPHONE, Source.CAMERA})
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, a_grant("patient", age_s=5))
        carer = await enter(relay, a_grant("carer", age_s=5, role=Role.CARER))
        doctor.moderation().mute(patient.participant, both)
        doctor.moderation().mute(carer.participant)
        doctor.moderation().unmute(carer.participant)
    for _ in range(2):  # and after the next
        times.start_anew()
        async with a_life(tmp_path, times, keys) as relay:
            for identity, muted in (("patient", both), ("carer", frozenset())):
                await enter(relay, a_grant(identity, age_s=5))
                assert muted_of(relay, identity) == muted
            doctor = await enter(relay, DOCTOR)
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, a_grant("patient", age_s=5))
        doctor.moderation().unmute(patient.participant, both)
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        await enter(relay, a_grant("patient", age_s=5))
        assert muted_of(relay, "patient") == frozenset()


async def test_a_locked_room_is_locked_after_a_restart_for_all_but_those_who_were_there(
    tmp_path: Path, keys: KeyRing
) -> None:
    times = Times()
    stranger = a_grant("stranger", age_s=5)
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        await enter(relay, a_grant("patient", age_s=5))
        await enter(relay, who_waits("next"))
        carer = await enter(relay, a_grant("carer", age_s=5, role=Role.CARER))
        doctor.moderation().lock()
        await carer.leave("left")
    for _ in range(2):  # and after the next
        times.start_anew()
        async with a_life(tmp_path, times, keys) as relay:
            for outside in (stranger, a_grant("carer", age_s=5, role=Role.CARER)):
                with pytest.raises(RoomLocked):  # though they could open the room
                    await enter(relay, outside)
            patient = await enter(relay, a_grant("patient", age_s=5))
            assert patient.standing is Standing.ADMITTED
            with pytest.raises(RoomLocked):
                await enter(relay, stranger)
            assert (await enter(relay, who_waits("next"))).standing is Standing.WAITING
            doctor = await enter(relay, DOCTOR)
            assert relay.desk().summary(ROOM).state.locked
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        doctor.moderation().unlock()
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        assert (await enter(relay, stranger)).standing is Standing.ADMITTED


@pytest.mark.parametrize("why", ["closed", "all left", "away for long"])
async def test_a_lock_and_a_mute_end_with_the_consultation(
    tmp_path: Path, keys: KeyRing, why: str
) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        patient = await enter(relay, a_grant("patient", age_s=5))
        doctor.moderation().mute(patient.participant)
        doctor.moderation().lock()
        if why == "closed":
            doctor.moderation().close()
        if why == "all left":
            await patient.leave("left")
            await doctor.leave("left")
    times.start_anew()
    if why == "away for long":
        times.unix_s += SAME_S
    async with a_life(tmp_path, times, keys) as relay:
        for identity in ("stranger", "patient"):
            await enter(relay, a_grant(identity, age_s=0, name=f"issued since, {identity}"))
            assert muted_of(relay, identity) == frozenset()
        assert not relay.desk().summary(ROOM).state.locked


def muted_of(relay: Relay, identity: str, room: RoomId = ROOM) -> frozenset[Source]:
    people = relay.desk().room(room).people
    return next(person.held_back for person in people if person.identity == identity)


async def test_ordinary_comings_and_goings_write_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    table = Table(database, "standings")
    standings = Standings(Recalled(), table, HandClock(), lambda: 1_790_000_000.0)
    async with standings.running():
        for kind in ("participant.joined", "participant.checked", "participant.left"):
            standings.observe(occurred(kind, "left"))
        standings.observe(occurred("room.closed"))
    await database.close()
    assert not (tmp_path / "db").exists()


def occurred(kind: str, reason: str | None = None) -> Occurrence:
    """Something that happened to somebody in the room."""
    return Occurrence(
        type=kind,
        at=datetime.fromtimestamp(1_790_000_000, UTC),
        consultation=ConsultationId("c-1"),
        room=ROOM,
        identity=None if kind == "room.closed" else "somebody",
        reason=reason,
    )
