"""The list is live: each change reaches the pages that listen, whole."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from aiohttp import ClientResponse

from relay.rooms.permissions import Role
from tests.unit.examples.clinic.conftest import Clinic
from tests.unit.examples.clinic.telling import tell

WITHIN_S = 20.0


async def next_day(answer: ClientResponse) -> Any:
    """Read the next event."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            line = await answer.content.readline()
            assert line, "the stream has ended"
            if line.startswith(b"data: "):
                return json.loads(line.removeprefix(b"data: "))


async def day_in_which(answer: ClientResponse, standing: str | None) -> Any:
    """Read until the first appointment's first person stands so; `None`: until nobody is there."""
    while True:
        day = await next_day(answer)
        people = day["rows"][0]["people"]
        if (people[0]["standing"] if people else None) == standing and day["is_true"]:
            return day


async def test_who_comes_and_is_let_in_is_seen_at_once(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    async with clinic.client.get("/today/events") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        await day_in_which(answer, None)

        await clinic.relay.enters(appointment.room, Role.PATIENT, appointment.pseudonym, waits=True)
        assert await tell(clinic, "participant.waiting", appointment.room) == 204
        (row,) = (await day_in_which(answer, "waiting"))["rows"]
        assert (row["id"], row["is_over"]) == (appointment.id, False)
        (who,) = row["people"]
        assert who.pop("here_s") < WITHIN_S
        assert who == {
            "who": appointment.pseudonym,
            "name": "Jeanne Petit",
            "role": "patient",
            "standing": "waiting",
            "place": 1,
            "is_connected": who["is_connected"],
            "is_heard": True,
            "is_private": False,
            "is_me": False,
        }
        assert (await clinic.command(appointment, do="admit", who=who["who"])).status == 204
        await day_in_which(answer, "admitted")


async def test_everybody_sees_what_concerns_them_and_nothing_else(clinic: Clinic) -> None:
    first = await clinic.account("martin", Role.PRACTITIONER)
    second = await clinic.account("diallo", Role.PRACTITIONER)
    await clinic.account("robin", Role.ASSISTANT)
    expert = await clinic.account("okafor", Role.EXPERT)
    hers, _ = await clinic.appointment(first, expert=expert)
    his, _ = await clinic.appointment(second, "Karim Benali")
    for login, sees in (
        ("martin", {hers.id}),
        ("diallo", {his.id}),
        ("robin", {hers.id, his.id}),
        ("okafor", {hers.id}),
    ):
        await clinic.log_in(login)
        async with clinic.client.get("/today/events") as answer:
            assert {row["id"] for row in (await next_day(answer))["rows"]} == sees
        page = await (await clinic.get("/today")).text()
        assert ("Karim Benali" in page) is (his.id in sees)


async def test_a_stream_ends_with_its_session(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    async with clinic.client.get("/today/events") as answer:
        await day_in_which(answer, None)
        csrf = await clinic.csrf()
        assert (await clinic.post("/logout", data={"csrf": csrf})).status == 303
        await clinic.relay.enters(appointment.room, Role.PATIENT, appointment.pseudonym, waits=True)
        assert await tell(clinic, "participant.waiting", appointment.room) == 204
        async with asyncio.timeout(WITHIN_S):
            rest = await answer.content.read()
        assert appointment.pseudonym.encode() not in rest


async def test_a_patient_who_was_moved_is_seen_where_they_are(clinic: Clinic) -> None:
    first = await clinic.account("martin", Role.PRACTITIONER)
    second = await clinic.account("diallo", Role.PRACTITIONER)
    await clinic.account("robin", Role.ASSISTANT)
    here, _ = await clinic.appointment(first)
    there, _ = await clinic.appointment(second, "Karim Benali")
    await clinic.log_in("robin")
    await clinic.relay.enters(here.room, Role.PATIENT, here.pseudonym, waits=True)
    async with clinic.client.get("/today/events") as answer:
        moved = await clinic.command(here, do="move", who=here.pseudonym, to=there.id)
        assert moved.status == 204
        rows: dict[int, Any] = {}
        # The two rooms are looked at one after the other.
        while not rows or not rows[here.id]["elsewhere"] or rows[here.id]["people"]:
            rows = {row["id"]: row for row in (await next_day(answer))["rows"]}
    assert rows[here.id]["elsewhere"] == f"{there.hour} · Dr Diallo"
    assert [who["name"] for who in rows[there.id]["people"]] == ["Jeanne Petit"]
    assert rows[there.id]["elsewhere"] == ""
