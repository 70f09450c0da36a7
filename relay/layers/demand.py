"""What a receiver's slot is to carry, and how much it matters. Pure data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from relay.ids import SlotId
from relay.layers.ladder import Offer


class Priority(IntEnum):
    """Whose picture comes first."""

    LOW = 0
    """Somebody who looks on."""
    USUAL = 1
    HIGH = 2
    """A screen, or whatever everybody looks at."""
    FIRST = 3
    """Without which nothing is understood: an interpreter who signs, a device that examines."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An encoding whose encoder adapts to one receiver alone."""

    encoding: int
    sent_bps: tuple[int, ...]
    """In the last second, by temporal layer, each with all it needs; empty where nobody knows."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What one slot is to carry."""

    slot: SlotId
    offer: Offer
    priority: Priority = Priority.USUAL
    followed: Followed | None = None
    """In a consultation of two: layers need not be chosen."""
    unlimited_bps: int = 0
    """What its best encoding took if it were not made smaller for others; 0 where it is not."""
