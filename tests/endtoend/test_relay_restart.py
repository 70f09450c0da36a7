"""A relay is killed and started again: the pages come back by themselves, nothing clicked."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend import page_controls
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.relay_process import kill_and_restart

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]


async def test_a_consultation_outlives_its_relay(consultation: Consultation) -> None:
    practitioner = await consultation.join("practitioner", RED, door="page")
    patient = await consultation.join("patient", BLUE, door="page")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await page_controls.press(patient, "Turn the microphone off")
    await practitioner.hears_nobody_like(BLUE)

    await kill_and_restart(consultation.relay)

    await asyncio.gather(practitioner.sees(BLUE, within_s=30), patient.sees(RED, within_s=30))
    await patient.hears(RED)
    await practitioner.hears_nobody_like(BLUE)
    await page_controls.reads(practitioner, "microphone is off")
