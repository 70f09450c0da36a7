"""One way of a path that carries so much and no more: a rate, and a queue that drops the rest.

In user space and on the test's own event loop: late by what the loop is late. What has to be exact
is measured over the emulator (`benchmarks/adaptation`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

HEADERS_BYTES = 28
"""IPv4 and UDP: links carry packets, and rates are told with them."""
QUEUE_S = 0.3
LEAST_QUEUE_BYTES = 5 * 1_228
"""A burst of a few full packets passes the slowest of links."""

Deliver = Callable[[bytes], None]


@dataclass
class Bottleneck:
    """Carries everything at once as long as it has no rate."""

    dropped: int = 0
    _rate_bps: int | None = None
    _waiting: deque[tuple[bytes, Deliver]] = field(default_factory=deque)
    _waiting_bytes: int = 0
    _is_sending: bool = False

    def narrow(self, rate_bps: int | None) -> None:
        """Carry so much from now on, or everything."""
        self._rate_bps = rate_bps

    def carry(self, datagram: bytes, deliver: Deliver) -> None:
        """Deliver a datagram behind those before it, or drop it where the queue is full."""
        if self._rate_bps is None and not self._is_sending:
            deliver(datagram)
            return
        size_bytes = len(datagram) + HEADERS_BYTES
        if self._waiting_bytes + size_bytes > self._most_bytes():
            self.dropped += 1
            return
        self._waiting.append((datagram, deliver))
        self._waiting_bytes += size_bytes
        if not self._is_sending:
            self._send_next(asyncio.get_running_loop().time())

    def _most_bytes(self) -> float:
        if self._rate_bps is None:
            return float("inf")
        return max(QUEUE_S * self._rate_bps / 8, LEAST_QUEUE_BYTES)

    def _send_next(self, began_s: float) -> None:
        """Begin with the oldest when the one before was over: a late loop makes no slow link."""
        self._is_sending = bool(self._waiting)
        if not self._waiting:
            return
        size_bytes = len(self._waiting[0][0]) + HEADERS_BYTES
        over_s = began_s + (8 * size_bytes / self._rate_bps if self._rate_bps else 0.0)
        asyncio.get_running_loop().call_at(over_s, self._sent, over_s)

    def _sent(self, over_s: float) -> None:
        datagram, deliver = self._waiting.popleft()
        self._waiting_bytes -= len(datagram) + HEADERS_BYTES
        deliver(datagram)
        self._send_next(over_s)
