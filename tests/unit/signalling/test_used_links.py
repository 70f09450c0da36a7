"""Links that work once, through the whole relay: joins, reloads, checks, restarts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from relay.errors import LimitReached, LinkUsed, SeatTaken, UnknownRoom
from relay.rooms.permissions import Grant, Role
from signalling.database import Database, Table
from signalling.keys import KeyRing
from signalling.links import full_grant
from signalling.messages import Join
from signalling.messages.checks import Begin
from signalling.tokens import Invitation, mint
from signalling.websocket.reception import NotRecognised, Reception
from tests.unit.signalling.test_refusals import ROOM, Times, a_grant, a_life, contents, enter

PATIENT = a_grant("patient-7", age_s=5)


def a_link(holder: str, *, grant: Grant = PATIENT) -> Grant:
    return replace(grant, arrival=replace(grant.arrival, once=True, holder=holder))


async def test_a_link_works_for_one_page_also_after_restarts(tmp_path: Path, keys: KeyRing) -> None:
    times = Times()
    for _ in range(3):
        async with a_life(tmp_path, times, keys) as relay:
            seat = await enter(relay, a_link("drawn by the first"))
            for other in ("drawn by another", ""):
                with pytest.raises(LinkUsed):
                    await relay.join(a_link(other), takeover=True)
            again = await relay.resume(seat.id, seat.resume_secret)
            await again.leave("left")
            with pytest.raises(LinkUsed):
                await enter(relay, a_link("drawn by another"))
        times.start_anew()


async def test_a_link_that_did_not_lead_in_is_not_used(tmp_path: Path, keys: KeyRing) -> None:
    async with a_life(tmp_path, Times(), keys) as relay:
        early = a_link("too early", grant=replace(PATIENT, open_room=False))
        with pytest.raises(UnknownRoom):
            await enter(relay, early)
        await enter(relay, a_grant("patient-7", age_s=5, name="another token"))
        with pytest.raises(SeatTaken):
            await enter(relay, a_link("while they are in"))
        await relay.join(a_link("the first that led in"), takeover=True)
        with pytest.raises(LinkUsed):
            await relay.join(a_link("while they are in"), takeover=True)


async def test_a_used_link_begins_no_check_for_another_page(tmp_path: Path, keys: KeyRing) -> None:
    async with a_life(tmp_path, Times(), keys) as relay:
        relay.checks.begin(a_link("before"))
        await enter(relay, a_link("the first"))
        relay.checks.begin(a_link("the first"))
        with pytest.raises(LinkUsed):
            relay.checks.begin(a_link("before"))


async def test_the_disk_names_nobody_and_opens_nothing(tmp_path: Path, keys: KeyRing) -> None:
    async with a_life(tmp_path, Times(), keys) as relay:
        await enter(relay, a_link("drawn-by-the-first"))
    database = Database(tmp_path / "platform.sqlite3")
    assert len(await Table(database, "used_links").read_all()) == 1
    await database.close()
    everything = contents(tmp_path)
    for word in (b"patient-7", b"drawn-by-the-first", ROOM.encode()):
        assert word not in everything


async def test_tries_with_used_links_are_counted_and_slowed(tmp_path: Path, keys: KeyRing) -> None:
    grant = full_grant("room-1", Role.PATIENT, "p-7", open_room=True, once=True)
    async with a_life(tmp_path, Times(), keys) as relay:
        reception = Reception(relay, keys, slowed_s=0.0)
        token = mint(Invitation(grant, url=""), keys["key-1"], reception.unix_now_s())
        await reception.join(Join(id=1, token=token, holder="mine"), "192.0.2.1")
        await reception.join(Join(id=2, token=token, holder="mine", takeover=True), "192.0.2.1")
        for number in range(9):
            with pytest.raises(LinkUsed):
                await reception.join(Join(id=number, token=token), "192.0.2.66")
        with pytest.raises(LinkUsed):
            reception.begin_check(Begin(id=9, token=token, holder="guessed"), "192.0.2.66")
        with pytest.raises(NotRecognised) as slowed:
            await reception.join(Join(id=10, token=token, holder="guessed"), "192.0.2.66")
        assert isinstance(slowed.value.answer, LimitReached)
        counters = relay.tally.counters.items()
        joins = next(series for metric, series in counters if metric.name == "visavis_joins")
        assert joins[("link_used",)] == 10
