"""What waits to be sent to one client: in order, and bounded.

No I/O. A client that reads too slowly fills it; the connection is then closed (1013) rather than
the process filled with what nobody reads. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

import msgspec

from signalling.messages import RelayMessage

MAX_MESSAGES: Final = 256  # as the seat's own queue of events: one overflows no earlier
MAX_BYTES: Final = 1_048_576  # eight answers of the largest size


class Full(Exception):  # noqa: N818 - as asyncio.QueueFull: a condition, not a failure of ours
    """The client reads too slowly."""


class Outbox:
    """Messages in their encoded form (UTF-8), from many writers to one reader."""

    def __init__(self, *, max_messages: int = MAX_MESSAGES, max_bytes: int = MAX_BYTES) -> None:
        self._max_messages = max_messages
        self._max_bytes = max_bytes
        self._texts: deque[bytes] = deque()
        self._held_bytes = 0
        self._filled = asyncio.Event()

    def put(self, message: RelayMessage) -> None:
        """Queue a message.

        Raises:
            Full: It would be one too many; it is not queued.

        """
        encoded = encode(message)
        if (
            len(self._texts) >= self._max_messages
            or self._held_bytes + len(encoded) > self._max_bytes
        ):
            raise Full
        self._texts.append(encoded)
        self._held_bytes += len(encoded)
        self._filled.set()

    async def take(self) -> bytes:
        """Wait for the oldest message and remove it.

        *Cancellation:* nothing is removed.
        """
        while not self._texts:
            self._filled.clear()
            await self._filled.wait()
        return self.take_now()

    def take_now(self) -> bytes:
        """Remove the oldest message; there is one."""
        text = self._texts.popleft()
        self._held_bytes -= len(text)
        return text

    def __len__(self) -> int:
        return len(self._texts)


def encode(message: RelayMessage) -> bytes:
    """Give a message as it travels: JSON in UTF-8."""
    return _ENCODER.encode(message)


_ENCODER = msgspec.json.Encoder()
