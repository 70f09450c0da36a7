"""One stream of layers: each receiver is sent as many of them as suit it, and no decoder notices.

Nothing is weak here: what adaptation decides is said into the relay by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from relay.layers.ladder import ALL_LAYERS
from signalling.links import websocket_url
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import Participant, polling
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.tab import call
from tests.endtoend.test_told_adaptation import camera_slot, leg_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.ids import SlotId
    from relay.legs.leg import Leg
    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

SCALABLE = """((mimeType, scalabilityMode) => {
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (kind, about = {}) {
    if (!about.sendEncodings) return addTransceiver.call(this, kind, about);
    const scaleResolutionDownBy = 4 / 3;
    const sendEncodings = [{ scalabilityMode, scaleResolutionDownBy, maxBitrate: 600_000 }];
    const transceiver = addTransceiver.call(this, kind, { ...about, sendEncodings });
    const { sender } = transceiver;
    const degradationPreference = "maintain-resolution";
    void sender.setParameters({ ...sender.getParameters(), degradationPreference });
    const { codecs } = RTCRtpReceiver.getCapabilities("video");
    const isWanted = (codec) => codec.mimeType === mimeType || codec.mimeType === "video/rtx";
    transceiver.setCodecPreferences(codecs.filter(isWanted));
    return transceiver;
  };
})"""
"""Has the page's camera sent as one stream of layers: as small as Chromium makes two sizes of for
VP9 (240x135 at the least), since two cores have to encode AV1 beside everything else."""

RECEIVED = """(async () => {
  for (const connection of window.probe.connections) {
    for (const line of (await connection.getStats()).values()) {
      if (line.type === "inbound-rtp" && line.kind === "video" && line.framesDecoded > 0) {
        return { width: line.frameWidth, frames: line.framesDecoded, keys: line.keyFramesDecoded,
          plis: line.pliCount };
      }
    }
  }
  return null;
})()"""
"""What Chromium says of the one picture it receives."""

JUDGED_FRAMES = 40
WHOLE = 480
"""The width of the picture that is sent. How smoothly it moves is the encoder's affair here: that
no decoder was reset and none missed anything is seen by its key frames and what it asked for."""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay into which a test can speak, in the place of the run's own."""
    async with serving_here(front_end) as running:
        yield running


@pytest.mark.parametrize(
    ("codec", "mode"),
    [
        pytest.param("video/AV1", "L2T2", marks=pytest.mark.thorough),
        pytest.param("video/AV1", "L2T2_KEY", marks=pytest.mark.thorough),
        pytest.param("video/VP9", "L2T2", marks=pytest.mark.thorough),
        ("video/VP9", "L2T2_KEY"),
    ],
)
async def test_a_picture_gets_smaller_and_large_again(
    consultation: Consultation, relay: RelayHere, codec: str, mode: str
) -> None:
    practitioner, leg, slot = await meet(consultation, relay, codec, mode)
    whole = await shows(practitioner, WHOLE)
    leg.engine.set_layer(slot, 0, 0, ALL_LAYERS)
    small = await shows(practitioner, WHOLE // 2)
    await practitioner.decodes(JUDGED_FRAMES)
    still = await shows(practitioner, WHOLE // 2)
    assert still["keys"] == small["keys"] == whole["keys"], "smaller at once"
    leg.engine.set_layer(slot, 0, ALL_LAYERS, ALL_LAYERS)
    again = await shows(practitioner, WHOLE)
    assert again["keys"] == still["keys"] + 1, "large again with a key frame"
    assert again["plis"] == whole["plis"], "nothing was missed"
    await practitioner.sees(BLUE)
    counters = relay.media_plane._engine.counters()
    assert counters["drop_spatial_layer"] > 0
    assert counters["dependency_descriptors_malformed"] == 0


@pytest.mark.parametrize(
    ("codec", "mode"),
    [
        ("video/AV1", "L1T2"),
        pytest.param("video/AV1", "L1T3", marks=pytest.mark.thorough),
        pytest.param("video/AV1", "L2T2", marks=pytest.mark.thorough),
        pytest.param("video/VP9", "L1T3", marks=pytest.mark.thorough),
        pytest.param("video/VP9", "L2T2_KEY", marks=pytest.mark.thorough),
    ],
)
async def test_every_other_picture_is_left_out_and_comes_back(
    consultation: Consultation, relay: RelayHere, codec: str, mode: str
) -> None:
    practitioner, leg, slot = await meet(consultation, relay, codec, mode)
    whole = await shows(practitioner, WHOLE)
    dropped = await left_out_while_decoding(relay, practitioner)
    assert dropped == 0
    leg.engine.set_layer(slot, 0, ALL_LAYERS, 0)
    layers = 2 if mode.startswith("L2") else 1
    # Of three temporal layers the lowest has but every fourth frame.
    judged_frames = JUDGED_FRAMES // 2 if mode.endswith("T3") else JUDGED_FRAMES
    dropped = await left_out_while_decoding(relay, practitioner, judged_frames)
    assert dropped >= judged_frames * layers * 0.8, "one for each decoded, at least"
    leg.engine.set_layer(slot, 0, ALL_LAYERS, ALL_LAYERS)
    await practitioner.decodes(JUDGED_FRAMES // 4)
    assert await left_out_while_decoding(relay, practitioner) == 0
    again = await shows(practitioner, WHOLE)
    assert (again["keys"], again["plis"]) == (whole["keys"], whole["plis"])
    await practitioner.sees(BLUE)


async def left_out_while_decoding(
    relay: RelayHere, participant: Participant, frames: int = JUDGED_FRAMES
) -> int:
    """Give how many packets of upper temporal layers are left out while frames are decoded."""
    before = relay.media_plane._engine.counters()["drop_temporal_layer"]
    await participant.decodes(frames)
    return relay.media_plane._engine.counters()["drop_temporal_layer"] - before


async def meet(
    consultation: Consultation, relay: RelayHere, codec: str, mode: str
) -> tuple[Participant, Leg, SlotId]:
    """Have a patient publish a stream of layers; give who sees it, their leg, and the slot."""
    practitioner = await consultation.join("practitioner", RED)
    await publishes(consultation, relay, call(SCALABLE, codec, mode))
    await practitioner.sees(BLUE)
    place = relay.place(consultation.room, "practitioner")
    leg = leg_of(place)
    return practitioner, leg, leg.slots[camera_slot(place)].id


async def publishes(consultation: Consultation, relay: RelayHere, before: str) -> Participant:
    """Have a patient join and publish on the bare SDK, in a page where something is done before."""
    browser = await consultation.browser("chromium", BLUE)
    query = urlencode({"relay": relay.url})
    tab = await browser.open(f"{consultation.front_end}/bare.html?{query}")
    patient = Participant("patient", BLUE, "bare", tab)
    consultation.participants.append(patient)
    await patient.until("Boolean(window.bare)")
    await tab.evaluate(before)
    token = await relay.token(consultation.room, "patient", "patient-blue")
    await tab.evaluate(call("window.bare.join", token, websocket_url(relay.url)))
    await tab.evaluate("window.bare.publishDevices()")
    return patient


async def shows(participant: Participant, width: int, *, within_s: float = 15.0) -> dict[str, Any]:
    """Wait until a picture of such a width is decoded, and give what has been counted."""
    received: dict[str, Any] | None = None
    async for _ in polling(within_s):
        received = await participant.tab.evaluate(RECEIVED)
        if received is not None and received["width"] == width:
            return received
    raise AssertionError(f"{participant}: {received}")
