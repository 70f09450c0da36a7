"""Carry out what moderators command: legs end, routes change, people are told.

`relay.rooms.moderation` has decided and changed the model; this does the rest, for one room. Starts
no task. Made by `relay.service`, for a seat's holder and for the embedder's backend.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, assert_never

import structlog

from relay.errors import EngineFailed, ServerError
from relay.legs.leg import NO_TRACK
from relay.metrics.of_rooms import MODERATIONS
from relay.moderation.moving import move
from relay.moderation.private_talk import tell_change, tell_group
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.conferring import Groups
from relay.rooms.effects import (
    Admitted,
    Effect,
    Ejected,
    HeldBack,
    Moved,
    NoticeChanged,
    PrivateChanged,
    RoomChanged,
    RoomClosed,
    SentBack,
)
from relay.rooms.events import ParticipantJoined, ParticipantLeft, TrackMuted
from relay.rooms.happenings import Happening, about
from relay.rooms.holding_back import held_back
from relay.rooms.moderation import Moderation
from relay.rooms.participant import Participant
from relay.rooms.seat_states import SeatInput
from relay.rooms.standing_events import CameIn, HeldBackChanged, RoomStateChanged, WaitingChanged
from relay.routing.bindings import rebind
from relay.seats.seating import Seating
from relay.seats.tidying import close_legs

_log: Final = structlog.get_logger(__name__)


def moderation(seating: Seating, room: OpenRoom, actor: Participant | None) -> Moderation:
    """Give somebody's commands over a room; `None` is the embedder's backend."""
    hand = Moderating(seating, room)
    return Moderation(room.model, actor, hand.carry_out, room.clock.now_ns)


@dataclass(frozen=True, slots=True)
class Moderating:
    """The hand of one room's moderators."""

    seating: Seating
    room: OpenRoom

    def carry_out(self, effect: Effect) -> None:
        """Do what follows from a command.

        Raises:
            ServerError: The engine could not; nobody has been told of anything.

        """
        match effect:
            case Admitted(participant=who):
                self._admit(who)
            case SentBack(participant=who):
                self._send_back(who, effect)
            case Moved():
                move(self.seating, self.room, effect)
            case Ejected(participant=who):
                self._eject(who)
            case HeldBack():
                self._hold_back(effect)
            case PrivateChanged(before=before):
                self._confer(before)
            case NoticeChanged():
                self.room.tell_who_waits()
            case RoomChanged(how=how):
                self.room.tell_all(
                    RoomStateChanged(self.room.model.state(self.room.clock.now_ns()))
                )
                self.seating.happened(Happening(how, self.room.model.id))
            case RoomClosed():
                self.seating.close(self.room)
            case _:
                assert_never(effect)
        command = _command(effect)
        self.room.tally.count(MODERATIONS, command=command)
        _log.info("a moderator acted", command=command)

    def _admit(self, who: Participant) -> None:
        room = self.room
        place = room.places[who.id] = room.waiting.pop(who.id)
        place.told_waiting = None
        place.joined_ns = room.clock.now_ns()
        place.tell(CameIn(room.model.snapshot(who.id, place.joined_ns)))
        if who.group:
            tell_group(place)
        room.tell_others(who.id, ParticipantJoined(who.info()))
        room.tell_who_waits()
        self.seating.happened(about("admitted", room.model.id, who))
        self.seating.happened(about("joined", room.model.id, who))

    def _send_back(self, who: Participant, effect: SentBack) -> None:
        room = self.room
        place = room.waiting[who.id] = room.places.pop(who.id)
        close_legs(place)
        place.forget_media()
        place.drop_held()
        place.elsewhere = None  # they are wanted here, and would go over when they come back
        room.tell_others(who.id, ParticipantLeft(who.id, "waiting"))
        rebind(room)
        position = room.model.queue().index(who) + 1
        place.told_waiting = WaitingChanged(position, room.model.notice)
        place.tell(WaitingChanged(position, room.model.notice, effect.reason))
        room.tell_who_waits()
        self.seating.happened(about("sent_back", room.model.id, who, effect.reason))

    def _eject(self, who: Participant) -> None:
        room = self.room
        now_ns = room.clock.now_ns()
        # Their token is for the room that they were moved from: there they would come in again.
        for each in {room.model.id} | who.origins:
            self.seating.ejections.note(each, who.identity, now_ns, token=who.token)
        self.seating.happened(about("ejected", room.model.id, who))
        self.seating.end(room.place_of(who.id), SeatInput.EJECT, "ejected")

    def _hold_back(self, effect: HeldBack) -> None:
        room, who = self.room, effect.participant
        place = room.place_of(who.id)
        try:
            self._forward(place, effect)
        except ServerError:
            # As it was, as far as the engine takes it: what a moderator muted is not let out by
            # half a command.
            for own in effect.changed:
                own.held_back = not own.held_back
            with suppress(ServerError):
                self._forward(place, effect)
            raise
        sources = held_back(room.model, who)
        self.seating.recalled.held_back_changed(room.model.id, who.identity, sources)
        place.tell(HeldBackChanged(tuple(sorted(sources))))
        for own in effect.changed:
            room.tell_reached(who.id, TrackMuted(who.id, own.id, own.muted))
        room.rerouted(room)

    def _forward(self, place: Place, effect: HeldBack) -> None:
        for leg in place.legs():
            for own in effect.changed:
                leg.forward(own)

    def _confer(self, before: Groups) -> None:
        """Make and unmake routes, see that none is left that must not be, and only then tell."""
        room = self.room
        rebind(room)
        if leaks(room):
            room.unsettled = True  # the routes of before are made again in the next round
            raise EngineFailed
        tell_change(room, before)


def leaks(room: OpenRoom) -> bool:
    """Whether the engine still carries something to somebody whom it must not reach."""
    publishers = {
        sending.track: place.participant.id
        for place in room.places.values()
        for leg in place.legs()
        for sending in leg.sending.values()
    }
    return any(
        slot.track in publishers
        and not room.model.reaches(publishers[slot.track], place.participant.id)
        for place in room.places.values()
        for leg in place.legs()
        for slot in leg.slots.values()
        if slot.track != NO_TRACK
    )


def _command(effect: Effect) -> str:
    """Name a command, for its counter."""
    return effect.how if isinstance(effect, RoomChanged) else _COMMANDS[type(effect)]


_COMMANDS: Final[Mapping[type[Effect], str]] = {
    Admitted: "admitted",
    SentBack: "sent_back",
    Moved: "moved",
    Ejected: "ejected",
    HeldBack: "held_back",
    PrivateChanged: "conferred",
    NoticeChanged: "noticed",
    RoomClosed: "closed",
}
