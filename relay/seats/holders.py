"""Who holds a seat: whoever has its secret.

Changes nothing. Called by `relay.seats.seating` and `relay.checks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from hmac import compare_digest

from relay.errors import SeatUnknown, WrongSecret
from relay.ids import SeatId
from relay.places.open_rooms import Place


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
