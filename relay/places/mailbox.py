"""What a seat has still to be told: a bounded queue with one reader.

When it is full the reader is too slow to follow a consultation: everything queued is dropped and a
last event says so. Filled by `relay.places.open_rooms`, read by `relay.seats.seat`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Final

from relay.rooms.closings import Closing, closing
from relay.rooms.events import SeatEvent

MAX_EVENTS: Final = 256
"""A reader 256 events behind will not catch up within the 10 s a slow consumer is given."""


class Mailbox:
    """The events of one attachment, in order."""

    def __init__(self, max_events: int = MAX_EVENTS) -> None:
        self._events: deque[SeatEvent] = deque()
        self._max_events = max_events
        self._closed = False
        self._filled = asyncio.Event()

    @property
    def closed(self) -> bool:
        """Whether nothing will be added any more."""
        return self._closed

    def put(self, event: SeatEvent) -> bool:
        """Add an event; what comes after the end is dropped.

        Returns:
            Whether the reader still follows; once `False`, the mailbox is closed.

        """
        if self._closed:
            return True
        if len(self._events) >= self._max_events:
            self._events.clear()
            self.close(closing("slow_consumer"))
            return False
        self._events.append(event)
        self._filled.set()
        return True

    def close(self, last: Closing | None = None) -> None:
        """End it; the reader still gets what is queued, then `last`. Idempotent."""
        if self._closed:
            return
        self._closed = True
        if last is not None:
            self._events.append(last)
        self._filled.set()

    async def events(self) -> AsyncIterator[SeatEvent]:
        """Give the events until the mailbox is closed and empty; for one reader.

        *Cancellation:* an event is either given or still queued.
        """
        while True:
            while self._events:
                yield self._events.popleft()
            if self._closed:
                return
            self._filled.clear()
            await self._filled.wait()
