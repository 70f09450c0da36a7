"""A patient who reloads the page comes back to the same seat, and nobody is told that they left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend import page_controls
from tests.endtoend.appearance import BLUE, RED

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]


@pytest.mark.parametrize("kind", ["chromium", "firefox"])
async def test_a_reload_resumes_the_seat(consultation: Consultation, kind: str) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE, browser=kind, door="page")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    joined_before = await consultation.relay.total("visavis_join_duration_seconds_count")

    await patient.tab.reload()
    await page_controls.enter(patient)

    await asyncio.gather(practitioner.sees(BLUE, within_s=20), patient.sees(RED, within_s=20))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
    changes = await practitioner.tab.evaluate(
        "window.bare.seen.filter(({ name }) => name === 'participant')"
        ".map(({ detail }) => detail.change)"
    )
    assert changes.count("joined") == 1
    assert "left" not in changes
    assert await practitioner.tab.evaluate("window.bare.consultation().participants.length") == 1
    assert joined_before >= 2
