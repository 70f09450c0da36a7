"""A flash and a beep made at one instant reach the other side within 100 ms of each other."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(90)]

WITHIN_MS = 100.0
SETTLE_S = 4.0
"""Receivers align sound and picture after the first sender reports, and step by step."""
MEASURE_S = 8


@pytest.mark.parametrize(
    ("sender", "receiver"),
    [
        pytest.param("chromium", "chromium", marks=pytest.mark.thorough),
        ("chromium", "firefox"),
        ("firefox", "chromium"),
        pytest.param("firefox", "firefox", marks=pytest.mark.thorough),
    ],
)
async def test_lips_and_voice_stay_together(
    consultation: Consultation, sender: str, receiver: str
) -> None:
    patient = await consultation.join("patient", BLUE, browser=sender, publish=False)
    practitioner = await consultation.join("practitioner", RED, browser=receiver, publish=False)
    await patient.tab.evaluate("window.bare.publishTracks(window.sources.flashAndBeep())")
    await practitioner.decodes(round(SETTLE_S * 15), within_s=20)

    differences = await practitioner.tab.evaluate(call("window.probe.measureLipSync", MEASURE_S))

    assert len(differences) >= 4, f"flashes or beeps did not arrive: {differences}"
    median = statistics.median(differences)
    assert abs(median) <= WITHIN_MS, f"sound comes {median:.0f} ms after the picture: {differences}"
