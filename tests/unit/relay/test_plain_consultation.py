"""Two people with aiortc on the real engine: what the media plane asks of it is asked in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from relay import Relay
from relay.config import parse_config
from relay.ids import Mid
from relay.rooms.permissions import Role, Source
from relay.seats import Seat
from tests.unit.relay.conftest import grant

CONFIG = parse_config('[media]\nlisten = ["127.0.0.1"]\nport = 0')
SOURCES = {"audio": Source.MICROPHONE, "video": Source.CAMERA}


@asynccontextmanager
async def person(relay: Relay, identity: str, role: Role) -> AsyncIterator[Seat]:
    """Join and connect; hang up when the block ends."""
    seat = await relay.join(grant(identity, role))
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        for kind in SOURCES:
            connection.addTransceiver(kind)
        channel = connection.createDataChannel("visavis")
        await connection.setLocalDescription(await connection.createOffer())
        tracks = {Mid(each.mid or ""): SOURCES[each.kind] for each in connection.getTransceivers()}
        answer = await seat.negotiate(connection.localDescription.sdp, tracks, fresh=True)
        await connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        async with asyncio.timeout(20):
            while channel.readyState != "open":
                await asyncio.sleep(0.02)
        yield seat
    finally:
        await connection.close()


async def test_a_plain_consultation_asks_the_engine_for_nothing_that_is_gone() -> None:
    async with Relay(CONFIG) as relay:
        async with (
            person(relay, "a", Role.PRACTITIONER) as practitioner,
            person(relay, "b", Role.PATIENT) as patient,
        ):
            (other,) = practitioner.snapshot().participants
            voice, face = other.tracks
            patient.mute(voice.id, True)
            practitioner.subscribe(face.id, False)
            practitioner.subscribe(face.id, True)
            patient.unpublish(face.id)
            await patient.leave("left")
            await practitioner.leave("left")
        async with asyncio.timeout(10):
            while relay._owned and len(relay._owned) > len(("rounds", "loop lag")):
                await asyncio.sleep(0.02)
        await asyncio.sleep(0.05)  # the counters are published once a tick
        counters = relay._engine.counters()
    assert counters["dtls_records"] > 0
    assert counters["commands_unknown_target"] == 0
