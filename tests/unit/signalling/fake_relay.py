"""A media plane without media: what signalling asks of it is recorded, what it says is scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from relay.charts.facts import Network
from relay.errors import RelayError, SeatTaken, SeatUnknown, UnknownRoom, WrongSecret
from relay.ids import (
    ParticipantId,
    PublicationId,
    RoomId,
    SeatId,
    WorkerIndex,
    new_participant_id,
    new_publication_id,
    new_resume_secret,
    new_seat_id,
)
from relay.metrics.tally import Tally
from relay.moderation.room_desk import RoomDesk
from relay.moderation.steering import Steering
from relay.monitoring.charting import Charting
from relay.monitoring.silences import Silences
from relay.places.mailbox import Mailbox
from relay.rooms.admission import Limits
from relay.rooms.closings import Closing, closing
from relay.rooms.effects import Effect
from relay.rooms.happenings import Happening
from relay.rooms.moderation import Moderation
from relay.rooms.permissions import Grant, Right, Role, Source
from relay.rooms.room import Room
from relay.rooms.snapshot import RoomSnapshot
from relay.rooms.standing import Standing
from relay.rooms.track import Mark, TrackInfo
from relay.seats.seating import Seating
from relay.trouble import Playing, Sending
from relay.workers.engine_leg import Reports
from tests.unit.relay.fakes import FakeEngine, HandClock
from tests.unit.signalling.fake_checks import FakeChecks

if TYPE_CHECKING:
    from relay.service import Relay


@dataclass(frozen=True)
class FakeAnswer:
    sdp: str
    slots: tuple[str, ...] = ()


@dataclass
class FakeSeat:
    role: Role
    identity: str
    id: SeatId = field(default_factory=new_seat_id)
    resume_secret: str = field(default_factory=new_resume_secret)
    participant: ParticipantId = field(default_factory=new_participant_id)
    mailbox: Mailbox = field(default_factory=Mailbox)
    attached: bool = True
    left: str | None = None
    others: RoomSnapshot = field(default_factory=lambda: RoomSnapshot(()))
    own: tuple[TrackInfo, ...] = ()
    asked: list[tuple[object, ...]] = field(default_factory=list)
    standing: Standing = Standing.ADMITTED
    rights: frozenset[Right] = frozenset()
    confers: bool = False
    group: str = ""
    commanded: list[Effect] = field(default_factory=list)
    """What a moderator's commands came to."""
    room: Room = field(default_factory=lambda: Room(RoomId("room"), WorkerIndex(0)))
    refusal: RelayError | None = None
    """What the next request is refused with."""

    def tracks(self) -> tuple[TrackInfo, ...]:
        return self.own

    def snapshot(self) -> RoomSnapshot:
        return self.others

    async def negotiate(
        self,
        offer_sdp: str,
        tracks: Mapping[str, Source],
        *,
        fresh: bool,
        ticket: str | None = None,
    ) -> FakeAnswer:
        self._ask("negotiate", offer_sdp, dict(tracks), fresh, *([ticket] if ticket else []))
        return FakeAnswer(f"answer to {offer_sdp}")

    def publish(self, tracks: Mapping[str, Source]) -> list[TrackInfo]:
        self._ask("publish", dict(tracks))
        return [
            TrackInfo(id=new_publication_id(), kind=source.kind, source=source, muted=False)
            for source in tracks.values()
        ]

    def unpublish(self, track: PublicationId) -> None:
        self._ask("unpublish", track)

    def mute(self, track: PublicationId, muted: bool) -> None:
        self._ask("mute", track, muted)

    def mark(self, track: PublicationId, keeps: Mark | None) -> None:
        self._ask("mark", track, keeps)

    def subscribe(self, track: PublicationId, wanted: bool) -> None:
        self._ask("subscribe", track, wanted)

    def moderation(self) -> Moderation:
        self._ask("moderation")
        return Moderation(self.room, None, self.commanded.append, lambda: 0)

    def report(
        self, sending: Mapping[PublicationId, Sending], playing: Mapping[PublicationId, Playing]
    ) -> None:
        self._ask("report", dict(sending), dict(playing))

    def note_received(self, network: Network | None, made_up_ms: int, frozen_ms: int) -> None:
        self._ask("note_received", network, made_up_ms, frozen_ms)

    def note_stood(self, began_ms_ago: int, ended_ms_ago: int) -> None:
        self._ask("note_stood", began_ms_ago, ended_ms_ago)

    def events(self) -> AsyncIterator[object]:
        return self.mailbox.events()

    def detach(self) -> None:
        self.attached = False

    async def leave(self, reason: str) -> None:
        self.left = reason
        self.mailbox.close()

    def _ask(self, *call: object) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        self.asked.append(call)


def nobodys_rooms() -> Seating:
    """Give the rooms of a relay in which nobody ever is."""
    return Seating(
        engine=FakeEngine(),
        clock=HandClock(),
        tally=Tally(),
        limits=Limits(max_rooms=0),
        keep_s=0.0,
    )


@dataclass
class FakeRelay:
    seats: dict[SeatId, FakeSeat] = field(default_factory=dict)
    open_rooms: set[str] = field(default_factory=set)
    rights: frozenset[Right] = frozenset()
    is_ready: bool = True
    is_healthy: bool = True
    standing: Standing = Standing.ADMITTED
    """How those stand who come."""
    tally: Tally = field(default_factory=Tally)
    seating: Seating = field(default_factory=nobodys_rooms)
    checks: FakeChecks = field(default_factory=FakeChecks)
    listeners: list[Callable[[Happening], None]] = field(default_factory=list)
    charting: Charting = field(default_factory=lambda: Charting(Reports()))

    @property
    def steering(self) -> Steering:
        return Steering(self.seating, Silences(Reports(), self.tally))

    def desk(self) -> RoomDesk:
        return RoomDesk(self.seating)

    def listen(self, happened: Callable[[Happening], None]) -> None:
        self.listeners.append(happened)

    async def join(self, grant: Grant, *, takeover: bool = False) -> FakeSeat:
        if grant.room not in self.open_rooms and not grant.open_room:
            raise UnknownRoom
        for seat in self.seats.values():
            if seat.identity == grant.identity and seat.attached:
                if not takeover:
                    raise SeatTaken
                return self._replace(seat, closing("taken_over"))
        self.open_rooms.add(grant.room)
        seat = FakeSeat(grant.role, grant.identity, standing=self.standing, rights=self.rights)
        seat.group = grant.arrival.group
        self.seats[seat.id] = seat
        return seat

    async def resume(self, seat_id: SeatId, secret: str) -> FakeSeat:
        seat = self.seats.get(seat_id)
        if seat is None:
            raise SeatUnknown
        if secret != seat.resume_secret:
            raise WrongSecret
        return self._replace(seat, closing("replaced"))

    def ready(self) -> bool:
        return self.is_ready

    def healthy(self) -> bool:
        return self.is_healthy

    def as_relay(self) -> Relay:
        return cast("Relay", self)

    @property
    def only_seat(self) -> FakeSeat:
        (seat,) = self.seats.values()
        return seat

    def _replace(self, seat: FakeSeat, last: Closing) -> FakeSeat:
        seat.mailbox.close(last)
        attachment = FakeSeat(
            seat.role,
            seat.identity,
            id=seat.id,
            resume_secret=seat.resume_secret,
            participant=seat.participant,
        )
        self.seats[seat.id] = attachment
        return attachment
