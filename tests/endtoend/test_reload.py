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


@pytest.mark.parametrize("kind", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"])
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


@pytest.mark.parametrize("kind", ["chromium", pytest.param("firefox", marks=pytest.mark.thorough)])
async def test_what_was_off_before_a_reload_is_off_after_it(
    consultation: Consultation, kind: str
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE, browser=kind, door="page")
    await asyncio.gather(practitioner.hears(BLUE), practitioner.sees(BLUE), patient.sees(RED))
    await page_controls.press(patient, "Turn the microphone off")
    await page_controls.press(patient, "Turn the camera off")
    await asyncio.gather(practitioner.hears_nobody_like(BLUE), practitioner.sees_nobody_like(BLUE))

    await patient.tab.reload()
    await page_controls.enter(patient)

    await page_controls.reads(patient, "Your microphone is off: nobody hears you.")
    await patient.sees(RED, within_s=20)
    off = await patient.tab.evaluate(
        "document.querySelector('visavis-consultation').consultation.local.sources"
        ".map(({ source, muted, mediaTrack }) => [source, muted, mediaTrack?.enabled ?? null])"
    )
    assert sorted(off) == [["camera", True, None], ["microphone", True, False]]
    await page_controls.press(patient, "Turn the microphone on")
    await page_controls.press(patient, "Turn the camera on")
    await asyncio.gather(practitioner.hears(BLUE), practitioner.sees(BLUE))
