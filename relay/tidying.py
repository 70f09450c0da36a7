"""What is taken from somebody who goes, or did not bring it again: legs and tracks.

Called by `relay.seating` and `relay.moderating`. Starts no task.
"""

from __future__ import annotations

from typing import Final

from relay.bindings import rebind
from relay.ids import PublicationId
from relay.open_rooms import Place
from relay.rooms.events import TrackUnpublished
from relay.units import NS_PER_S
from relay.witness import RoomWitness

UNCLAIMED_AFTER_S: Final = 20
"""How long a publication outlives a reload whose new page does not bring it again."""


def close_legs(place: Place) -> None:
    """End a place's legs, and a relocation that is under way."""
    witness = RoomWitness(place)
    relocation, place.relocation = place.relocation, None
    if relocation is not None and relocation.leg is not None:
        witness.close(relocation.leg)
    for leg in list(place.legs()):
        witness.close(leg)


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
