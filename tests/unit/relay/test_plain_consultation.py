"""Two people with aiortc on the real engine: what is asked of it, and what is said."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection, RTCSessionDescription

from relay import Relay
from relay.config import parse_config
from relay.ids import Mid
from relay.metrics.table import MESSAGES_HELD
from relay.rooms.permissions import Role, Source
from relay.seats.seat import Seat
from tests.polling import until
from tests.unit.relay.conftest import grant

CONFIG = parse_config('[media]\nlisten = ["127.0.0.1"]\nport = 0')
SOURCES = {"audio": Source.MICROPHONE, "video": Source.CAMERA}


@dataclass
class Person:
    """Somebody with a seat, and soon with a connection."""

    seat: Seat
    channel: RTCDataChannel
    connection: RTCPeerConnection
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def connect(self) -> None:
        """Offer, be answered, and wait until the data channel is open."""
        connection = self.connection
        opened = asyncio.Event()
        self.channel.on("open", opened.set)
        self.channel.on("message", self.heard.put_nowait)
        await connection.setLocalDescription(await connection.createOffer())
        tracks = {Mid(each.mid or ""): SOURCES[each.kind] for each in connection.getTransceivers()}
        answer = await self.seat.negotiate(connection.localDescription.sdp, tracks, fresh=True)
        await connection.setRemoteDescription(RTCSessionDescription(answer.sdp, "answer"))
        async with asyncio.timeout(20):
            await opened.wait()


@asynccontextmanager
async def person(relay: Relay, identity: str, role: Role) -> AsyncIterator[Person]:
    """Take a seat; hang up when the block ends."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        for kind in SOURCES:
            connection.addTransceiver(kind)
        seat = await relay.join(grant(identity, role))
        yield Person(seat, connection.createDataChannel("visavis"), connection)
    finally:
        await connection.close()


async def test_a_plain_consultation_asks_the_engine_for_nothing_that_is_gone() -> None:
    async with Relay(CONFIG) as relay:
        async with (
            person(relay, "a", Role.PRACTITIONER) as practitioner,
            person(relay, "b", Role.PATIENT) as patient,
        ):
            await practitioner.connect()
            await patient.connect()
            (other,) = practitioner.seat.snapshot().participants
            voice, face = other.tracks
            patient.seat.mute(voice.id, True)
            practitioner.seat.subscribe(face.id, False)
            practitioner.seat.subscribe(face.id, True)
            patient.seat.unpublish(face.id)
            await patient.seat.leave("left")
            await practitioner.seat.leave("left")
        await until(lambda: len(relay._owned) <= len(("rounds", "silences", "loop lag")))
    counters = relay._engine.counters()  # with what each worker counted up to its end
    assert counters["dtls_records"] > 0
    assert counters["commands_unknown_target"] == 0


async def test_what_is_said_while_somebody_still_joins_reaches_them_in_order() -> None:
    async with (
        Relay(CONFIG) as relay,
        person(relay, "a", Role.PRACTITIONER) as practitioner,
        person(relay, "b", Role.PATIENT) as patient,
    ):
        await practitioner.connect()
        for number in range(5):
            practitioner.channel.send(json.dumps({"to": "patients", "type": f"n{number}"}))
        held = relay.tally.counters.setdefault(MESSAGES_HELD, {})
        await until(lambda: held.get(()) == 5)
        await patient.connect()
        practitioner.channel.send(json.dumps({"to": "patients", "type": "n5"}))
        async with asyncio.timeout(5):
            heard = [json.loads(await patient.heard.get()) for _ in range(6)]
        assert [message["type"] for message in heard] == [f"n{number}" for number in range(6)]
        assert heard[0]["from"] == practitioner.seat.participant
