"""Webhooks: verified first, kept once, and a reason to look at the room."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from examples.clinic.languages import words_of
from relay.rooms.permissions import Role
from tests.unit.examples.clinic.conftest import Clinic
from tests.unit.examples.clinic.telling import HAPPENED, body_of, signed


async def test_what_is_told_twice_happened_once(clinic: Clinic) -> None:
    body = body_of("participant.waiting", "r-1", identity="p-1", new_field=[1])
    for _ in range(2):
        async with clinic.client.post("/webhooks", data=body, headers=signed(body)) as answer:
            assert answer.status == 204
    (happening,) = await clinic.happenings.of_room("r-1")
    assert happening.id == "msg_1"
    assert (happening.type, happening.identity) == ("participant.waiting", "p-1")
    assert happening.at_unix_s == datetime.fromisoformat(HAPPENED).timestamp()


async def test_what_is_not_signed_by_our_relay_is_not_heard(clinic: Clinic) -> None:
    body = body_of("room.closed", "r-1")
    good = signed(body)
    forgeries: list[dict[str, str]] = [
        {},
        signed(body, ago=timedelta(minutes=6)),
        {**good, "webhook-id": "msg_2"},
        {**good, "webhook-signature": "v1,AAAA"},
        {**good, "webhook-signature": "v1"},
        {**good, "webhook-signature": "v1,a,b"},
        {**good, "webhook-timestamp": "soon"},
        {**good, "webhook-timestamp": "nan"},
    ]
    for headers in forgeries:
        async with clinic.client.post("/webhooks", data=body, headers=headers) as answer:
            assert answer.status == 401, headers
    changed = body.replace("r-1", "r-2")
    for wrong in (changed.encode(), b"\xff", b""):
        async with clinic.client.post("/webhooks", data=wrong, headers=good) as answer:
            assert answer.status == 401
    assert await clinic.happenings.of_room("r-1") == []


@pytest.mark.parametrize("body", ['{"type": "new.kind"}', "[]", "null", '{"type": 7, "data": {}}'])
async def test_what_is_signed_and_not_known_holds_nothing_up(clinic: Clinic, body: str) -> None:
    async with clinic.client.post("/webhooks", data=body, headers=signed(body)) as answer:
        assert answer.status == 204


async def test_the_record_of_a_consultation_names_who_came_and_when(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, _ = await clinic.appointment(practitioner)
    body = body_of("participant.waiting", appointment.room, identity=appointment.pseudonym)
    for event, text in (
        ("msg_1", body),
        ("msg_2", body_of("room.closed", appointment.room)),
        ("msg_3", body_of("something.new", appointment.room)),
    ):
        async with clinic.client.post("/webhooks", data=text, headers=signed(text, event)) as heard:
            assert heard.status == 204
    await clinic.appointments.end(appointment.id)
    await clinic.log_in("martin")
    page = await (await clinic.get(f"/appointments/{appointment.id}")).text()
    assert "Came to the waiting room" in page
    assert "Jeanne Petit" in page
    assert "The room closed" in page
    assert "something.new" not in page
    french = await (await clinic.get(f"/appointments/{appointment.id}", language="fr")).text()
    assert words_of("fr")["happenings"]["room.closed"] in french
