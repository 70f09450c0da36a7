"""A real relay full of people who send no packet: seats, legs, slots and layers are real.

Their handshakes end at once, and the engine is told on their behalf what their cameras send. It is
not heard on what has gone still, which is everything: a consultation's sound and picture flow.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from unittest.mock import patch

from benchmarks.adaptation import house_reports
from benchmarks.harness.programs import ROOT
from relay import service
from relay.charts.chart import Chart
from relay.config import MediaConfig, RelayConfig
from relay.engine import Event, MediaEngine
from relay.errors import NotFound
from relay.ids import LegId, Mid, RoomId, TrackId
from relay.places.open_rooms import Place
from relay.ports import Channels
from relay.rooms.permissions import Grant, Role, Source
from relay.service import Relay
from relay.transports.datagrams import Datagrams
from relay.transports.dtls import SrtpKeys
from relay.transports.sdp import Negotiated, NegotiatedMedia
from relay.workers.heeding import Heeding
from signalling.garbage import rarely_collected

OFFER: Final = ROOT / "tests" / "captures" / "sdp_chromium_sdk.sdp"
"""The SDK's in Chromium: a microphone, a camera of three encodings, slots, a data channel."""
SOURCES: Final = {Mid("0"): Source.MICROPHONE, Mid("1"): Source.CAMERA}
ROOM_SIZES: Final = (2, 2, 2, 2, 3)
"""In turn: in every fifth consultation a third person makes layers of what follows elsewhere."""
LAYERS: Final = [
    (0, 0, 1280, 720, 30, [900, 1_500]),
    (1, 0, 640, 360, 30, [300, 500]),
    (2, 0, 320, 180, 30, [90, 150]),
]
"""Of each camera, as publishers announce them: encoding, size, frames a second, kbit/s. In a
consultation of two, only the first is sent."""
FOLLOWED_AMONG: Final = 2
"""People of whom each encoder follows the other's path, and sends one encoding."""

AT_ONCE: Final = 20
"""Who come before the worker may take their commands."""


class Meter:
    """What news of paths costs the event loop's thread, by turn of the loop."""

    def __init__(self) -> None:
        self.turns_s: list[float] = []
        self._is_running = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the processor time of what is done meanwhile, once."""
        if self._is_running:
            yield
            return
        self._is_running, before_s = True, time.thread_time()
        try:
            yield
        finally:
            self._is_running = False
            self.turns_s.append(time.thread_time() - before_s)


class FullHouse:
    """A relay and everybody in it."""

    def __init__(self, relay: Relay, meter: Meter) -> None:
        self.relay, self.meter = relay, meter
        self._engine: MediaEngine = relay._engine  # noqa: SLF001 - whose news is what is measured

    @property
    def receivers(self) -> list[LegId]:
        """Everybody's leg."""
        return [place.leg.id for place in self._places() if place.leg is not None]

    def reports(self, seconds: int) -> list[Event.Report]:
        """Give what the engine would report of everybody's media, in eighths of a second."""
        legs = [
            (place.leg, _encodings(len(place.room.places)))
            for place in self._places()
            if place.leg is not None
        ]
        return house_reports.reports(legs, seconds)

    def hear_report(self, event: Event.Report) -> None:
        """Pass on a report: no news of paths, so it is not metered."""
        self._engine._pass_on(event)  # noqa: SLF001

    def hear(self, event: Event) -> None:
        """Pass on news as the engine's reader on the event loop does."""
        with self.meter.running():
            self._engine._pass_on(event)  # noqa: SLF001

    def is_adapted(self) -> bool:
        """Whether each receiver stands somehow: the policy knows of all."""
        states = self.relay._adapting.states  # noqa: SLF001
        return states.total() == len(self.receivers)

    async def fill(self, people: int) -> None:
        """Let so many come, in rooms of the sizes there are, until all are seen."""
        for number, (room, role) in enumerate(_seats(people)):
            identity = f"{room}-{number}"
            grant = Grant(
                room, identity, role, frozenset(Source), subscribe=True, data=True, open_room=True
            )
            seat = await self.relay.join(grant)
            await seat.negotiate(OFFER.read_bytes().decode(), SOURCES, fresh=True)
            if number % AT_ONCE == 0:
                await asyncio.sleep(0.01)
        # Handshakes end in tasks of the relay's own, of which nobody tells when all have.
        while not self.is_adapted():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        for place in self._places():
            self._show(place)
            await asyncio.sleep(0)

    def _show(self, place: Place) -> None:
        leg = place.leg
        assert leg is not None
        camera = place.participant.publications[Source.CAMERA]
        track = leg.track_of(camera.id)
        encodings = _encodings(len(place.room.places))
        self.hear(Event.LayersChanged(track=track, layers=LAYERS[:encodings]))
        for encoding in range(encodings):
            self.hear(_started(track, encoding))

    def _places(self) -> Iterator[Place]:
        return iter(self.relay._seating.all_places())  # noqa: SLF001


@asynccontextmanager
async def full_house(people: int) -> AsyncIterator[FullHouse]:
    """Open a relay, as it is deployed but on loopback, and let so many come."""
    media, meter = MediaConfig(listen=("127.0.0.1",), port=0), Meter()

    class MeteredHeeding(Heeding):
        """Counts what is put off to a later turn of the loop too."""

        def __init__(self, heed: Callable[[Iterable[LegId]], None]) -> None:
            def metered(legs: Iterable[LegId]) -> None:
                with meter.running():
                    heed(legs)

            super().__init__(metered)

    with (
        patch.object(service, "LegTransports", _SecureAtOnce),
        patch.object(service, "Heeding", MeteredHeeding),
        patch.object(service, "MediaEngine", _FlowingEngine),
    ):
        relay = Relay(RelayConfig(media=media))
    charts: dict[RoomId, Chart] = {}

    def chart_of(room: RoomId) -> Chart:
        """Keep a chart of each room, as a relay does that makes reports."""
        if room not in charts:
            charts[room] = Chart(time.monotonic_ns())
        return charts[room]

    relay.charting.chart_of = chart_of
    async with relay, rarely_collected():
        house = FullHouse(relay, meter)
        await house.fill(people)
        yield house


def _seats(people: int) -> Iterator[tuple[RoomId, Role]]:
    number = 0
    while people > 0:
        size = min(people, ROOM_SIZES[number % len(ROOM_SIZES)])
        for place in range(size):
            role = (Role.PRACTITIONER, Role.PATIENT, Role.INTERPRETER)[place]
            yield RoomId(f"room-{number}"), role
        number, people = number + 1, people - size


def _encodings(people: int) -> int:
    return len(LAYERS) if people > FOLLOWED_AMONG else 1


def _started(track: TrackId, encoding: int) -> Event.EncodingStarted:
    return Event.EncodingStarted(track=track, encoding=encoding, codec="VP8")


class _FlowingEngine(MediaEngine):
    """Says of nothing that it is still."""

    def _see_stillness(self, told: Event.Stillness) -> None:
        assert told.worker >= 0


class _SecureAtOnce:
    """Transports whose handshakes are over before they begin."""

    fingerprint_sha256 = ":".join(["AB"] * 32)

    def open(self, datagrams: Datagrams, negotiated: Negotiated) -> _Secured:
        assert negotiated.media
        return _Secured(datagrams)


class _Secured:
    def __init__(self, datagrams: Datagrams) -> None:
        self._datagrams = datagrams

    async def connect(self, timeout_s: float) -> SrtpKeys:
        assert timeout_s > 0
        return SrtpKeys(1, b"i" * 16, b"s" * 14, b"o" * 16, b"t" * 14)

    async def start_channels(self, data: NegotiatedMedia) -> Channels:
        assert data.kind == "application"
        return _Quiet()

    async def wait_closed(self) -> None:
        await asyncio.Event().wait()

    async def aclose(self) -> None:
        """End nothing."""


class _Quiet:
    """Data channels on which nobody says anything."""

    opened = frozenset({"visavis"})

    async def messages(self) -> AsyncIterator[tuple[str, str | bytes]]:
        await asyncio.Event().wait()
        yield "", ""

    def send(self, label: str, message: str | bytes) -> None:
        raise NotFound(f"{label} takes nothing: {len(message)}")
