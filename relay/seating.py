"""Who gets which seat: join, resume, take over, expire, leave.

Keeps the open rooms; a room opens with its first participant and closes with its last. Starts no
task and answers no offer. Called by `relay.service`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

import structlog

from relay.bindings import rebind, tell_again
from relay.clock import Clock
from relay.errors import CallerError, Overloaded, SeatTaken, SeatUnknown, WrongSecret
from relay.ids import (
    PublicationId,
    RoomId,
    SeatId,
    new_participant_id,
    new_resume_secret,
    new_seat_id,
)
from relay.metrics.table import JOINS
from relay.metrics.tally import Tally
from relay.open_rooms import OpenRoom, Place, tells_nobody
from relay.ports import MediaEngine
from relay.rooms.admission import Limits, admit
from relay.rooms.events import (
    ClosingCode,
    LeaveReason,
    ParticipantJoined,
    ParticipantLeft,
    TrackUnpublished,
    closing,
)
from relay.rooms.happenings import HappeningType, Observe, nobody_observes
from relay.rooms.participant import Participant
from relay.rooms.permissions import Grant, permissions_of
from relay.rooms.room import Room
from relay.rooms.seat_states import SeatInput, SeatState, seat_after
from relay.transports.sdp import CodecPolicy
from relay.units import NS_PER_S, ns_of_seconds
from relay.witness import RoomWitness

UNCLAIMED_AFTER_S: Final = 20
"""How long a publication outlives a reload whose new page does not bring it again."""

_log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class Seating:
    """The open rooms and everybody's seat."""

    engine: MediaEngine
    clock: Clock
    tally: Tally
    limits: Limits
    keep_s: float
    policy: CodecPolicy = field(default_factory=CodecPolicy)
    rooms: dict[RoomId, OpenRoom] = field(default_factory=dict)
    places: dict[SeatId, Place] = field(default_factory=dict)
    draining: bool = False
    rerouted: Callable[[OpenRoom], None] = tells_nobody
    """Told when who receives what in a room may have changed."""
    observe: Observe = nobody_observes
    """Told what a platform wants to know of consultations."""

    def join(self, grant: Grant, *, takeover: bool) -> Place:
        """Give a seat for a grant.

        An identity has one place in a room: whoever joins with it again while its seat is kept gets
        it back, with a new secret; while it is live, only by asking to take over.

        Raises:
            SeatTaken: The identity is live here, and this is no takeover.
            UnknownRoom: The room is not open, and the grant may not open it.
            RoomFull: The room has no place left.
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        try:
            place, outcome = self._join(grant, takeover=takeover)
        except (CallerError, Overloaded) as error:
            self.tally.count(JOINS, outcome=error.code)
            raise
        self.tally.count(JOINS, outcome=outcome)
        return place

    def resume(self, seat: SeatId, secret: str) -> Place:
        """Give a seat back to whoever has its secret; the attachment before is told.

        Raises:
            SeatUnknown: The seat is no longer kept.
            WrongSecret: The secret is not the seat's.

        """
        place = self.places.get(seat)
        # Compared even without a place, so that the time taken does not tell the two apart.
        is_right = compare_digest((place.secret if place else "").encode(), secret.encode())
        try:
            if place is None:
                raise SeatUnknown
            if not is_right:
                raise WrongSecret
            place.attach(SeatInput.RESUME)
        except CallerError as error:
            self.tally.count(JOINS, outcome=error.code)
            raise
        self.tally.count(JOINS, outcome="resumed")
        tell_again(place)
        return place

    def end(self, place: Place, happening: SeatInput, reason: LeaveReason) -> None:
        """End a seat; the room closes with its last one. Idempotent."""
        if place.state is SeatState.ENDED:
            return
        place.state = seat_after(place.state, happening)
        place.mailbox.close(closing(_CLOSINGS[reason]) if reason in _CLOSINGS else None)
        del self.places[place.id]
        room, who = place.room, place.participant.id
        room.model.leave(who)
        del room.places[who]
        room.tell_others(who, ParticipantLeft(who, reason))
        room.happen(HappeningType.LEFT, place.participant, reason=reason)
        close_legs(place)
        place.drop_held()
        if room.places:
            rebind(room)
        else:
            del self.rooms[room.model.id]
            room.happen(HappeningType.ROOM_CLOSED, reason=reason)
            room.rerouted(room)
        _log.info("a seat ended", reason=reason, rooms=len(self.rooms))

    def expire(self, room: OpenRoom) -> None:
        """End a room's seats nobody came back to, and the publications nobody brought again."""
        now_ns = self.clock.now_ns()
        for place in list(room.places.values()):
            kept_ns = place.kept_since_ns
            if kept_ns is not None and now_ns - kept_ns >= ns_of_seconds(self.keep_s):
                self.end(place, SeatInput.EXPIRE, "expired")
            else:
                _withdraw_unclaimed(place, now_ns)

    def all_places(self) -> Iterator[Place]:
        """Everybody's place."""
        return iter(self.places.values())

    def _join(self, grant: Grant, *, takeover: bool) -> tuple[Place, str]:
        room = self.rooms.get(grant.room)
        known = room.model.of_identity(grant.identity) if room else None
        if room is None or known is None:
            if self.draining:
                raise Overloaded(retry_after_s=1)
            admit(grant, room.model if room else None, rooms=len(self.rooms), limits=self.limits)
            return self._enter(grant, room or self._open(grant.room)), "joined"
        place = room.places[known.id]
        if place.state is SeatState.ATTACHED and not takeover:
            raise SeatTaken
        outcome = "taken_over" if takeover else "joined"
        if place.participant.role is grant.role:
            self._give_anew(place, grant)
            return place, outcome
        # The others must not go on taking somebody for what they no longer are.
        place.mailbox.close(closing("taken_over"))
        self.end(place, SeatInput.LEAVE, "left")
        return self._enter(grant, self.rooms.get(grant.room) or self._open(grant.room)), outcome

    def _open(self, room: RoomId) -> OpenRoom:
        model = Room(id=room, worker=self.engine.place())
        opened = self.rooms[room] = OpenRoom(
            model,
            self.clock,
            self.tally,
            self.policy,
            rerouted=self.rerouted,
            observe=self.observe,
        )
        opened.happen(HappeningType.ROOM_OPENED)
        return opened

    def _enter(self, grant: Grant, room: OpenRoom) -> Place:
        participant = Participant(
            id=new_participant_id(),
            identity=grant.identity,
            role=grant.role,
            permissions=permissions_of(grant),
        )
        room.model.enter(participant)
        place = Place(
            id=new_seat_id(),
            secret=new_resume_secret(),
            participant=participant,
            room=room,
            joined_ns=self.clock.now_ns(),
        )
        room.places[participant.id] = self.places[place.id] = place
        room.tell_others(participant.id, ParticipantJoined(participant.info()))
        room.happen(HappeningType.JOINED, participant)
        return place

    def _give_anew(self, place: Place, grant: Grant) -> None:
        """Give a place to a new holder of its identity; the old holder's secret and legs go."""
        place.attach(SeatInput.TAKE_OVER)
        place.secret = new_resume_secret()
        place.joined_ns = self.clock.now_ns()
        place.connected_once = place.media_once = False
        close_legs(place)
        place.connection = place.slots = None
        participant, room = place.participant, place.room
        participant.permissions = permissions_of(grant)
        if not participant.permissions.data:
            place.drop_held()
        for source in set(participant.publications) - participant.permissions.publish:
            _withdraw(place, participant.publications[source].id)
        rebind(room)


def close_legs(place: Place) -> None:
    """End a place's legs."""
    witness = RoomWitness(place)
    for leg in list(place.legs()):
        witness.close(leg)


def _withdraw_unclaimed(place: Place, now_ns: int) -> None:
    leg = place.leg
    if leg is None or leg.secured_ns is None:
        return
    if now_ns - leg.secured_ns < UNCLAIMED_AFTER_S * NS_PER_S:
        return
    unclaimed = [p.id for p in place.participant.publications.values() if p.id not in leg.sending]
    for publication in unclaimed:
        _withdraw(place, publication)
    if unclaimed:
        rebind(place.room)


def _withdraw(place: Place, publication: PublicationId) -> None:
    room, who = place.room, place.participant.id
    room.model.unpublish(who, publication)
    room.tell_others(who, TrackUnpublished(who, publication))


_CLOSINGS: Final[dict[LeaveReason, ClosingCode]] = {
    "room_closed": "room_closed",
    "draining": "draining",
}
