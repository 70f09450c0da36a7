"""Every pairing of browsers, through the served page and through the bare SDK."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend import page_controls
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Door, Participant

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(150)]

BROWSERS = ("chromium", "firefox")


@pytest.mark.parametrize(
    ("door", "first", "second"),
    [
        # Every run has each pairing once: two of a kind on the bare SDK, the others on the page.
        pytest.param(
            door,
            first,
            second,
            marks=() if (door == "bare") is (first == second) else pytest.mark.thorough,
        )
        for door in ("page", "bare")
        for first in BROWSERS
        for second in BROWSERS
    ],
)
async def test_a_consultation(
    consultation: Consultation, door: Door, first: str, second: str
) -> None:
    practitioner = await consultation.join("practitioner", RED, browser=first, door=door)
    patient = await consultation.join("patient", BLUE, browser=second, door=door)

    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
    await asyncio.gather(practitioner.decodes(15), patient.decodes(15))

    if door == "bare":
        await exchange_messages(practitioner, patient)
        await silence(practitioner, patient)
    else:
        await page_controls.exchange_messages(practitioner, patient)
        await page_controls.silence(practitioner, patient)


async def exchange_messages(practitioner: Participant, patient: Participant) -> None:
    """Send a data message each way, one of them addressed to a role."""
    await patient.tab.evaluate(
        "window.bare.consultation()."
        + call("send", {"to": "practitioners", "type": "note", "body": {"pain": 3}})
    )
    received = await practitioner.until(MESSAGE)
    assert received["type"] == "note"
    assert received["body"] == {"pain": 3}
    assert received["role"] == "patient"

    await practitioner.tab.evaluate(
        "window.bare.consultation()." + call("send", {"type": "answer", "body": "à bientôt 🩺"})
    )
    received = await patient.until(MESSAGE)
    assert (received["type"], received["body"]) == ("answer", "à bientôt 🩺")
    assert received["role"] == "practitioner"


async def silence(practitioner: Participant, patient: Participant) -> None:
    """Mute the patient's microphone; the practitioner is told, hears nothing, and hears again."""
    mute = "window.bare.consultation()."
    await patient.tab.evaluate(mute + call("mute", "microphone"))
    await practitioner.until(MUTED.format("true"))
    await practitioner.hears_nobody_like(BLUE)
    await patient.tab.evaluate(mute + call("mute", "microphone", False))
    await practitioner.until(MUTED.format("false"))
    await practitioner.hears(BLUE)


MESSAGE = "window.bare.seen.find(({ name }) => name === 'message')?.detail"
MUTED = (
    "window.bare.seen.some(({{ name, detail }}) => name === 'muted' && detail.muted === {}"
    " && detail.track.source === 'microphone')"
)
