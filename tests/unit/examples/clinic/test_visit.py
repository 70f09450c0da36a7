"""A patient comes by a link, whose secret no server sees in an address."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from examples.clinic.languages import LANGUAGES, words_of
from relay.rooms.permissions import Role
from tests.unit.examples.clinic.conftest import Clinic

TOKEN = re.compile(r'<visavis-consultation token="([^"]+)"')
WITHIN = re.compile(r"<visavis-consultation [^>]*><p[^>]*>([^<]+)</p></visavis-consultation>")


def read_token(page: str) -> Any:
    """Read what the token of a page says."""
    found = TOKEN.search(page)
    assert found is not None
    return claims(found[1])


def claims(token: str) -> Any:
    """Read what a token says."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=="))


async def enter(clinic: Clinic, link: object) -> int:
    """Hand a link over, as the page's script does."""
    return (await clinic.post("/visit/enter", data=json.dumps({"link": link}))).status


async def test_a_link_is_exchanged_for_a_cookie_and_leads_to_the_waiting_room(
    clinic: Clinic,
) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, link = await clinic.appointment(practitioner)
    assert "Please open the link" in await (await clinic.get("/visit")).text()
    assert (await clinic.get("/visit/room")).headers["Location"] == "/visit"
    assert await enter(clinic, link) == 204
    greeting = await (await clinic.get("/visit")).text()
    assert "Good day Jeanne Petit" in greeting
    assert f"At {appointment.hour} you see Dr Martin." in greeting
    page = await (await clinic.get("/visit/room")).text()
    assert f'src="{clinic.relay.url}/sdk/visavis.js"' in page
    said = read_token(page)
    assert (said["sub"], said["room"]) == (appointment.pseudonym, appointment.room)
    assert said["role"] == "patient"
    assert "Petit" not in json.dumps(said)


async def test_who_has_no_consultation_to_see_reads_what_to_do(clinic: Clinic) -> None:
    """The relay's script does not run: the relay is down, or the browser too old for it."""
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, link = await clinic.appointment(practitioner)
    assert await enter(clinic, link) == 204
    await clinic.log_in("martin")
    pages = (("/visit/room", "visit"), (f"/appointments/{appointment.id}", "room"))
    for path, section in pages:
        for language in LANGUAGES:
            found = WITHIN.search(await (await clinic.get(path, language)).text())
            assert found is not None
            assert found[1] == words_of(language)[section]["coming"]


async def test_a_wrong_link_leads_nowhere(clinic: Clinic) -> None:
    assert await enter(clinic, "a" * 43) == 404
    for wrong in ("", "a" * 200, 7, None):
        assert await enter(clinic, wrong) == 400
    assert (await clinic.post("/visit/enter", origin="https://elsewhere.example")).status == 403


async def test_the_room_is_made_once_with_a_waiting_room(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, link = await clinic.appointment(practitioner)
    assert await enter(clinic, link) == 204
    for _ in range(2):
        assert (await clinic.get("/visit/room")).status == 200
    headers = {"Authorization": f"Bearer {clinic.relay.key}"}
    url = f"{clinic.relay.url}/v1/rooms/{appointment.room}"
    async with clinic.client.session.get(url, headers=headers) as answer:
        room = await answer.json()
    assert (room["waiting_room"], room["max_participants"]) == (True, 6)


async def test_after_its_end_a_visit_says_so(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, link = await clinic.appointment(practitioner)
    assert await enter(clinic, link) == 204
    await clinic.appointments.end(appointment.id)
    assert (await clinic.get("/visit/room")).headers["Location"] == "/visit"
    assert "This consultation is over" in await (await clinic.get("/visit")).text()


async def test_what_patients_are_called_is_text_and_no_markup(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    _, link = await clinic.appointment(practitioner, "<script>alert(1)</script>")
    assert await enter(clinic, link) == 204
    page = await (await clinic.get("/visit")).text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


async def test_a_page_gets_another_token_for_as_long_as_there_is_a_room(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    appointment, link = await clinic.appointment(practitioner)
    addresses = ("/visit/token", f"/appointments/{appointment.id}/token")
    for address in addresses:
        assert (await clinic.get(address)).status == 401
    assert await enter(clinic, link) == 204
    await clinic.log_in("martin")
    for address, who in zip(
        addresses, (appointment.pseudonym, practitioner.pseudonym), strict=True
    ):
        answer = await clinic.get(address)
        said = claims(await answer.text())
        assert (said["sub"], said["room"]) == (who, appointment.room)
        assert said.get("once", False) is (who == appointment.pseudonym), "a patient's page alone"
        assert answer.headers["Cache-Control"] == "no-store"
    pages = ("/visit/room", f"/appointments/{appointment.id}")
    for page, address in zip(pages, addresses, strict=True):
        assert f'token-url="{address}"' in await (await clinic.get(page)).text()
    await clinic.appointments.end(appointment.id)
    for address in addresses:
        assert (await clinic.get(address)).status == 410


async def test_nobody_gets_a_token_for_what_does_not_concern_them(clinic: Clinic) -> None:
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    await clinic.account("diallo", Role.PRACTITIONER)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("diallo")
    assert (await clinic.get(f"/appointments/{appointment.id}/token")).status == 404


async def test_whoever_was_moved_comes_back_to_the_room_in_which_they_went_on(
    clinic: Clinic,
) -> None:
    await clinic.account("robin", Role.ASSISTANT)
    here, link = await clinic.appointment(await clinic.account("martin", Role.PRACTITIONER))
    colleague = await clinic.account("diallo", Role.PRACTITIONER)
    there, _ = await clinic.appointment(colleague, "Karim Benali")
    assert await enter(clinic, link) == 204
    await clinic.log_in("robin")
    await clinic.relay.enters(here.room, Role.PATIENT, here.pseudonym, waits=True)
    moving = await clinic.command(here, do="move", who=here.pseudonym, to=there.id)
    assert moving.status == 204
    page = await (await clinic.get("/visit/room")).text()
    assert "Dr Diallo" in page
    for said in (read_token(page), claims(await (await clinic.get("/visit/token")).text())):
        assert (said["sub"], said["room"]) == (here.pseudonym, there.room)
    await clinic.appointments.end(there.id)
    said = read_token(await (await clinic.get("/visit/room")).text())
    assert said["room"] == here.room
