"""The life of a seat, as a table.

Pure. A seat is a participant's place in a room; it outlives lost sockets. `docs/seats.md` draws
this table; `relay.seats.seat` obeys it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from relay.errors import SeatUnknown


class SeatState(StrEnum):
    """Where a seat is in its life."""

    ATTACHED = "attached"
    """A signalling connection speaks for it."""
    KEPT = "kept"
    """Its signalling is lost; media may still flow; the place waits."""
    ENDED = "ended"
    """Nobody can come back to it."""


class SeatInput(StrEnum):
    """What happens to a seat."""

    DETACH = "detach"
    """The signalling connection was lost, or was too slow."""
    RESUME = "resume"
    """Somebody came with the seat's secret."""
    TAKE_OVER = "take over"
    """The same identity joined again and said so."""
    EXPIRE = "expire"
    """Nobody came back in time."""
    LEAVE = "leave"
    """The participant left."""
    CLOSE = "close"
    """The room closed."""
    EJECT = "eject"
    """A moderator put the participant out."""


SEAT_TABLE: Final[Mapping[tuple[SeatState, SeatInput], SeatState]] = {
    (SeatState.ATTACHED, SeatInput.DETACH): SeatState.KEPT,
    # A reload's new socket often comes before the old one is known to be lost.
    (SeatState.ATTACHED, SeatInput.RESUME): SeatState.ATTACHED,
    (SeatState.ATTACHED, SeatInput.TAKE_OVER): SeatState.ATTACHED,
    (SeatState.ATTACHED, SeatInput.LEAVE): SeatState.ENDED,
    (SeatState.ATTACHED, SeatInput.CLOSE): SeatState.ENDED,
    (SeatState.ATTACHED, SeatInput.EJECT): SeatState.ENDED,
    # The socket's end may be noticed twice: by its reader and by its writer.
    (SeatState.KEPT, SeatInput.DETACH): SeatState.KEPT,
    (SeatState.KEPT, SeatInput.RESUME): SeatState.ATTACHED,
    (SeatState.KEPT, SeatInput.TAKE_OVER): SeatState.ATTACHED,
    (SeatState.KEPT, SeatInput.EXPIRE): SeatState.ENDED,
    (SeatState.KEPT, SeatInput.LEAVE): SeatState.ENDED,
    (SeatState.KEPT, SeatInput.CLOSE): SeatState.ENDED,
    (SeatState.KEPT, SeatInput.EJECT): SeatState.ENDED,
    (SeatState.ENDED, SeatInput.DETACH): SeatState.ENDED,
    (SeatState.ENDED, SeatInput.LEAVE): SeatState.ENDED,
    (SeatState.ENDED, SeatInput.CLOSE): SeatState.ENDED,
    (SeatState.ENDED, SeatInput.EJECT): SeatState.ENDED,
}


def seat_after(state: SeatState, happening: SeatInput) -> SeatState:
    """Give the state that follows.

    Raises:
        SeatUnknown: Somebody wants a seat that has ended.

    """
    following = SEAT_TABLE.get((state, happening))
    if following is not None:
        return following
    assert happening is not SeatInput.EXPIRE, "only a kept seat expires"
    raise SeatUnknown
