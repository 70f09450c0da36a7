"""Take somebody from one room of this relay to another: their seat goes with them.

Starts no task. Called by `relay.moderating`.
"""

from __future__ import annotations

from dataclasses import replace

from relay.bindings import rebind
from relay.errors import Conflict, RoomFull, RoomLocked, UnknownRoom
from relay.ids import new_participant_id
from relay.open_rooms import OpenRoom
from relay.rooms.admission import require_place
from relay.rooms.effects import Moved
from relay.rooms.events import ParticipantJoined, ParticipantLeft
from relay.rooms.happenings import about
from relay.rooms.holding_back import held_back
from relay.rooms.standing import Standing, StandingInput
from relay.rooms.standing_events import HeldBackChanged, MovedTo
from relay.seating import Seating
from relay.tidying import close_legs


def move(seating: Seating, room: OpenRoom, moved: Moved) -> None:
    """Have somebody go on in another room: in if they were in and need not wait there, or waiting.

    What a moderator has muted of them stays muted: they have not spoken for themselves.

    The others there know them by a new id, so that nobody can be followed from room to room.

    Raises:
        UnknownRoom: It is not open.
        Conflict: Their identity is there already, or was put out of it.
        RoomFull: It holds as many as it may.
        RoomLocked: Nobody is let in there just now.

    """
    target, who = seating.rooms.get(moved.room), moved.participant
    if target is None:
        raise UnknownRoom
    if target.model.of_identity(who.identity) is not None:
        raise Conflict("This participant is in that room already.")
    if target.model.locked:
        raise RoomLocked
    if seating.ejections.holds(moved.room, who.identity):
        raise Conflict("This participant was put out of that room.")
    kept = held_back(room.model, who) | held_back(target.model, who)
    is_in = who.standing is Standing.ADMITTED and who.identity not in target.model.must_wait
    if is_in:
        require_place(target.model)
    elif len(target.waiting) >= target.model.settings.max_waiting:
        raise RoomFull("The waiting room there is full.")
    was_in = who.standing is Standing.ADMITTED
    place = (room.places if was_in else room.waiting).pop(who.id)
    room.model.leave(who.id, StandingInput.MOVE)
    close_legs(place)
    place.forget_media()
    place.drop_held()
    if was_in:
        room.tell_others(who.id, ParticipantLeft(who.id, "moved"))
    seating.happened(about("moved", room.model.id, who))
    seating.settle(room, was_in=was_in)
    standing = Standing.ADMITTED if is_in else Standing.WAITING
    place.participant = replace(who, id=new_participant_id(), standing=standing)
    place.room, place.joined_ns = target, seating.clock.now_ns()
    target.model.enter(place.participant)
    new_id = place.participant.id
    (target.places if is_in else target.waiting)[new_id] = place
    if kept:
        target.model.held_back[who.identity] = kept
    place.told_waiting = None
    place.tell(MovedTo(new_id, standing, target.model.snapshot(new_id, place.joined_ns)))
    if kept:
        place.tell(HeldBackChanged(tuple(sorted(kept))))
    if is_in:
        target.tell_others(new_id, ParticipantJoined(place.participant.info()))
        rebind(target)
    target.tell_who_waits()
    seating.happened(about("joined" if is_in else "waiting", moved.room, place.participant))
