"""A consultation without an engine: seats, places and sessions over the fakes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from relay.ids import Mid, PublicationId, RoomId
from relay.metrics.tally import Tally
from relay.moderation.moderating import moderation
from relay.places.mailbox import Mailbox
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.admission import Limits
from relay.rooms.events import SeatEvent
from relay.rooms.moderation import Moderation
from relay.rooms.participant import Participant
from relay.rooms.permissions import Arrival, Grant, Right, Role, Source
from relay.rooms.settings import RoomSettings
from relay.seats.answering import Answer, Means
from relay.seats.seat import Seat
from relay.seats.seating import Seating
from relay.transports.sdp import Candidate, CodecPolicy
from tests.unit.relay.fakes import (
    KEYS,
    FakeEngine,
    FakeLeg,
    FakeTransport,
    FakeTransports,
    HandClock,
    settle,
)
from tests.unit.relay.surgery import Surgery
from tests.unit.relay.ward import Ward

CAPTURES = Path(__file__).parents[2] / "captures"
CHROMIUM = (CAPTURES / "sdp_chromium_sdk.sdp").read_bytes().decode()
"""The SDK's offer: 0 microphone, 1 camera, 2-3 audio slots, 4-6 video slots, 7 data."""

MICROPHONE_AND_CAMERA = {Mid("0"): Source.MICROPHONE, Mid("1"): Source.CAMERA}


def restarted(sdp: str) -> str:
    """Give the same offer with other ICE credentials."""
    return sdp.replace("a=ice-ufrag:Uawj", "a=ice-ufrag:Zzzz")


STRAIGHT_IN = Arrival()


def grant(
    identity: str,
    role: Role = Role.PRACTITIONER,
    *,
    room: str = "room",
    publish: frozenset[Source] = frozenset(Source),
    subscribe: bool = True,
    data: bool = True,
    open_room: bool = True,
    rights: frozenset[Right] = frozenset(Right),
    arrival: Arrival = STRAIGHT_IN,
) -> Grant:
    """Give a grant that permits everything but what is said."""
    return Grant(
        RoomId(room),
        identity,
        role,
        publish,
        subscribe,
        data,
        open_room,
        rights=rights,
        arrival=arrival,
    )


@dataclass(eq=False)
class Person:
    """Somebody in the consultation, with what they were told."""

    seat: Seat
    place: Place
    house: House
    told: list[SeatEvent] = field(default_factory=list)

    def hears(self) -> list[SeatEvent]:
        """Take everything told since the last time."""
        fresh = drain(self.seat._mailbox)
        self.told += fresh
        return fresh

    async def offer(
        self,
        sdp: str = CHROMIUM,
        tracks: dict[Mid, Source] | None = None,
        *,
        fresh: bool = True,
    ) -> Answer:
        """Offer, with microphone and camera unless said otherwise."""
        chosen = MICROPHONE_AND_CAMERA if tracks is None else tracks
        answer = await self.seat.negotiate(sdp, chosen, fresh=fresh)
        await settle()
        return answer

    async def connect(self, sdp: str = CHROMIUM, tracks: dict[Mid, Source] | None = None) -> None:
        """Offer, and end the handshake well."""
        await self.offer(sdp, tracks)
        self.transport.handshake.set_result(KEYS)
        await settle()

    @property
    def leg(self) -> FakeLeg:
        """The engine's side of the present leg."""
        assert self.place.leg is not None
        assert isinstance(self.place.leg.engine, FakeLeg)
        return self.place.leg.engine

    @property
    def transport(self) -> FakeTransport:
        """The transport of the leg opened last."""
        return self.house.transports.opened[-1]

    def track(self, source: Source) -> PublicationId:
        """The public id of one of their tracks."""
        return self.place.participant.publications[source].id


def drain(mailbox: Mailbox) -> list[SeatEvent]:
    """Take what is queued without waiting."""
    events = list(mailbox._events)
    mailbox._events.clear()
    return events


class House:
    """Everything of the media plane but the engine, the transports and the clock."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self.clock = HandClock()
        self.engine = FakeEngine()
        self.transports = FakeTransports(self.engine.journal)
        self.tally = Tally()
        self.tasks = tasks
        self.running: list[asyncio.Task[None]] = []
        self.seating = Seating(
            engine=self.engine,
            clock=self.clock,
            tally=self.tally,
            limits=Limits(max_rooms=2),
            settings=RoomSettings(max_participants=3),
            keep_s=120.0,
        )
        self.means = Means(
            engine=self.engine,
            transports=self.transports,
            candidates=lambda _: (Candidate("192.0.2.1", 7882),),
            policy=CodecPolicy(),
            connect_timeout_s=15.0,
            spawn=self._spawn,
        )

    def enters(
        self,
        identity: str,
        role: Role = Role.PRACTITIONER,
        *,
        takeover: bool = False,
        arrival: Arrival = STRAIGHT_IN,
    ) -> Person:
        """Let somebody join."""
        place = self.seating.join(grant(identity, role, arrival=arrival), takeover=takeover)
        return self.holds(place)

    def holds(self, place: Place) -> Person:
        """Give the present attachment of a place."""
        return Person(Seat(place, self.means, self.seating.end, self._commands), place, self)

    def counted(self, name: str) -> dict[tuple[str, ...], float]:
        """Give the series of a counter."""
        return next((s for m, s in self.tally.counters.items() if m.name == name), {})

    def _commands(self, room: OpenRoom, actor: Participant) -> Moderation:
        return moderation(self.seating, room, actor)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        task = self.tasks.create_task(work, name=name)
        self.running.append(task)
        return task


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A media plane without anybody in it."""
    async with asyncio.TaskGroup() as tasks:
        house = House(tasks)
        yield house
        for task in house.running:
            task.cancel()


@pytest.fixture
def surgery(house: House) -> Surgery:
    """A surgery that nobody has entered."""
    return Surgery(house)


@pytest.fixture
def ward(house: House) -> Ward:
    """A ward that nobody has entered."""
    return Ward(house)
