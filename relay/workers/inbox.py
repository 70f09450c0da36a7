"""A bounded queue with one reader: what the engine tells of one leg waits here."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

from relay.errors import Overloaded

T = TypeVar("T")


class Inbox(Generic[T]):
    """A bounded queue of what a leg is sent, with one reader."""

    def __init__(self, capacity: int) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._closed: Overloaded | bool = False
        self._changed = asyncio.Event()

    def put(self, item: T) -> bool:
        """Add an item; tells whether there was room. After the end it is dropped silently."""
        if self._closed:
            return True
        if len(self._items) >= self._capacity:
            return False
        self._items.append(item)
        self._changed.set()
        return True

    def close(self, reason: Overloaded | None = None) -> None:
        """End it; the reader gets what is queued, then the reason. Idempotent."""
        self._closed = self._closed or reason or True
        self._changed.set()

    async def take(self) -> T | None:
        """Return the next item, or `None` after the last.

        Cancellation: the item stays.
        """
        while not self._items:
            if isinstance(self._closed, Overloaded):
                raise self._closed
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()
