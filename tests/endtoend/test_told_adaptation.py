"""A picture that is paused says so in words until it moves again; a camera sends what it is asked.

Nothing is weak here: what adaptation decides is said into the relay by hand.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.ids import Mid
from relay.rooms.events import SOLE_RID, EncodingChoice, EncodingsChosen, RenegotiationNeeded
from relay.rooms.permissions import Source
from relay.routing.bindings import tell_slots
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import polling
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.polling import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.legs.leg import Leg
    from relay.places.open_rooms import Place
    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Participant

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
ENGLISH = (
    "Your connection is weak just now. The picture is paused so that you can hear each other; "
    "it comes back by itself."
)
FRENCH = (
    "Votre connexion est faible en ce moment. L\u2019image est en pause pour que vous puissiez "
    "vous entendre\u00a0; elle revient toute seule."
)
BACK = "L\u2019image du praticien peut de nouveau s\u2019afficher."

ELEMENT = "document.querySelector('visavis-consultation')"
SHOWN = (
    f"[...{ELEMENT}.shadowRoot.querySelectorAll('.tile .veil')]"
    ".filter((veil) => veil.checkVisibility()).map((veil) => veil.textContent).join()"
)
"""The words over a picture."""
SAID = f"{ELEMENT}.shadowRoot.querySelector('.stage > [aria-live=polite]').textContent"
"""What a screen reader is given to say."""
HIDDEN = f"{ELEMENT}.consultation.pictures.map(({{ reason }}) => reason).join()"
SENT = (
    "window.probe.connections.at(-1).getTransceivers()"
    ".find(({ direction, sender }) => direction === 'sendonly' && sender.track?.kind === 'video')"
    ".sender.getParameters().encodings.map(({ rid, active, maxBitrate, scaleResolutionDownBy }) =>"
    " [rid, active, maxBitrate ?? null, scaleResolutionDownBy])"
)
"""What the browser says it sends of its camera: rid, whether, bit/s at most, divided by."""


VOICE_BOUND = (
    "(window.probe.connections.at(-1).getTransceivers()"
    ".find(({ direction, sender }) => direction === 'sendonly' && sender.track?.kind === 'audio')"
    ".sender.getParameters().encodings[0].maxBitrate ?? null)"
)
"""Up to which rate the browser says it sends its microphone, bit/s."""
VOICE_SENT = """(async () => {
  for (const line of (await window.probe.connections.at(-1).getStats()).values()) {
    const { type, kind, packetsSent, bytesSent } = line;
    if (type === "outbound-rtp" && kind === "audio") return [packetsSent, bytesSent];
  }
  return [0, 0];
})()"""
JUDGED_PACKETS = 100


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay into which a test can speak, in the place of the run's own."""
    async with serving_here(front_end) as running:
        yield running


@pytest.mark.parametrize("kind", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"])
async def test_a_paused_picture_says_so_until_its_next_frame(
    consultation: Consultation, relay: RelayHere, kind: str
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE, browser=kind, door="page")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    place = relay.place(consultation.room, "patient")
    leg = leg_of(place)
    face = camera_slot(place)

    leg.pause(face, "low_rate")
    tell_slots(place)
    await patient.until(f"{SHOWN} === {ENGLISH!r} && {SAID} === {ENGLISH!r}")
    await patient.sees_nobody_like(RED)
    await patient.hears(RED)
    await keep_picture(patient, f"paused-{kind}-en.png")

    await patient.tab.evaluate(f"{ELEMENT}.setAttribute('lang', 'fr')")
    await patient.until(f"{SHOWN} === {FRENCH!r} && {SAID} === {FRENCH!r}")
    await keep_picture(patient, f"paused-{kind}-fr.png")

    # The news alone, as if it had overtaken the picture.
    leg.slots[face].paused = None
    tell_slots(place)
    await patient.until(f"{HIDDEN} === ''")
    await patient.hears(RED)
    assert await patient.tab.evaluate(SHOWN) == FRENCH

    leg.engine.set_paused(leg.slots[face].id, paused=False)
    await patient.until(f"{SHOWN} === '' && {SAID} === {BACK!r}")
    await patient.sees(RED)


@pytest.mark.parametrize("kind", ["chromium", pytest.param("firefox", marks=pytest.mark.thorough)])
async def test_a_camera_sends_what_the_relay_asks_without_an_offer(
    consultation: Consultation, relay: RelayHere, kind: str
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE, browser=kind)
    await practitioner.sees(BLUE)
    place = relay.place(consultation.room, "patient")
    camera = place.participant.publications[Source.CAMERA].id
    answers = leg_of(place).answers
    assert (await patient.tab.evaluate(SENT))[0] == ["h", True, None, 1]

    lower = (
        EncodingChoice("h", active=False),
        EncodingChoice("m", active=True, max_bps=200_000, scale=3.0),
        EncodingChoice("l", active=False),
        EncodingChoice("x", active=True),
    )
    small = [["h", False, None, 1], ["m", True, 200_000, 3], ["l", False, None, 4]]
    place.ask_to_send(EncodingsChosen(camera, lower, "motion"))
    await sends(patient, small)
    await practitioner.until("window.probe.pictures().some(({ width }) => width < 320)")
    assert leg_of(place).answers == answers

    place.tell(RenegotiationNeeded("codec"))
    await until(lambda: leg_of(place).answers > answers)
    await sends(patient, small)
    await practitioner.sees(BLUE)

    upper = (EncodingChoice("h", active=True, max_bps=900_000), EncodingChoice("m", active=False))
    place.ask_to_send(EncodingsChosen(camera, upper))
    await sends(patient, [["h", True, 900_000, 1], ["m", False, None, 2], ["l", False, None, 4]])
    await practitioner.until("window.probe.pictures().some(({ width }) => width >= 320)")
    await practitioner.sees(BLUE)


@pytest.mark.parametrize("kind", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"])
async def test_a_microphone_is_bounded_and_released_without_an_offer(
    consultation: Consultation, relay: RelayHere, kind: str
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE, browser=kind)
    await practitioner.hears(BLUE)
    place = relay.place(consultation.room, "patient")
    microphone = place.participant.publications[Source.MICROPHONE].id
    answers = leg_of(place).answers
    assert await patient.tab.evaluate(VOICE_BOUND) is None

    for most_bps in (16_000, None):
        choice = EncodingChoice(SOLE_RID, active=True, max_bps=most_bps)
        place.ask_to_send(EncodingsChosen(microphone, (choice,)))
        await patient.until(f"{VOICE_BOUND} === {json.dumps(most_bps)}")
        # 20 ms of 16 kbit/s are 40 bytes; left to itself a browser makes 70 to 80.
        assert (await mean_frame_bytes(patient) < 55) is (most_bps is not None)
        await practitioner.hears(BLUE)
    assert leg_of(place).answers == answers


async def sends(participant: Participant, wanted: list[list[object]]) -> None:
    """Wait until the browser says that it sends this of its camera."""
    got = None
    async for _ in polling(10):
        got = await participant.tab.evaluate(SENT)
        if got == wanted:
            return
    raise AssertionError(f"{participant} sends {got}, not {wanted}")


async def mean_frame_bytes(participant: Participant) -> float:
    """Give the size of what somebody's browser makes of 20 ms of their voice, from now on."""
    packets, size_bytes = await participant.tab.evaluate(VOICE_SENT)
    async for _ in polling(20):
        later, more_bytes = await participant.tab.evaluate(VOICE_SENT)
        if later - packets >= JUDGED_PACKETS:
            return float((more_bytes - size_bytes) / (later - packets))
    raise AssertionError(f"{participant} sends no sound")


def leg_of(place: Place) -> Leg:
    """Give the present leg."""
    assert place.leg is not None
    return place.leg


def camera_slot(place: Place) -> Mid:
    """Give the slot in which the other's camera arrives."""
    assert place.slots is not None
    (mid,) = (
        slot.mid for slot in place.slots.bindings if getattr(slot, "source", None) is Source.CAMERA
    )
    return mid


async def keep_picture(participant: Participant, name: str) -> None:
    """Keep what the tab shows, for people to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    await participant.tab.screenshot(ARTIFACTS / name)
