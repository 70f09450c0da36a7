"""Who holds a seat: whoever has its secret; and whether anybody does just now.

Changes nothing. Called by `relay.seats.seating` and `relay.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from relay.errors import SeatUnknown, WrongSecret
from relay.ids import SeatId
from relay.places.open_rooms import Place
from relay.rooms.leg_states import LegState
from relay.rooms.seat_states import SeatState


def held_place(places: Mapping[SeatId, Place], seat: SeatId, secret: str) -> Place:
    """Find a seat's place for whoever has its secret.

    Raises:
        SeatUnknown: The seat is no longer kept.
        WrongSecret: The secret is not the seat's.

    """
    place = places.get(seat)
    # Compared even without a place, so that the time taken does not tell the two apart.
    is_right = compare_digest((place.secret if place else "").encode(), secret.encode())
    if place is None:
        raise SeatUnknown
    if not is_right:
        raise WrongSecret
    return place


def is_live(place: Place) -> bool:
    """Whether somebody holds a place just now: by a socket, or by media that goes on without one.

    Whoever is in mid-consultation, with their socket lost for a moment, is not to be put out of it
    by a link that somebody else has opened.
    """
    return place.state is SeatState.ATTACHED or any(
        leg.state is LegState.CONNECTED for leg in place.legs()
    )
