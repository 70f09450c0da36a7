"""Who gets which seat: join, resume, take over, expire, leave.

Keeps the open rooms; a room opens with its first participant and closes with its last. Starts no
task and answers no offer. Called by `relay.service`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

import structlog

from relay.clock import Clock
from relay.errors import CallerError, Conflict, Overloaded, SeatTaken
from relay.ids import RoomId, SeatId, new_resume_secret
from relay.metrics.table import JOINS
from relay.metrics.tally import Tally
from relay.places.open_rooms import OpenRoom, Place, tells_nobody
from relay.ports import MediaEngine
from relay.rooms.admission import Limits, admit, require_place, require_room_to_open
from relay.rooms.closings import ClosingCode, closing
from relay.rooms.ejections import Ejections
from relay.rooms.ending import Ending
from relay.rooms.events import LeaveReason, ParticipantJoined, ParticipantLeft
from relay.rooms.happenings import Happening, about
from relay.rooms.names_in_order import NamesInOrder
from relay.rooms.permissions import Grant, Right, permissions_of
from relay.rooms.recalled import Recalled
from relay.rooms.room import Room
from relay.rooms.seat_states import SeatInput, SeatState, seat_after
from relay.rooms.settings import RoomSettings
from relay.rooms.standing import Standing, StandingInput
from relay.rooms.standing_events import RoomStateChanged
from relay.rooms.used_links import UsedLinks
from relay.routing.bindings import rebind, tell_again
from relay.seats.holders import held_place, is_live
from relay.seats.newcomers import new_place
from relay.seats.tidying import close_legs, close_legs_of_holder, withdraw, withdraw_unclaimed
from relay.transports.sdp import CodecPolicy
from relay.units import ns_of_seconds

_log: Final = structlog.get_logger(__name__)


def _tells_nobody(_: Happening) -> None:
    """Whom a relay that nobody listens to tells."""


@dataclass(slots=True)
class Seating:
    """The open rooms and everybody's seat."""

    engine: MediaEngine
    clock: Clock
    tally: Tally
    limits: Limits
    keep_s: float
    settings: RoomSettings = field(default_factory=RoomSettings)
    """Of rooms that open with their first participant."""
    ejections: Ejections = field(default_factory=Ejections)
    recalled: Recalled = field(default_factory=Recalled)
    used_links: UsedLinks = field(default_factory=UsedLinks)
    policy: CodecPolicy = field(default_factory=CodecPolicy)
    rooms: dict[RoomId, OpenRoom] = field(default_factory=dict)
    names: NamesInOrder = field(default_factory=NamesInOrder)
    """Of the open rooms."""
    places: dict[SeatId, Place] = field(default_factory=dict)
    draining: bool = False
    rerouted: Callable[[OpenRoom], None] = tells_nobody
    """Told when who receives what in a room may have changed."""
    happened: Callable[[Happening], None] = _tells_nobody
    """Told what an embedder may want to know."""

    def join(self, grant: Grant, *, takeover: bool) -> Place:
        """Give a seat for a grant.

        An identity has one place in a room: whoever joins with it again while its seat is kept gets
        it back, with a new secret; while it is live (a socket or media), only by asking for it.

        Raises:
            SeatTaken: The identity is live here, and this is no takeover.
            UnknownRoom: The room is not open, and the grant may not open it.
            Ejected: The identity was put out after the token was issued.
            LinkUsed: The token is good for one page, and this is another.
            RoomLocked: A moderator lets nobody else come.
            RoomFull: The room, or its waiting room, has no place left.
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        try:
            place, outcome = self._join(grant, takeover=takeover)
        except (CallerError, Overloaded) as error:
            self.tally.count(JOINS, outcome=error.code)
            raise
        self.used_links.note(grant, self.clock.now_ns())
        self.tally.count(JOINS, outcome=outcome)
        return place

    def resume(self, seat: SeatId, secret: str) -> Place:
        """Give a seat back to whoever has its secret; the attachment before is told.

        Raises:
            SeatUnknown: The seat is no longer kept.
            WrongSecret: The secret is not the seat's.

        """
        try:
            place = held_place(self.places, seat, secret)
            place.attach(SeatInput.RESUME)
        except CallerError as error:
            self.tally.count(JOINS, outcome=error.code)
            raise
        self.tally.count(JOINS, outcome="resumed")
        tell_again(place)
        return place

    def end(self, place: Place, happening: SeatInput, reason: LeaveReason) -> None:
        """End a seat; the room closes with its last one if nobody else is expected. Idempotent."""
        if place.state is not SeatState.ENDED:
            self.settle(place.room, was_in=self._part(place, happening, reason))
            _log.info("a seat ended", reason=reason, rooms=len(self.rooms))

    def _part(self, place: Place, happening: SeatInput, reason: LeaveReason) -> bool:
        """Take somebody out of their room, which is still to be settled; whether they were in."""
        place.state = seat_after(place.state, happening)
        place.mailbox.close(closing(_CLOSINGS[reason]) if reason in _CLOSINGS else None)
        del self.places[place.id]
        room, participant = place.room, place.participant
        was_in = participant.standing is Standing.ADMITTED
        is_out = happening is SeatInput.EJECT
        room.model.leave(participant.id, StandingInput.EJECT if is_out else StandingInput.END)
        if happening is SeatInput.LEAVE:
            room.model.conferring.forget(participant.identity)
        del (room.places if was_in else room.waiting)[participant.id]
        if was_in:
            room.tell_others(participant.id, ParticipantLeft(participant.id, reason))
        close_legs(place)
        place.drop_held()
        self.happened(about("left", room.model.id, participant, reason))
        return was_in

    def settle(self, room: OpenRoom, *, was_in: bool) -> None:
        """Bring a room in line after somebody went; it closes if nobody is there or expected."""
        if not (room.places or room.waiting or room.expected):
            self._forget(room)
        elif was_in:
            rebind(room)
        else:
            room.tell_who_waits()

    def close(self, room: OpenRoom) -> None:
        """Close a room for everybody; tokens issued before this moment open it no more."""
        self.ejections.note(room.model.id, None, self.clock.now_ns())
        everybody = room.everybody()
        for place in everybody:  # before any of them ends: nobody is told that the others left
            place.mailbox.close(closing("room_closed"))
        for place in everybody:
            self.end(place, SeatInput.CLOSE, "room_closed")
        if self.rooms.get(room.model.id) is room:
            self._forget(room)

    def _forget(self, room: OpenRoom) -> None:
        del self.rooms[room.model.id]
        self.names.remove(room.model.id)
        room.rerouted(room)
        self.happened(Happening("room_closed", room.model.id))

    def expire(self, room: OpenRoom) -> None:
        """End what is over: the room, seats nobody came back to, tracks nobody brought again."""
        now_ns = self.clock.now_ns()
        if now_ns >= room.model.ending.ends_ns:
            self.close(room)
            return
        if room.model.ending.is_to_be_told(now_ns):
            room.tell_all(RoomStateChanged(room.model.state(now_ns)))
        if room.list_pace.is_due:
            room.tell_list()
        for place in room.everybody():
            place.end_late_relocation(now_ns)
            if place.kept_ns(now_ns) >= ns_of_seconds(self.keep_s):
                self.end(place, SeatInput.EXPIRE, "expired")
            else:
                withdraw_unclaimed(place, now_ns)

    def all_places(self) -> Iterator[Place]:
        """Everybody's place."""
        return iter(self.places.values())

    def open(self, room: RoomId, settings: RoomSettings, *, notice: str = "") -> OpenRoom:
        """Open a room for somebody who comes now; it closes with its last participant.

        Raises:
            Conflict: It is open.
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        if room in self.rooms:
            raise Conflict("This room is open already.")
        if self.draining:
            raise Overloaded(retry_after_s=1)
        require_room_to_open(settings.priority, rooms=len(self.rooms), limits=self.limits)
        ending = Ending(self.clock.now_ns() + ns_of_seconds(settings.max_duration_s))
        model = Room(room, self.engine.place(), settings=settings, notice=notice, ending=ending)
        self.recalled.relock(model, self.clock.now_ns())
        opened = self.rooms[room] = OpenRoom(
            model,
            self.clock,
            self.tally,
            self.policy,
            rerouted=self.rerouted,
        )
        self.names.add(room)
        self.happened(Happening("room_opened", room))
        return opened

    def _join(self, grant: Grant, *, takeover: bool) -> tuple[Place, str]:
        room = self.rooms.get(grant.room)
        known = room.model.of_identity(grant.identity) if room else None
        self.ejections.require_good(grant, self.clock.now_ns())
        self.used_links.require_unused(grant)
        if room is None or known is None:
            if self.draining and room is None:
                raise Overloaded(retry_after_s=1)
            model = room.model if room else None
            self.recalled.prepare(model, grant, self.clock.now_ns())
            admit(grant, model, rooms=len(self.rooms), limits=self.limits)
            return self._enter(grant, room or self._open_for(grant)), "joined"
        place = room.place_of(known.id)
        if is_live(place) and not takeover:
            raise SeatTaken
        outcome = "taken_over" if takeover else "joined"
        confers = bool(known.group)
        may_confer = Right.CONFER in permissions_of(grant).rights
        if known.role is grant.role and (may_confer or not confers):
            self._give_anew(place, grant)
            return place, outcome
        if known.standing is Standing.WAITING and room.model.lets_in(grant):
            require_place(room.model)
        # The others must not go on taking somebody for what they no longer are.
        place.mailbox.close(closing("taken_over"))
        was_in = self._part(place, SeatInput.LEAVE, "left")
        fresh = self._enter(grant, room)
        # Only now: the room of somebody who is alone in it stays as it is set, locked and timed.
        self.settle(room, was_in=was_in)
        return fresh, outcome

    def _open_for(self, grant: Grant) -> OpenRoom:
        settings = replace(self.settings, priority=grant.arrival.priority)
        return self.open(grant.room, settings)

    def _enter(self, grant: Grant, room: OpenRoom) -> Place:
        self.recalled.arrive(room.model, grant.identity, self.clock.now_ns())
        place = new_place(grant, room)
        participant = place.participant
        is_let_in = participant.standing is Standing.ADMITTED
        room.model.enter(participant)
        self.places[place.id] = place
        (room.places if is_let_in else room.waiting)[participant.id] = place
        room.tell_standing(place)
        if is_let_in:
            room.tell_others(participant.id, ParticipantJoined(participant.info()))
        else:
            room.tell_who_waits()
        self.happened(about("joined" if is_let_in else "waiting", grant.room, participant))
        return place

    def _give_anew(self, place: Place, grant: Grant) -> None:
        """Give a place to a new holder of its identity; the old holder's secret and legs go.

        Their standing stays: whoever waited waits, whoever was let in is in.
        """
        place.attach(SeatInput.TAKE_OVER)
        place.secret = new_resume_secret()
        place.joined_ns = self.clock.now_ns()
        place.connected_once = place.media_once = False
        close_legs_of_holder(place)
        place.connection = place.slots = place.subscriptions = None
        participant, room = place.participant, place.room
        participant.permissions = permissions_of(grant)
        participant.token = grant.arrival.token
        participant.origins |= {grant.room}
        if not participant.permissions.data:
            place.drop_held()
        for source in set(participant.publications) - participant.permissions.publish:
            withdraw(place, participant.publications[source].id)
        room.tell_standing(place)
        rebind(room)


_CLOSINGS: Final[dict[LeaveReason, ClosingCode]] = {
    "room_closed": "room_closed",
    "draining": "draining",
    "ejected": "ejected",
}
