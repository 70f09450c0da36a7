"""A move between workers that is under way.

Pure data: made by `relay.moving`, offered for by `relay.answering`, told of its
leg by `relay.witness`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from relay.legs import Leg

if TYPE_CHECKING:
    from relay.open_rooms import OpenRoom


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
    leg: Leg | None = None
