"""Take somebody from one room of this relay to another: their seat goes with them.

Where both rooms live on one worker their leg goes with them, too: the engine's tracks and slots
stay what they are, and only what the slots carry changes. Otherwise they open a second leg on the
other worker first, and the one before it closes when they go. Starts no task. Called by
`relay.moderating`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from relay.bindings import rebind, tell_encodings
from relay.errors import (
    CallerError,
    Conflict,
    LimitReached,
    RoomFull,
    RoomLocked,
    ServerError,
    UnknownRoom,
)
from relay.health import Health
from relay.ids import PublicationId, new_participant_id, new_publication_id, new_ticket
from relay.legs import NO_TRACK, Leg
from relay.open_rooms import OpenRoom, Place
from relay.relocation import Relocation
from relay.rooms.admission import require_place
from relay.rooms.effects import Moved
from relay.rooms.events import ParticipantJoined, ParticipantLeft, SilencesChanged
from relay.rooms.happenings import HappeningKind, about
from relay.rooms.holding_back import held_back
from relay.rooms.leg_states import LegState
from relay.rooms.participant import Participant
from relay.rooms.permissions import Source
from relay.rooms.slots import NO_SHORTAGE
from relay.rooms.standing import Standing, StandingInput
from relay.rooms.standing_events import MovedTo, RelocationAsked
from relay.seating import Seating
from relay.tidying import close_legs
from relay.units import ns_of_seconds
from relay.witness import RoomWitness

RELOCATION_S: Final = 10.0
"""How long a seat may have two legs: a mobile network's ICE and DTLS, with retransmissions."""

_log: Final = structlog.get_logger(__name__)


def move(seating: Seating, room: OpenRoom, moved: Moved) -> None:
    """Have somebody go on in another room: in if they were in and need not wait there, or waiting.

    What a moderator has muted of them stays muted: they have not spoken for themselves.

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
    goes_in = _require_welcome(seating, target, who)
    place = room.place_of(who.id)
    leg = place.leg
    carries = goes_in and leg is not None and leg.state is LegState.CONNECTED
    if place.relocation is not None and place.relocation.target is target:
        return
    if not carries:
        _go(seating, place, target, keeps_leg=False)
    elif room.model.worker == target.model.worker:
        _mute_as_there(place, place.legs(), target)
        _go(seating, place, target, keeps_leg=_is_unrouted(place))
    elif who.connected:
        _relocate(seating, place, target)
    else:
        _go(seating, place, target, keeps_leg=False)


def _relocate(seating: Seating, place: Place, target: OpenRoom) -> None:
    """Ask for a second leg, and go when it carries keys, or without it when it is late."""
    if place.relocation is not None and place.relocation.leg is not None:
        witness, before = RoomWitness(place), place.relocation.leg
        place.relocation = None
        witness.close(before)
    place.relocation = Relocation(
        target=target,
        ticket=new_ticket(),
        due_ns=target.clock.now_ns() + ns_of_seconds(RELOCATION_S),
        ready=partial(_finish, seating, place, is_ready=True),
        late=partial(_finish, seating, place, is_ready=False),
    )
    place.tell(RelocationAsked(place.relocation.ticket))


def _finish(seating: Seating, place: Place, *, is_ready: bool) -> None:
    """Go now; who finds no place in the other room any more stays where they are."""
    relocation, place.relocation = place.relocation, None
    assert relocation is not None, "told once"
    witness, fresh = RoomWitness(place), relocation.leg
    try:
        target = seating.rooms.get(relocation.target.model.id)
        if target is not relocation.target:
            raise UnknownRoom
        goes_in = _require_welcome(seating, target, place.participant)
    except CallerError as refusal:
        _log.info("a relocation was given up", code=refusal.code)
        if fresh is not None:
            witness.close(fresh)
        return
    is_ready = goes_in and is_ready and fresh is not None
    is_ready = is_ready and fresh is not None and _is_muted_as_there(place, fresh, target)
    if is_ready:
        before = list(place.legs())
        place.leg, place.previous = fresh, None
        for leg in before:
            witness.close(leg)
        place.slots, place.shortage = None, NO_SHORTAGE
    elif fresh is not None:
        witness.close(fresh)
    _go(seating, place, target, keeps_leg=is_ready)
    if is_ready:
        tell_encodings(place)


def _go(seating: Seating, place: Place, target: OpenRoom, *, keeps_leg: bool) -> None:
    room, who = place.room, place.participant
    was_in = who.standing is Standing.ADMITTED
    is_in = was_in and who.identity not in target.model.must_wait
    kept = _kept_back(place, target)
    (room.places if was_in else room.waiting).pop(who.id)
    arrived = replace(
        who,
        id=new_participant_id(),
        standing=Standing.ADMITTED if is_in else Standing.WAITING,
        publications={},
        unwanted=set(),
    )
    if keeps_leg:
        _take_tracks(place, who, arrived)
    room.model.leave(who.id, StandingInput.MOVE)
    if not keeps_leg:
        close_legs(place)
        place.forget_media()
    place.drop_held()
    place.speaking = False
    if was_in:
        room.tell_others(who.id, ParticipantLeft(who.id, "moved"))
    seating.happened(about("moved", room.model.id, who))
    seating.settle(room, was_in=was_in)
    if kept:
        target.model.held_back[who.identity] = kept
    _arrive(place, arrived, target, keeps_leg=keeps_leg)
    kind: HappeningKind = "joined" if is_in else "waiting"
    seating.happened(about(kind, target.model.id, arrived))


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


def _kept_back(place: Place, target: OpenRoom) -> frozenset[Source]:
    """Give what moderators of either room have muted of somebody: no move undoes it."""
    who = place.participant
    return held_back(place.room.model, who) | held_back(target.model, who)


def _is_unrouted(place: Place) -> bool:
    """Whether nothing goes between somebody and the room they leave any more.

    Where the engine has no room for that they go without their leg, which ends every route.
    """
    own = {sending.track for leg in place.legs() for sending in leg.sending.values()}
    try:
        for other in place.room.others(place.participant.id):
            for leg in other.legs():
                for mid, slot in leg.slots.items():
                    if slot.track in own:
                        leg.carry(mid, NO_TRACK)
        for leg in place.legs():
            for mid in leg.slots:
                leg.carry(mid, NO_TRACK)
    except ServerError:
        return False
    return True


def _is_muted_as_there(place: Place, fresh: Leg, target: OpenRoom) -> bool:
    """Whether a second leg lets out what it may; where the engine cannot see to that, it is not."""
    try:
        _mute_as_there(place, [fresh], target)
    except ServerError:
        return False
    return True


def _mute_as_there(place: Place, legs: Iterable[Leg], target: OpenRoom) -> None:
    """Let out of somebody's tracks what moderators of both rooms let out, before they are in.

    Raises:
        ServerError: The engine could not; all is as it was, as far as it takes that.

    """
    legs, sources = list(legs), _kept_back(place, target)
    publications = place.participant.publications
    before = {own.id: own.held_back for own in publications.values()}
    try:
        for source, own in publications.items():
            own.held_back = source in sources
            for leg in legs:
                leg.forward(own)
    except ServerError:
        for own in publications.values():
            own.held_back = before[own.id]
            with suppress(ServerError):
                for leg in legs:
                    leg.forward(own)
        raise


def _take_tracks(place: Place, who: Participant, arrived: Participant) -> None:
    """Give somebody's tracks the ids by which the other room will know them.

    What was told by the ids of before is over.
    """
    anew: dict[PublicationId, PublicationId] = {}
    for source, own in who.publications.items():
        anew[own.id] = new_publication_id()
        arrived.publications[source] = replace(own, id=anew[own.id], publisher=arrived.id)
    for leg in place.legs():
        leg.sending = {anew[own]: sending for own, sending in leg.sending.items() if own in anew}
    if place.silences is not None and place.silences.silences:
        place.tell(SilencesChanged(()))
    place.silences = place.subscriptions = None
    place.health = Health()
    place.encodings = {
        anew[own]: replace(chosen, track=anew[own])
        for own, chosen in place.encodings.items()
        if own in anew
    }


def _arrive(place: Place, arrived: Participant, target: OpenRoom, *, keeps_leg: bool) -> None:
    """Seat somebody in the other room, and tell everybody there."""
    now_ns = target.clock.now_ns()
    place.participant, place.room, place.told_waiting = arrived, target, None
    target.model.enter(arrived)
    is_in = arrived.standing is Standing.ADMITTED
    (target.places if is_in else target.waiting)[arrived.id] = place
    if not keeps_leg:
        place.joined_ns = now_ns
    tracks = tuple(own.own_info() for own in arrived.publications.values())
    snapshot = target.model.snapshot(arrived.id, now_ns)
    place.tell(MovedTo(arrived.id, arrived.standing, snapshot, tracks, keeps_leg=keeps_leg))
    target.tell_standing(place)
    if is_in:
        target.tell_others(arrived.id, ParticipantJoined(arrived.info()))
        rebind(target)
    else:
        target.tell_who_waits()
