"""An interpreter beside practitioner and patient: everybody sees and hears everybody."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, GREEN, RED

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]


async def test_three_people_see_and_hear_each_other(consultation: Consultation) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE)
    interpreter = await consultation.join("interpreter", GREEN)

    await asyncio.gather(
        practitioner.sees(BLUE, GREEN), patient.sees(RED, GREEN), interpreter.sees(RED, BLUE)
    )
    await asyncio.gather(
        practitioner.hears(BLUE, GREEN), patient.hears(RED, GREEN), interpreter.hears(RED, BLUE)
    )

    await interpreter.tab.evaluate("window.bare.consultation().leave()")
    await asyncio.gather(practitioner.sees_nobody_like(GREEN), patient.sees_nobody_like(GREEN))
    await practitioner.until(LEFT)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))


LEFT = (
    "window.bare.seen.some(({ name, detail }) => name === 'participant'"
    " && detail.change === 'left' && detail.participant.role === 'interpreter')"
)
