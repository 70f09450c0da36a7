"""A camera of several encodings in VP8 with temporal layers: fewer frames, and no decoder notices.

Nothing is weak here: what adaptation decides is said into the relay by hand.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.layers.ladder import ALL_LAYERS
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.course import HALF, WHOLE, Watched, sends, sent
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.tab import call
from tests.endtoend.test_scalable_pictures import publishes
from tests.endtoend.test_switched_encodings import same_decoder, send_all, slot_of
from tests.endtoend.test_told_adaptation import leg_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Participant

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(180)]

LAYERED = """((scalabilityMode) => {
  const { addTransceiver } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.addTransceiver = function (kind, about = {}) {
    if (!about.sendEncodings) return addTransceiver.call(this, kind, about);
    const sendEncodings = about.sendEncodings.map((each) => ({ ...each, scalabilityMode }));
    const transceiver = addTransceiver.call(this, kind, { ...about, sendEncodings });
    const { codecs } = RTCRtpReceiver.getCapabilities("video");
    const isWanted = ({ mimeType }) => mimeType === "video/VP8" || mimeType === "video/rtx";
    transceiver.setCodecPreferences(codecs.filter(isWanted));
    return transceiver;
  };
})"""
"""Has each encoding of the page's camera sent in temporal layers. Chromium makes some of simulcast
by itself; how many is its own affair, and may change."""

RIDS = "hm"
JUDGED_FRAMES = 30
WITHIN_S = 40.0
"""A quarter of the frames of a busy machine."""

MOST_OF_ALL = 0.85
"""Of the frames that are encoded; what is left is on its way, or waits to be decoded."""
OFF = 0.14
"""By so much a share may differ: an encoder that is short of time leaves frames out as it can."""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay into which a test can speak, in the place of the run's own."""
    async with serving_here(front_end) as running:
        yield running


@pytest.mark.parametrize(
    ("mode", "encoding", "shares"),
    [
        pytest.param("L1T2", 0, [(0, 0.5)], id="two layers", marks=pytest.mark.thorough),
        pytest.param("L1T3", 0, [(1, 0.5), (0, 0.25)], id="three layers"),
        pytest.param(
            "L1T3",
            1,
            [(0, 0.25), (1, 0.5)],
            id="three layers of the smaller encoding",
            marks=pytest.mark.thorough,
        ),
    ],
)
async def test_a_receiver_is_sent_fewer_frames_and_goes_on_decoding(
    consultation: Consultation,
    relay: RelayHere,
    mode: str,
    encoding: int,
    shares: list[tuple[int, float]],
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await publishes(consultation, relay, call(LAYERED, mode))
    await practitioner.sees(BLUE)
    publishing = relay.place(consultation.room, "patient")
    receiving = relay.place(consultation.room, "practitioner")
    await send_all(relay, publishing)
    await sends(patient, *RIDS)
    engine, slot = leg_of(receiving).engine, slot_of(publishing, receiving)
    engine.set_layer(slot.id, encoding, ALL_LAYERS, ALL_LAYERS)
    watched = await Watched.begin(practitioner, BLUE)
    width = (WHOLE, HALF)[encoding]
    whole = await watched.shows(width)
    assert await share_decoded(watched, patient, RIDS[encoding]) >= MOST_OF_ALL

    for temporal, share in shares:
        engine.set_layer(slot.id, encoding, ALL_LAYERS, temporal)
        # What had left before is decoded first, and a layer that is added waits for its frame.
        await watched.shows(width, within_s=WITHIN_S)
        decoded = await share_decoded(watched, patient, RIDS[encoding])
        assert share - OFF <= decoded <= share + OFF, f"up to temporal layer {temporal}"

    engine.set_layer(slot.id, encoding, ALL_LAYERS, ALL_LAYERS)
    await watched.shows(width, within_s=WITHIN_S)
    assert await share_decoded(watched, patient, RIDS[encoding]) >= MOST_OF_ALL
    again = await watched.counted()
    same_decoder(whole, again)
    assert again.key_frames == whole.key_frames, "no decoder began anew"
    assert again.widths == whole.widths
    assert relay.media_plane._engine.counters()["drop_temporal_layer"] > 0


async def share_decoded(watched: Watched, publisher: Participant, rid: str) -> float:
    """Give the share of an encoding's frames that come through, while some are decoded."""
    before, sent_before = await asyncio.gather(watched.counted(), sent(publisher))
    await watched.participant.decodes(JUDGED_FRAMES, within_s=WITHIN_S)
    after, sent_after = await asyncio.gather(watched.counted(), sent(publisher))
    encoded = sent_after[rid].frames - sent_before[rid].frames
    assert encoded > 0
    return (after.decoded - before.decoded) / encoded
