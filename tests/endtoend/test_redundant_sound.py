"""A page may have its browser send sound with earlier frames in it; the others hear a voice."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from signalling.links import websocket_url
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import Participant
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(60)]

PREFER_REDUNDANCY = """(() => {
  const { createOffer } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.createOffer = function (...about) {
    const { codecs } = RTCRtpSender.getCapabilities("audio");
    const isRedundant = ({ mimeType }) => mimeType === "audio/red";
    const preferred = [...codecs.filter(isRedundant), ...codecs.filter((one) => !isRedundant(one))];
    for (const transceiver of this.getTransceivers()) {
      const { direction, receiver } = transceiver;
      if (direction.startsWith("send") && receiver.track.kind === "audio") {
        transceiver.setCodecPreferences(preferred);
      }
    }
    return createOffer.apply(this, about);
  };
})()"""

BYTES_A_PACKET = """(async (type) => {
  for (const connection of window.probe.connections) {
    for (const line of (await connection.getStats()).values()) {
      const packets = line.packetsSent ?? line.packetsReceived;
      if (line.type === type && line.kind === "audio" && packets > 100) {
        return (line.bytesSent ?? line.bytesReceived) / packets;
      }
    }
  }
  return null;
})"""
"""Chromium's statistics name the codec within, whichever payload type it is sent under."""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay of this process, in the place of the run's own."""
    async with serving_here(front_end) as running:
        yield running


async def test_a_browser_that_sends_redundant_sound_is_heard(
    consultation: Consultation, relay: RelayHere
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    browser = await consultation.browser("chromium", BLUE)
    query = urlencode({"relay": relay.url})
    tab = await browser.open(f"{consultation.front_end}/bare.html?{query}")
    patient = Participant("patient", BLUE, "bare", tab)
    consultation.participants.append(patient)
    await patient.until("Boolean(window.bare)")
    await tab.evaluate(PREFER_REDUNDANCY)
    token = await relay.token(consultation.room, "patient", "patient-blue")
    await tab.evaluate(call("window.bare.join", token, websocket_url(relay.url)))
    await tab.evaluate("window.bare.publishDevices()")

    await practitioner.hears(BLUE)
    await patient.hears(RED)
    sent = await patient.until(call(BYTES_A_PACKET, "outbound-rtp"))
    received = await practitioner.until(call(BYTES_A_PACKET, "inbound-rtp"))
    assert sent > 1.6 * received, "each frame is sent twice, and forwarded once"
