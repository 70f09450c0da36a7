"""A room as its platform wants it: what is kept of it, and what it is set to when it opens.

Pure data. Called by `signalling.api.register` and `signalling.api.rooms`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from msgspec import Struct

from relay.rooms.settings import Priority, RoomSettings


class Created(Struct, frozen=True, kw_only=True):
    """A room as its platform wants it."""

    id: str
    created_at: datetime | None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    closed_at: datetime | None = None
    """Of a room that is closed: nobody may come, and it is forgotten in a day."""
    void_before: datetime | None = None
    """Of a room that was closed and created again: older tokens stay void."""
    notice: str = ""
    """What those who wait read."""
    waiting_room: bool | None = None
    """Of this and what follows, `None` is what the relay's configuration says."""
    max_participants: int | None = None
    max_publishing: int | None = None
    max_waiting: int | None = None
    max_duration_s: float | None = None
    priority: Priority | None = None

    def settings(self, usual: RoomSettings) -> RoomSettings:
        """Say how the room is set, where the platform says nothing as usual."""
        wanted = {name: getattr(self, name) for name in _SETTINGS}
        return replace(
            usual, **{name: value for name, value in wanted.items() if value is not None}
        )

    def closes_in_s(self, now: datetime) -> float | None:
        """Say how long it is until its hour is over, 0 afterwards; `None` where it has none."""
        return None if self.closes_at is None else max(0.0, (self.closes_at - now).total_seconds())


_SETTINGS: Final = (
    "waiting_room",
    "max_participants",
    "max_publishing",
    "max_waiting",
    "max_duration_s",
    "priority",
)
