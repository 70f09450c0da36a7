"""Commands: who may give which, and what the relay makes of them."""

from __future__ import annotations

from typing import Any

import pytest

from examples.clinic.accounts import Account
from relay.ids import RoomId
from relay.rooms.permissions import Role
from tests.unit.examples.clinic.conftest import Clinic


async def staff_of(clinic: Clinic) -> tuple[Account, Account]:
    """Make a practitioner and an assistant."""
    practitioner = await clinic.account("martin", Role.PRACTITIONER)
    return practitioner, await clinic.account("robin", Role.ASSISTANT)


async def refusal(clinic: Clinic, *what: Any, **command: Any) -> str:
    """Give a command that is refused, and read the sentence."""
    answer = await clinic.command(*what, **command)
    assert answer.status == 409
    return str((await answer.json())["words"])


async def test_a_patient_is_let_in_and_sent_back(clinic: Clinic) -> None:
    practitioner, _ = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    room, who = appointment.room, appointment.pseudonym
    await clinic.relay.enters(room, Role.PATIENT, who, waits=True)
    assert (await clinic.command(appointment, do="admit", who=who)).status == 204
    assert clinic.standing(room) == {who: "admitted"}
    assert (await clinic.command(appointment, do="send_back", who=who)).status == 204
    assert clinic.standing(room) == {who: "waiting"}
    assert await refusal(clinic, appointment, do="admit", who="p-other") == (
        "They are no longer there."
    )


async def test_an_assistant_hands_over_in_one_command(clinic: Clinic) -> None:
    practitioner, assistant = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("robin")
    room, patient = appointment.room, appointment.pseudonym
    assert "not in the consultation yourself" in await refusal(clinic, appointment, do="hand_over")
    await clinic.relay.enters(room, Role.ASSISTANT, assistant.pseudonym, waits=False)
    await clinic.relay.enters(room, Role.PATIENT, patient, waits=True)
    assert (await clinic.command(appointment, do="admit", who=patient)).status == 204
    assert "has not opened the consultation yet" in await refusal(
        clinic, appointment, do="hand_over"
    )
    await clinic.relay.enters(room, Role.PRACTITIONER, practitioner.pseudonym, waits=False)
    assert (await clinic.command(appointment, do="send_back", who=patient)).status == 204
    assert (await clinic.command(appointment, do="hand_over")).status == 204
    assert clinic.standing(room) == {
        assistant.pseudonym: "waiting",
        practitioner.pseudonym: "admitted",
        patient: "admitted",
    }


async def test_staff_confer_unheard_by_the_patient(clinic: Clinic) -> None:
    practitioner, assistant = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    room, patient = appointment.room, appointment.pseudonym
    await clinic.relay.enters(room, Role.PRACTITIONER, practitioner.pseudonym, waits=False)
    await clinic.relay.enters(room, Role.PATIENT, patient, waits=False)
    # The clinic looks at the room after each command, so it knows who is in by the next.
    assert (await clinic.command(appointment, do="admit", who=patient)).status == 204
    assert "no colleague" in await refusal(clinic, appointment, do="confer")
    await clinic.relay.enters(room, Role.ASSISTANT, assistant.pseudonym, waits=False)
    assert (await clinic.command(appointment, do="admit", who=patient)).status == 204
    assert (await clinic.command(appointment, do="confer")).status == 204
    assert private_in(clinic, room) == {practitioner.pseudonym, assistant.pseudonym}
    assert (await clinic.command(appointment, do="confer_no_more")).status == 204
    assert private_in(clinic, room) == set()


def private_in(clinic: Clinic, room: str) -> set[str]:
    """Say who confers, by the relay itself."""
    people = clinic.relay.media_plane.desk().room(RoomId(room)).people
    return {who.identity for who in people if who.private}


async def test_a_patient_is_moved_to_a_colleague_s_room(clinic: Clinic) -> None:
    practitioner, _ = await staff_of(clinic)
    colleague = await clinic.account("diallo", Role.PRACTITIONER)
    here, _ = await clinic.appointment(practitioner)
    there, _ = await clinic.appointment(colleague, "Karim Benali")
    await clinic.log_in("robin")
    await clinic.relay.enters(here.room, Role.PATIENT, here.pseudonym, waits=True)
    command = {"do": "move", "who": here.pseudonym, "to": there.id}
    assert (await clinic.command(here, **command)).status == 204
    assert clinic.standing(there.room) == {here.pseudonym: "waiting"}
    await clinic.log_in("martin")
    assert await refusal(clinic, here, **command) == "They are no longer there.", "not hers"


async def test_what_those_who_wait_read_is_the_relay_s_to_show(clinic: Clinic) -> None:
    practitioner, _ = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    words = "I am <b>ten</b> minutes late."
    assert (await clinic.command(appointment, do="notice", text=words)).status == 204
    headers = {"Authorization": f"Bearer {clinic.relay.key}"}
    url = f"{clinic.relay.url}/v1/rooms/{appointment.room}"
    async with clinic.client.session.get(url, headers=headers) as answer:
        assert (await answer.json())["notice"] == words


async def test_an_end_is_an_end_also_where_nobody_came(clinic: Clinic) -> None:
    practitioner, _ = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    await clinic.relay.enters(appointment.room, Role.PATIENT, appointment.pseudonym, waits=True)
    empty, _ = await clinic.appointment(practitioner, "Karim Benali")
    for each in (appointment, empty):
        assert (await clinic.command(each, do="end")).status == 204
        page = await (await clinic.get(f"/appointments/{each.id}")).text()
        assert "The consultation is over." in page
        assert "visavis-consultation" not in page
    assert not clinic.relay.media_plane.steering.is_open(RoomId(appointment.room))
    assert await refusal(clinic, appointment, do="end") == "The consultation is over."


async def test_experts_and_strangers_give_no_commands(clinic: Clinic) -> None:
    practitioner, _ = await staff_of(clinic)
    expert = await clinic.account("okafor", Role.EXPERT)
    await clinic.account("diallo", Role.PRACTITIONER)
    appointment, _ = await clinic.appointment(practitioner, expert=expert)
    await clinic.log_in("okafor")
    page = await (await clinic.get(f"/appointments/{appointment.id}")).text()
    assert "<visavis-consultation" in page
    assert "data-end" not in page
    assert await refusal(clinic, appointment, do="end") == "You may not do this."
    await clinic.log_in("diallo")
    assert (await clinic.get(f"/appointments/{appointment.id}")).status == 404
    assert (await clinic.command(appointment, do="end")).status == 404


async def test_a_command_needs_our_own_page(clinic: Clinic) -> None:
    practitioner, _ = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    path, body = f"/appointments/{appointment.id}/commands", '{"do": "end"}'
    csrf = {"X-CSRF": await clinic.csrf()}
    assert (await clinic.post(path, data=body)).status == 403
    assert (await clinic.post(path, data=body, headers={"X-CSRF": "\xe9"})).status == 403
    other = "https://elsewhere.example"
    assert (await clinic.post(path, data=body, headers=csrf, origin=other)).status == 403
    found = await clinic.appointments.find(appointment.id)
    assert found is not None
    assert not found.is_over


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"do": "dance"},
        {"do": "admit"},
        {"do": "admit", "who": ""},
        {"do": "end", "who": "p-1"},
        {"do": "move", "who": "p-1", "to": "2"},
        {"do": "notice", "text": "x" * 301},
    ],
)
async def test_what_is_no_command_is_refused_as_such(
    clinic: Clinic, command: dict[str, Any]
) -> None:
    practitioner, _ = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")
    assert (await clinic.command(appointment, **command)).status == 400


async def test_a_relay_that_does_not_answer_is_said_in_words(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    practitioner, _ = await staff_of(clinic)
    appointment, _ = await clinic.appointment(practitioner)
    await clinic.log_in("martin")

    async def silent(*_: object, **__: object) -> bytes:
        raise TimeoutError

    monkeypatch.setattr("signalling.api_client.ApiClient._send", silent)
    words = await refusal(clinic, appointment, do="admit", who=appointment.pseudonym)
    assert words == "The relay does not answer. Try again in a moment."
    answer = await clinic.get(f"/appointments/{appointment.id}", language="fr")
    assert answer.status == 503
    assert "Le relais ne répond pas" in await answer.text()
