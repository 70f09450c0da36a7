"""Where somebody stands in a room, as a table: in the waiting room, in the room, or gone.

Pure, and beside `relay.rooms.seat_states`: that one says whether somebody's signalling is there,
this one whether they are let in. `docs/seats.md` draws both; `relay.rooms.room` obeys this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from relay.errors import NotFound


class Standing(StrEnum):
    """Where somebody stands in a room."""

    WAITING = "waiting"
    """Has a seat and a place in the waiting room; no media either way, and nobody's name."""
    ADMITTED = "admitted"
    """In the room."""
    GONE = "gone"
    """No longer in this room."""


class StandingInput(StrEnum):
    """What happens to somebody's standing."""

    ADMIT = "admit"
    """Somebody who may do so lets them in."""
    SEND_BACK = "send back"
    """Somebody who may do so has them wait, or they stand aside after a hand-over."""
    MOVE = "move"
    """They go on in another room."""
    EJECT = "eject"
    """They are put out, and their token with them."""
    END = "end"
    """Their seat ended: they left, did not come back in time, or the room closed."""


STANDING_TABLE: Final[Mapping[tuple[Standing, StandingInput], Standing]] = {
    (Standing.WAITING, StandingInput.ADMIT): Standing.ADMITTED,
    (Standing.WAITING, StandingInput.SEND_BACK): Standing.WAITING,
    (Standing.WAITING, StandingInput.MOVE): Standing.GONE,
    (Standing.WAITING, StandingInput.EJECT): Standing.GONE,
    (Standing.WAITING, StandingInput.END): Standing.GONE,
    # Two practitioners who admit at once both get what they asked for.
    (Standing.ADMITTED, StandingInput.ADMIT): Standing.ADMITTED,
    (Standing.ADMITTED, StandingInput.SEND_BACK): Standing.WAITING,
    (Standing.ADMITTED, StandingInput.MOVE): Standing.GONE,
    (Standing.ADMITTED, StandingInput.EJECT): Standing.GONE,
    (Standing.ADMITTED, StandingInput.END): Standing.GONE,
    (Standing.GONE, StandingInput.END): Standing.GONE,
}


def standing_after(standing: Standing, happening: StandingInput) -> Standing:
    """Give the standing that follows.

    Raises:
        NotFound: Something is asked about somebody who is gone.

    """
    following = STANDING_TABLE.get((standing, happening))
    if following is None:
        raise NotFound("This participant is no longer in the room.")
    return following
