"""Take somebody from one room of this relay to another: their seat goes with them.

Where both rooms live on one worker their leg goes with them, too: the engine's tracks and slots
stay what they are, and only what the slots carry changes. Otherwise they open a second leg on the
other worker first, and the one before it closes when they go. Starts no task. Called by
`relay.moderation.moderating`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from relay.errors import (
    CallerError,
    Conflict,
    LimitReached,
    RoomFull,
    RoomLocked,
    UnknownRoom,
)
from relay.ids import new_participant_id, new_ticket
from relay.legs.leg import Leg
from relay.moderation.moving_media import (
    is_muted_as_there,
    is_unrouted,
    kept_back,
    mute_as_there,
    take_tracks,
)
from relay.moderation.private_talk import tell_group
from relay.places.open_rooms import OpenRoom, Place
from relay.places.quality import Totals
from relay.places.relocation import Relocation
from relay.rooms.admission import require_place
from relay.rooms.effects import Moved
from relay.rooms.events import (
    ConnectionChanged,
    ParticipantJoined,
    ParticipantLeft,
)
from relay.rooms.happenings import HappeningKind, about
from relay.rooms.leg_states import LegState
from relay.rooms.participant import Participant
from relay.rooms.slots import NO_SHORTAGE
from relay.rooms.standing import Standing, StandingInput
from relay.rooms.standing_events import MovedTo, RelocationAsked
from relay.routing.bindings import rebind, tell_encodings
from relay.seats.seating import Seating
from relay.seats.tidying import close_legs, give_up_relocation
from relay.seats.witness import RoomWitness
from relay.units import ns_of_seconds

RELOCATION_S: Final = 10.0
"""How long a seat may have two legs: a mobile network's ICE and DTLS, with retransmissions."""

_log: Final = structlog.get_logger(__name__)


def move(seating: Seating, room: OpenRoom, moved: Moved) -> None:
    """Have somebody go on in another room: in if they were in and need not wait there, or waiting.

    What a moderator has muted of them stays muted: they have not spoken for themselves. Whoever
    confers comes there private, and is heard by nobody until they are told otherwise.

    The others there know them and their tracks by new ids, so that nobody can be followed from room
    to room. Where the room lives on another worker, they go when their second leg carries keys.

    Raises:
        UnknownRoom: It is not open.
        Conflict: Their identity is there already, or was put out of it.
        RoomFull: It holds as many as it may.
        RoomLocked: Nobody is let in there just now.
        LimitReached: As many publish there as may, and they publish.
        ServerError: The engine could not; they stay where they are.

    """
    who = moved.participant
    target = seating.rooms.get(moved.room)
    if target is None:
        raise UnknownRoom
    # What holds there of before a restart of the relay: muted, or sent back.
    seating.recalled.remind(target.model, who.identity, target.clock.now_ns())
    goes_in = _require_welcome(seating, target, who)
    place = room.place_of(who.id)
    leg = place.leg
    carries = goes_in and leg is not None and leg.state is LegState.CONNECTED
    if place.relocation is not None and place.relocation.target is target:
        return
    if carries and room.model.worker == target.model.worker:
        mute_as_there(place, place.legs(), target)
        _go(seating, place, target, leg if is_unrouted(place) else None)
    elif carries and who.connected:
        _relocate(seating, place, target)
    else:
        _go(seating, place, target, None)


def _relocate(seating: Seating, place: Place, target: OpenRoom) -> None:
    """Ask for a second leg, and go when it carries keys, or without it when it is late."""
    give_up_relocation(place)
    target.expected += 1
    place.relocation = Relocation(
        target=target,
        ticket=new_ticket(),
        due_ns=target.clock.now_ns() + ns_of_seconds(RELOCATION_S),
        ready=partial(_finish, seating, place, is_ready=True),
        late=partial(_finish, seating, place, is_ready=False),
        over=partial(_expect_nobody, seating, target),
    )
    place.tell(RelocationAsked(place.relocation.ticket))


def _expect_nobody(seating: Seating, target: OpenRoom) -> None:
    """Wait for one less: a room that was opened for them alone closes."""
    target.expected -= 1
    if seating.rooms.get(target.model.id) is target and not target.everybody():
        seating.settle(target, was_in=False)


def _finish(seating: Seating, place: Place, *, is_ready: bool) -> None:
    """Go now; who finds no place in the other room any more stays where they are."""
    relocation, place.relocation = place.relocation, None
    assert relocation is not None, "told once"
    target, fresh, witness = relocation.target, relocation.leg, RoomWitness(place)
    try:
        if seating.rooms.get(target.model.id) is not target:
            raise UnknownRoom
        goes_in = _require_welcome(seating, target, place.participant)
    except CallerError as refusal:
        _log.info("a relocation was given up", code=refusal.code)
        if fresh is not None:
            witness.close(fresh)
        relocation.over()
        return
    if fresh is not None and not (is_ready and goes_in and is_muted_as_there(place, fresh, target)):
        witness.close(fresh)
        fresh = None
    _go(seating, place, target, fresh, relocation.ticket)
    relocation.over()


def _go(
    seating: Seating, place: Place, target: OpenRoom, leg: Leg | None, ticket: str | None = None
) -> None:
    """Leave one room and come into the other, by a leg of theirs where there is one.

    They are out of the one room before a leg of theirs is closed or taken up: whatever is bound in
    that room meanwhile, to another worker's leg it must not be.
    """
    room, who = place.room, place.participant
    give_up_relocation(place)
    place.elsewhere = None
    was_in = who.standing is Standing.ADMITTED
    is_in = was_in and who.identity not in target.model.must_wait
    kept = kept_back(place, target)
    (room.places if was_in else room.waiting).pop(who.id)
    arrived = replace(
        who,
        id=new_participant_id(),
        standing=Standing.ADMITTED if is_in else Standing.WAITING,
        publications={},
        unwanted=set(),
    )
    is_second = leg is not None and leg is not place.leg
    if leg is not None:
        take_tracks(place, [leg] if is_second else list(place.legs()), who, arrived)
    room.model.leave(who.id, StandingInput.MOVE)
    if leg is None:
        close_legs(place)
        place.forget_media()
    elif is_second:
        _take_up(place, leg)
    place.drop_held()
    place.speaking = False
    if was_in:
        room.tell_others(who.id, ParticipantLeft(who.id, "moved"))
    seating.happened(about("moved", room.model.id, who))
    seating.settle(room, was_in=was_in)
    if kept:
        target.model.held_back[who.identity] = kept
        seating.recalled.held_back_changed(target.model.id, who.identity, kept)
    place.ticket = ticket if is_second and ticket is not None else ""
    _arrive(place, arrived, target, keeps_leg=leg is not None)
    if is_second:
        tell_encodings(place)
    kind: HappeningKind = "joined" if is_in else "waiting"
    seating.happened(about(kind, target.model.id, arrived))


def _take_up(place: Place, leg: Leg) -> None:
    """Go on by a second leg; those before it close."""
    before = list(place.legs())
    place.leg, place.previous = leg, None
    place.slots, place.shortage, place.totals = None, NO_SHORTAGE, Totals()
    place.connection = ConnectionChanged(leg.state)
    witness = RoomWitness(place)
    for each in before:
        witness.close(each)


def _require_welcome(seating: Seating, target: OpenRoom, who: Participant) -> bool:
    """Hold a newcomer against the other room before anything has changed.

    Returns:
        Whether they will be in there, and not wait.

    """
    model = target.model
    if model.of_identity(who.identity) is not None:
        raise Conflict("This participant is in that room already.")
    if model.locked:
        raise RoomLocked
    if seating.ejections.holds(model.id, who.identity):
        raise Conflict("This participant was put out of that room.")
    if who.standing is Standing.WAITING or who.identity in model.must_wait:
        if len(model.waiting) >= model.settings.max_waiting:
            raise RoomFull("The waiting room there is full.")
        return False
    require_place(model)
    publishing = sum(bool(other.publications) for other in model.participants.values())
    if who.publications and publishing >= model.settings.max_publishing:
        raise LimitReached("As many people as possible are already seen and heard in that room.")
    return True


def _arrive(place: Place, arrived: Participant, target: OpenRoom, *, keeps_leg: bool) -> None:
    """Seat somebody in the other room, and tell everybody there."""
    now_ns = target.clock.now_ns()
    brought = arrived.group
    place.participant, place.room, place.told_waiting = arrived, target, None
    target.model.enter(arrived)
    is_in = arrived.standing is Standing.ADMITTED
    (target.places if is_in else target.waiting)[arrived.id] = place
    if not keeps_leg:
        place.joined_ns = now_ns
    tracks = tuple(own.own_info() for own in arrived.publications.values())
    snapshot = target.model.snapshot(arrived.id, now_ns)
    moved = MovedTo(arrived.id, arrived.standing, snapshot, tracks, keeps_leg=keeps_leg)
    place.tell(replace(moved, ticket=place.ticket or None))
    if brought or arrived.group:
        tell_group(place)
    target.tell_standing(place)
    if is_in:
        for other in target.others(arrived.id):
            seen = target.model.info(arrived, other.participant.id)
            other.tell(ParticipantJoined(seen))
        rebind(target)
    else:
        target.tell_who_waits()
