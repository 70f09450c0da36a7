"""A link that works once: for the page that uses it first, through reloads and restarts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend import page_controls
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import Participant
from tests.endtoend.relay_process import kill_and_restart

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

USED = "This link works once, and it has been used."


async def opens(consultation: Consultation, link: str) -> Participant:
    """Open a link in a tab of its own, without pressing anything."""
    browser = await consultation.browser("chromium", BLUE)
    patient = Participant("patient", BLUE, "page", await browser.open(link))
    consultation.participants.append(patient)
    return patient


async def test_a_link_that_works_once_is_used_by_a_press_and_by_nobody_else_afterwards(
    consultation: Consultation,
) -> None:
    relay = consultation.relay
    practitioner = await consultation.join("practitioner", RED)
    token = await relay.token(consultation.room, "patient", "patient-once", "--once")
    link = f"{relay.url}/consultation#token={token}"

    preview = await opens(consultation, link)
    await page_controls.reads(preview, "This link works once.")

    patient = await opens(consultation, link)
    await page_controls.press(patient, "Enter")
    await page_controls.enter(patient)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))

    await page_controls.press(preview, "Enter")
    await page_controls.reads(preview, USED)

    await patient.tab.reload()
    await page_controls.enter(patient)
    await asyncio.gather(practitioner.sees(BLUE, within_s=20), patient.sees(RED, within_s=20))

    await kill_and_restart(relay)
    await asyncio.gather(practitioner.sees(BLUE, within_s=30), patient.sees(RED, within_s=30))
    await preview.tab.reload()
    await page_controls.reads(preview, USED)
