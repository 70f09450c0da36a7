"""Data messages that wait for their recipient's channel: in order, and bounded.

Pure. Kept while a participant joins, reloads or has lost the path; nothing outlives the seat.
Called by `relay.routing.conversation`.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from relay.errors import LimitReached

MAX_MESSAGES: Final = 64
MAX_BYTES: Final = 65_536
"""Together: what a page that was away for a moment can take in at once, and one largest message."""


class HeldMessages:
    """What one participant has still to get."""

    def __init__(self) -> None:
        self._texts: deque[tuple[str, int]] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def first(self) -> str:
        """The oldest message; there is one."""
        return self._texts[0][0]

    def put(self, text: str) -> int:
        """Keep a message, at the cost of the oldest ones where there is no room.

        Returns:
            How many had to go.

        Raises:
            LimitReached: It is larger than all that may be kept; the others stay.

        """
        size_bytes = len(text.encode())
        if size_bytes > MAX_BYTES:
            raise LimitReached(
                "The message is too large to be kept until its recipient is connected.",
                action="Send it again when they are, or send less.",
            )
        gone = 0
        while len(self) >= MAX_MESSAGES or self._bytes + size_bytes > MAX_BYTES:
            self.take()
            gone += 1
        self._texts.append((text, size_bytes))
        self._bytes += size_bytes
        return gone

    def take(self) -> str:
        """Remove the oldest message; there is one."""
        text, size_bytes = self._texts.popleft()
        self._bytes -= size_bytes
        return text

    def clear(self) -> int:
        """Remove all; tells how many."""
        gone = len(self)
        self._texts.clear()
        self._bytes = 0
        return gone
