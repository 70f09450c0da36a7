"""Works the served consultation page as a person does: by the names of its controls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.endtoend.appearance import BLUE
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.participant import Participant


async def enter(participant: Participant) -> None:
    """Wait for the page, and join if it asks first."""
    await participant.until("Boolean(document.querySelector('visavis-consultation'))")
    await participant.until(
        f"{call('window.probe.press', 'Join')} || window.probe.connections.length > 0",
        within_s=15,
    )


async def press(participant: Participant, name: str) -> None:
    """Press the button of this accessible name."""
    await participant.until(call("window.probe.press", name))


async def silence(practitioner: Participant, patient: Participant) -> None:
    """Mute the patient's microphone; the practitioner reads it, hears nothing, and hears again."""
    await press(patient, "Microphone")
    await practitioner.until(call("window.probe.reads", "microphone"))
    await practitioner.hears_nobody_like(BLUE)
    await press(patient, "Microphone")
    await asyncio.sleep(0)
    await practitioner.hears(BLUE)
