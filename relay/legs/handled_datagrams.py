"""One leg's DTLS datagrams, and how long the relay itself was busy with them.

A handshake mostly waits for its peer; what the relay adds is what passes between taking a datagram
and asking for the next. Made by `relay.seats.answering`, used by the leg's transport.
"""

from __future__ import annotations

from relay.clock import Clock
from relay.transports.datagrams import Datagrams


class HandledDatagrams:
    """Passes datagrams on, with a stopwatch that stands still while there is none."""

    def __init__(self, datagrams: Datagrams, clock: Clock) -> None:
        self._datagrams = datagrams
        self._clock = clock
        self._handled_ns = 0
        self._since_ns: int | None = None

    @property
    def handled_ns(self) -> int:
        """How long the relay was busy, what it is at just now included."""
        busy_ns = 0 if self._since_ns is None else self._clock.now_ns() - self._since_ns
        return self._handled_ns + busy_ns

    async def receive(self) -> bytes:
        """Return the next datagram; raises `ConnectionError` when there will be none.

        *Cancellation:* no datagram is lost.
        """
        self._handled_ns, self._since_ns = self.handled_ns, None
        datagram = await self._datagrams.receive()
        self._since_ns = self._clock.now_ns()
        return datagram

    def send(self, datagram: bytes) -> None:
        """Send a datagram."""
        self._datagrams.send(datagram)
