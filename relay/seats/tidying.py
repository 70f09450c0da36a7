"""What is taken from somebody who goes, or did not bring it again: legs and tracks.

Called by `relay.seats.seating` and `relay.moderation.moderating`. Starts no task.
"""

from __future__ import annotations

from typing import Final

from relay.ids import PublicationId, new_ticket
from relay.places.open_rooms import Place
from relay.rooms.events import TrackUnpublished
from relay.routing.bindings import rebind
from relay.seats.witness import RoomWitness
from relay.units import NS_PER_S

UNCLAIMED_AFTER_S: Final = 20
"""How long a publication outlives a reload whose new page does not bring it again."""


def close_legs(place: Place) -> None:
    """End a place's legs, and a relocation that is under way."""
    give_up_relocation(place)
    witness = RoomWitness(place)
    for leg in list(place.legs()):
        witness.close(leg)


def give_up_relocation(place: Place) -> None:
    """End a relocation that is under way: nobody goes by it. Idempotent."""
    relocation, place.relocation = place.relocation, None
    if relocation is None:
        return
    if relocation.leg is not None:
        RoomWitness(place).close(relocation.leg)
    relocation.over()


def close_legs_of_holder(place: Place) -> None:
    """End the legs of a place's holder; whoever holds it next is moved all the same."""
    relocation, place.relocation = place.relocation, None
    close_legs(place)
    if relocation is not None:
        before, relocation.leg = relocation.leg, None
        if before is not None:
            RoomWitness(place).close(before)
        relocation.ticket = new_ticket()
        place.relocation = relocation


def withdraw(place: Place, publication: PublicationId) -> None:
    """Take back a track in somebody's stead."""
    room, who = place.room, place.participant.id
    room.model.unpublish(who, publication)
    room.tell_reached(who, TrackUnpublished(who, publication))


def withdraw_unclaimed(place: Place, now_ns: int) -> None:
    """Take back the tracks that a page which reloaded did not bring again."""
    leg = place.leg
    if leg is None or leg.secured_ns is None:
        return
    if now_ns - leg.secured_ns < UNCLAIMED_AFTER_S * NS_PER_S:
        return
    unclaimed = [p.id for p in place.participant.publications.values() if p.id not in leg.sending]
    for publication in unclaimed:
        withdraw(place, publication)
    if unclaimed:
        rebind(place.room)
