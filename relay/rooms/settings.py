"""What a room is set to: its waiting room, its limits, its priority.

Pure data. Given by whoever opens the room: the configuration's values, or those of the embedder's
backend.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_NOTICE_CHARS: Final = 500
"""A few sentences on a telephone's screen."""
MAX_DURATION_S: Final = 24 * 3_600
"""As long as the longest token: a room must not outlive everybody's right to be in it."""
MAX_PUBLISHING: Final = 10
"""Who is seen and heard at once: what M17 asks, and as many faces as a screen shows."""


class Priority(StrEnum):
    """Whose call comes first when not everybody's can."""

    URGENT = "urgent"
    NORMAL = "normal"

    @property
    def rank(self) -> int:
        """The lower, the earlier."""
        return 0 if self is Priority.URGENT else 1


@dataclass(frozen=True, slots=True)
class RoomSettings:
    """What a room is set to; it may be changed while the room is open."""

    waiting_room: bool = False
    """Whether everybody who may not admit others waits to be admitted."""
    max_participants: int = 10
    """In the room at once."""
    max_publishing: int = MAX_PUBLISHING
    """Of those, with a microphone, a camera or a screen."""
    max_waiting: int = 100
    """In the waiting room at once."""
    max_duration_s: float = 12 * 3_600
    """From the opening on; a moderator may extend it."""
    priority: Priority = Priority.NORMAL
    """An urgent room may still open when the places for the others are taken."""
