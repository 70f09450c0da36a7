"""A patient waits, is let in, muted, sent back and put out; others confer beside a patient."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.page_controls import press, reads
from tests.endtoend.participant import Participant
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(150)]


async def opens(consultation: Consultation, token: str) -> Participant:
    """Open the patient's link; whoever waits has no connection that could be waited for."""
    process = await consultation.browser("chromium", BLUE)
    address = f"{consultation.relay.url}/consultation#token={token}"
    patient = Participant("patient", BLUE, "page", await process.open(address))
    consultation.participants.append(patient)
    return patient


async def test_a_patient_waits_is_let_in_sent_back_and_put_out(consultation: Consultation) -> None:
    relay = consultation.relay
    practitioner = await consultation.join("practitioner", RED, door="page")
    token = await relay.token(consultation.room, "patient", "patient-blue", "--wait")
    patient = await opens(consultation, token)

    await reads(patient, "You are next")
    await reads(patient, "Nobody sees or hears you yet")
    await practitioner.tab.evaluate(call(COMMAND, {"do": "notice", "text": NOTICE}))
    await reads(patient, NOTICE)
    assert await patient.tab.evaluate("window.probe.connections.length") == 0
    # Those of tests before this one keep their places for a while.
    assert await relay.total("visavis_waiting") >= 1
    assert await practitioner.tab.evaluate(f"{PAGE}.participants.length") == 0

    await press(practitioner, "People (1 person is waiting)")
    await press(practitioner, "Let in · Patient")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))

    await press(practitioner, "Mute · Patient")
    await reads(patient, "has muted you: nobody hears you")
    await practitioner.hears_nobody_like(BLUE)
    await press(practitioner, "Let speak · Patient")
    await practitioner.hears(BLUE)

    await press(practitioner, "To the waiting room · Patient")
    await reads(patient, "You are in the waiting room again")
    await patient.until("window.probe.connections.every(c => c.connectionState === 'closed')")
    await asyncio.gather(practitioner.sees_nobody_like(BLUE), practitioner.hears_nobody_like(BLUE))
    await press(practitioner, "Let in · Patient")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))

    await press(practitioner, "Remove · Patient")
    await press(practitioner, "Remove for good? · Patient")
    await reads(patient, "This consultation is no longer open to you.")
    await practitioner.sees_nobody_like(BLUE)
    again = await opens(consultation, token)
    await reads(again, "This consultation is no longer open to you.")
    assert await again.tab.evaluate("window.probe.connections.length") == 0


async def test_practitioners_confer_beside_the_patient(consultation: Consultation) -> None:
    practitioner = await consultation.join("practitioner", RED)
    expert = await consultation.join("expert", GREEN)
    patient = await consultation.join("patient", BLUE)
    await asyncio.gather(patient.sees(RED, GREEN), practitioner.sees(BLUE, GREEN))
    await asyncio.gather(patient.hears(RED, GREEN), expert.hears(RED, BLUE))

    own, theirs = [await p.tab.evaluate(f"{BARE}.self.id") for p in (practitioner, expert)]
    confer = call(f"{BARE}.moderate", {"do": "confer", "members": [own, theirs]})
    await practitioner.tab.evaluate(confer)
    await patient.until(CONFERRING)
    await asyncio.gather(patient.sees_nobody_like(RED), patient.sees_nobody_like(GREEN))
    await asyncio.gather(patient.hears_nobody_like(RED), patient.hears_nobody_like(GREEN))
    before = (await patient.received())["framesDecoded"]
    await asyncio.gather(practitioner.sees(BLUE, GREEN), expert.hears(RED, BLUE))
    await expert.sees(RED, BLUE)
    assert (await patient.received())["framesDecoded"] == before

    await practitioner.tab.evaluate(call(f"{BARE}.moderate", {"do": "confer", "members": []}))
    await patient.sees(RED, GREEN)
    await patient.hears(RED, GREEN)


NOTICE = "We are <b>ten</b> minutes late."
PAGE = "document.querySelector('visavis-consultation').consultation"
COMMAND = f"{PAGE}.moderate"
BARE = "window.bare.consultation()"
CONFERRING = f"{BARE}.participants.filter((other) => other.private).length === 2"
