"""Works the served consultation page as a person does: by the names of its controls, in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.endtoend.appearance import BLUE
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.participant import Participant


async def enter(participant: Participant) -> None:
    """Wait until the page has begun to connect; it does so by itself."""
    await participant.until("Boolean(document.querySelector('visavis-consultation'))")
    await participant.until("window.probe.connections.length > 0", within_s=15)


async def press(participant: Participant, name: str) -> None:
    """Press the button of this name."""
    await participant.until(call("window.probe.press", name))


async def reads(participant: Participant, words: str) -> None:
    """Wait until the page shows these words."""
    await participant.until(call("window.probe.reads", words))


async def exchange_messages(practitioner: Participant, patient: Participant) -> None:
    """Write to each other in the panel for messages."""
    for person in (practitioner, patient):
        await press(person, "Messages")
    for writer, reader, words in (
        (patient, practitioner, "It hurts here <img src=x onerror=alert(1)>"),
        (practitioner, patient, "à bientôt 🩺"),
    ):
        await writer.until(call("window.probe.write", "Write a message", words))
        await press(writer, "Send")
        await reads(reader, words)


async def silence(practitioner: Participant, patient: Participant) -> None:
    """Mute the patient's microphone; the practitioner reads it, hears nothing, and hears again."""
    await press(patient, "Turn the microphone off")
    await reads(practitioner, "microphone is off")
    await practitioner.hears_nobody_like(BLUE)
    await press(patient, "Turn the microphone on")
    await practitioner.hears(BLUE)
