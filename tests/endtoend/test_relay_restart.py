"""A relay is killed and started again: the pages come back by themselves, nothing clicked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend import page_controls
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.relay_process import kill_and_restart
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

RENEW = """((token) => {
  const element = document.querySelector("visavis-consultation");
  const before = element.consultation;
  element.setAttribute("token", token);
  return before !== null && element.consultation === before;
})"""


async def test_a_consultation_outlives_its_relay(consultation: Consultation) -> None:
    practitioner = await consultation.join("practitioner", RED, door="page")
    patient = await consultation.join("patient", BLUE, door="page")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await page_controls.press(patient, "Turn the microphone off")
    await practitioner.hears_nobody_like(BLUE)
    newer = await consultation.relay.token(consultation.room, "patient", f"patient-{BLUE.name}")
    assert await patient.tab.evaluate(call(RENEW, newer)), "a token of the same seat ended it"

    await kill_and_restart(consultation.relay)

    await asyncio.gather(practitioner.sees(BLUE, within_s=30), patient.sees(RED, within_s=30))
    await patient.hears(RED)
    await practitioner.hears_nobody_like(BLUE)
    await page_controls.reads(practitioner, "microphone is off")
