"""The relay's packet path and its own answer for one browser's connection: no rooms, no seats.

Used by `capture_feedback` and `two_party_spike`, which ask of the engine what nobody else does.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from relay.clock import MonotonicClock
from relay.engine import EngineLeg, Event, LegEvent, MediaEngine
from relay.errors import PeerError
from relay.ids import ParticipantId, TrackId, WorkerIndex, new_publication_id
from relay.legs.credentials import Credentials
from relay.legs.handled_datagrams import HandledDatagrams
from relay.legs.leg import Leg
from relay.legs.transport import LegTransports
from relay.rooms.leg_states import LegInput
from relay.rooms.permissions import Kind, Source
from relay.rooms.track import Publication
from relay.session import supervise
from relay.transports.sdp import (
    Candidate,
    CodecPolicy,
    negotiate,
    parse_offer_untrusted,
    write_answer,
)

CONNECT_WITHIN_S: Final = 20.0
FIRST: Final = WorkerIndex(0)


@dataclass(frozen=True, slots=True)
class Started:
    """An encoding's first packet, or its first after two seconds without any."""

    at_ms: float
    """Unix time."""
    track: int
    encoding: int


class AnsweredLeg:
    """One browser's leg, all of whose tracks are taken; told what happens as a `Witness` is."""

    def __init__(self, engine: MediaEngine, transports: LegTransports) -> None:
        self.path: Final[EngineLeg] = engine.leg(FIRST)
        self.ready = asyncio.Event()
        """Set when it has its keys, or is over."""
        self.over: LegInput | None = None
        self.tracks: dict[Kind, TrackId] = {}
        self.started: list[Started] = []
        self._engine, self._transports = engine, transports
        self._leg: Leg | None = None
        self._task: asyncio.Task[None] | None = None

    def answer(self, offer_sdp: str, tasks: asyncio.TaskGroup) -> str:
        """Answer an offer as the relay does, and serve the leg in a task of its own."""
        negotiated = negotiate(parse_offer_untrusted(offer_sdp), CodecPolicy())
        clock = MonotonicClock()
        leg = self._leg = Leg(self.path, Credentials.draw(), negotiated, clock.now_ns())
        leg.open()
        leg.accept(negotiated, receives=True)
        for mid, kind in leg.publishable().items():
            source = Source.MICROPHONE if kind is Kind.AUDIO else Source.CAMERA
            publication = Publication(new_publication_id(), ParticipantId("publisher"), source)
            leg.publish(publication, mid, clock.now_ns())
            self.tracks[kind] = leg.track_of(publication.id)
        transport = self._transports.open(HandledDatagrams(self.path, clock), negotiated)
        session = supervise(leg, transport, self, connect_timeout_s=CONNECT_WITHIN_S)
        self._task = tasks.create_task(session, name=f"leg {leg.id}")
        return write_answer(
            negotiated,
            ufrag=leg.credentials.ufrag,
            password=leg.credentials.password,
            fingerprint=self._transports.fingerprint_sha256,
            setup=negotiated.answer_setup,
            candidates=[Candidate(ip, port) for ip, port in self._engine.addresses(FIRST)],
            slots=leg.plans(),
        )

    def carry(self, tracks: dict[Kind, TrackId]) -> None:
        """Send another's tracks on the slots of their kinds."""
        assert self._leg is not None, "it has been answered"
        for mid, slot in self._leg.slots.items():
            self._leg.carry(mid, tracks[slot.kind])

    def close(self) -> None:
        """End the leg and its task."""
        if self._task is not None:
            self._task.cancel()
        self.path.remove()

    def handle_state(self, leg: Leg, happening: LegInput, failure: PeerError | None = None) -> None:
        """The leg has its keys, or is over."""
        del leg, failure
        if happening is not LegInput.SECURE:
            self.over = happening
        self.ready.set()

    def handle_event(self, leg: Leg, event: LegEvent) -> None:
        """An encoding may have started."""
        del leg
        if isinstance(event, Event.EncodingStarted):
            self.started.append(Started(time.time() * 1_000, event.track, event.encoding))

    def handle_channel(self, leg: Leg) -> None:
        """There is no channel."""

    def handle_message_untrusted(self, leg: Leg, text: str | bytes) -> None:
        """There are no messages."""
