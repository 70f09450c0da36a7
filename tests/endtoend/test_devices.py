"""Devices change, pictures stop and come back, a screen is shown, text is read as it is written."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, GREEN, RED
from tests.endtoend.page_controls import press, reads
from tests.endtoend.participant import polling
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Participant

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(150)]

HERE = "window.bare.consultation()"
STILL_POLLS = 8
"""Of 0.2 s: discontinuous pictures do not exist, a still one has a frame each second."""


@pytest.mark.parametrize("kind", [pytest.param("chromium", marks=pytest.mark.thorough), "firefox"])
async def test_text_is_read_while_it_is_written_and_sound_goes_on_without_pictures(
    consultation: Consultation, kind: str
) -> None:
    practitioner = await consultation.join("practitioner", RED, door="page")
    patient = await consultation.join("patient", BLUE, browser=kind)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))

    await patient.tab.evaluate(f"{HERE}.type('Mal au d')")
    await reads(practitioner, "Mal au d")
    await patient.tab.evaluate(f"{HERE}.type('Mal au dos 🩺')")
    await reads(practitioner, "Mal au dos 🩺")
    await press(practitioner, "Messages")
    await practitioner.until(SHOW_WHAT_IS_WRITTEN)
    await practitioner.until(call("window.probe.write", "Write a message", "Depuis qua"))
    await patient.until(read("Depuis qua", done=False))
    await practitioner.until(call("window.probe.write", "Write a message", "Depuis quand ?"))
    await press(practitioner, "Send")
    await patient.until(read("Depuis quand ?", done=True))

    await patient.tab.evaluate(f"{HERE}.audioOnly()")
    await asyncio.gather(practitioner.sees_nobody_like(BLUE), takes_no_pictures(patient))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
    await patient.tab.evaluate(f"{HERE}.audioOnly(false)")
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))


async def test_devices_are_chosen_lost_and_found_again_and_a_screen_is_shown(
    consultation: Consultation,
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE)
    await asyncio.gather(practitioner.sees(BLUE), practitioner.hears(BLUE), patient.sees(RED))

    other = await patient.tab.evaluate(CHOOSE_ANOTHER_MICROPHONE)
    assert other["chosen"] == other["used"] != other["before"]
    await practitioner.hears(BLUE)
    chosen = await patient.tab.evaluate(CHOOSE_A_LOUDSPEAKER)
    assert chosen["players"] == [chosen["id"]]
    assert chosen["remembered"] == {"microphone": other["chosen"], "speaker": chosen["id"]}
    await patient.hears(RED)

    await patient.tab.evaluate(PULL_OUT_THE_MICROPHONE)
    await patient.until(f"{told('interruption')}.at(-1)?.sources.join() === 'microphone'")
    await patient.until(f"{told('error')}.at(-1)?.code === 'device_lost'")
    await practitioner.hears_nobody_like(BLUE)
    await patient.tab.evaluate("window.plugIn()")
    await patient.until(f"{told('interruption')}.at(-1)?.sources.length === 0")
    await practitioner.hears(BLUE)

    await patient.tab.evaluate(f"window.screenOf({GREEN_SCREEN})")
    await patient.tab.evaluate(f"{HERE}.publish({{ screen: true }})")
    await practitioner.sees(BLUE, GREEN)
    # What the browser's own bar does.
    await patient.tab.evaluate("window.endScreen()")
    await practitioner.sees_nobody_like(GREEN)
    await patient.until(f"{HERE}.local.sources.every(({{ source }}) => source !== 'screen')")
    await practitioner.sees(BLUE)


async def takes_no_pictures(person: Participant, *, within_s: float = 15.0) -> None:
    """Wait until nobody's picture arrives any more."""
    before, still = -1, 0
    async for _ in polling(within_s):
        now = (await person.received())["videoPackets"]
        still = still + 1 if now == before else 0
        before = now
        if still >= STILL_POLLS:
            return
    raise AssertionError(f"{person} is still sent pictures after {within_s} s")


def told(event: str) -> str:
    """Give the details of one event's so far."""
    return f"window.bare.seen.filter(({{ name }}) => name === '{event}').map((e) => e.detail)"


def read(text: str, *, done: bool) -> str:
    """Ask whether a line has been read, as it stood or as it was ended."""
    wanted = f"detail.text === '{text}' && detail.done === {str(done).lower()}"
    return f"{told('text')}.some((detail) => {wanted})"


SHOW_WHAT_IS_WRITTEN = """(() => {
  const { shadowRoot } = document.querySelector("visavis-consultation");
  const live = shadowRoot.querySelector(".writing-live input");
  if (live && !live.checked) live.click();
  return Boolean(live?.checked);
})()"""

CHOOSE_ANOTHER_MICROPHONE = f"""(async () => {{
  const consultation = {HERE};
  const {{ microphones, microphone: before }} = await consultation.devices();
  const chosen = microphones.find(({{ id }}) => id !== before).id;
  await consultation.switchDevice("microphone", chosen);
  const used = consultation.local.sources[0].mediaTrack.getSettings().deviceId;
  return {{ before, chosen, used }};
}})()"""

CHOOSE_A_LOUDSPEAKER = f"""(async () => {{
  const {{ speakers }} = await {HERE}.devices();
  const {{ id }} = speakers[0];
  await {HERE}.switchDevice("speaker", id);
  const players = window.bare.elements().map((element) => element.sinkId);
  return {{ id, players, remembered: JSON.parse(localStorage.getItem("visavis.devices")) }};
}})()"""

PULL_OUT_THE_MICROPHONE = f"""(() => {{
  const devices = navigator.mediaDevices;
  const opens = devices.getUserMedia;
  devices.getUserMedia = async () => {{
    throw new DOMException("it is gone", "NotFoundError");
  }};
  window.plugIn = () => {{
    devices.getUserMedia = opens;
    devices.dispatchEvent(new Event("devicechange"));
  }};
  window.screenOf = (appearance) => {{
    const stream = window.sources.synthesise(appearance);
    const [screen] = stream.getVideoTracks();
    devices.getDisplayMedia = async () => new MediaStream([screen]);
    window.endScreen = () => (screen.stop(), screen.dispatchEvent(new Event("ended")));
  }};
  const {{ mediaTrack }} = {HERE}.local.sources.find(({{ source }}) => source === "microphone");
  mediaTrack.stop();
  mediaTrack.dispatchEvent(new Event("ended"));
}})()"""

GREEN_SCREEN = json.dumps(GREEN.as_json())
