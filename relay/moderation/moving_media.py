"""What goes along with somebody who is moved to another room: mutes, tracks, legs without routes.

Changes nothing of who is in which room. Starts no task. Called by `relay.moderation.moving`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace

from relay.errors import ServerError
from relay.ids import PublicationId, new_publication_id
from relay.legs.leg import NO_TRACK, Leg
from relay.places.health import Health
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.events import SilencesChanged
from relay.rooms.holding_back import held_back
from relay.rooms.participant import Participant
from relay.rooms.permissions import Source


def kept_back(place: Place, target: OpenRoom) -> frozenset[Source]:
    """Give what moderators of either room have muted of somebody: no move undoes it."""
    who = place.participant
    return held_back(place.room.model, who) | held_back(target.model, who)


def is_unrouted(place: Place) -> bool:
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


def is_muted_as_there(place: Place, fresh: Leg, target: OpenRoom) -> bool:
    """Whether a second leg lets out what it may; where the engine cannot see to that, it is not."""
    try:
        mute_as_there(place, [fresh], target)
    except ServerError:
        return False
    return True


def mute_as_there(place: Place, legs: Iterable[Leg], target: OpenRoom) -> None:
    """Let out of somebody's tracks what moderators of both rooms let out, before they are in.

    Raises:
        ServerError: The engine could not; all is as it was, as far as it takes that.

    """
    legs, sources = list(legs), kept_back(place, target)
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


def take_tracks(
    place: Place, legs: Collection[Leg], who: Participant, arrived: Participant
) -> None:
    """Give somebody's tracks the ids by which the other room will know them.

    What none of the legs that go with them brings does not go along: its page, which is told so,
    publishes it anew. What was told by the ids of before is over.
    """
    brought = {track for leg in legs for track in leg.sending}
    anew: dict[PublicationId, PublicationId] = {}
    for source, own in who.publications.items():
        if own.id in brought:
            anew[own.id] = new_publication_id()
            arrived.publications[source] = replace(own, id=anew[own.id], publisher=arrived.id)
    for leg in legs:
        for gone in leg.sending.keys() - anew.keys():
            with suppress(ServerError):  # nobody is sent what nobody publishes
                leg.withdraw(gone)
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
