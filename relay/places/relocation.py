"""A move that is under way: between two workers, or to another relay.

Pure data. The former is made by `relay.moderation.moving`, offered for by `relay.seats.answering`
and told of its leg by `relay.seats.witness`; the latter is made by `relay.moderation.steering`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relay.legs.leg import Leg

if TYPE_CHECKING:
    from relay.places.open_rooms import OpenRoom


@dataclass(slots=True, eq=False)
class Relocation:
    """A move for which a second leg is opened first, on the worker of the room it leads to."""

    target: OpenRoom
    ticket: str = field(repr=False)
    """What the offer of the second leg has to name."""
    due_ns: int
    ready: Callable[[], None]
    """The second leg carries keys: go."""
    late: Callable[[], None]
    """It will not: go without."""
    over: Callable[[], None]
    """Nobody is on the way any more, whether they have gone or not."""
    leg: Leg | None = None


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where somebody was asked to go on: another relay. They leave once they are there."""

    url: str
    """Of its WebSocket."""
    token: str = field(repr=False)
    """For their seat there."""
    due_ns: int
    """Whoever leaves later goes of their own accord."""
