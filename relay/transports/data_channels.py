"""Data channels of one leg: messages in, messages out, both bounded.

Knows no meaning of a message. Called by `relay.session` on top of a connected `DtlsTransport`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from typing import Final, NewType

from aiortc.rtcsctptransport import RTCSctpCapabilities

from relay.errors import Malformed, NotFound, Overloaded, TooLarge
from relay.transports.aiortc_sctp import GuardedSctp
from relay.transports.dtls import DtlsTransport
from relay.transports.sctp_limits import SctpLimits, Violation

__all__ = ["ChannelLabel", "DataChannels", "SctpLimits"]

ChannelLabel = NewType("ChannelLabel", str)
"""A channel's name, as the peer chose it."""

# Ends of an association that are nobody's fault.
_ORDERLY: Final = frozenset({"closed", "ended"})


class DataChannels:
    """The SCTP association of one leg. The peer opens channels; the relay answers on them."""

    def __init__(
        self,
        dtls: DtlsTransport,
        *,
        limits: SctpLimits | None = None,
        remote_port: int,
        remote_max_message_bytes: int,
    ) -> None:
        """Prepare the association; nothing is sent before `start`.

        Args:
            dtls: Connected.
            limits: The defaults are the threat model's.
            remote_port: The offer's sctp-port.
            remote_max_message_bytes: The offer's max-message-size; 0 is no limit (RFC 8841 §6).

        """
        limits = limits or SctpLimits()
        self._queue = _Queue(limits)
        self._sctp = GuardedSctp(
            dtls.connection, limits, deliver=self._queue.put, closed=self._queue.changed.set
        )
        self._share = dtls.connection.share
        self._remote_port = remote_port
        self._remote_max_message_bytes = remote_max_message_bytes

    async def start(self) -> None:
        """Begin the association; both ends may (RFC 8841 §9.3)."""
        await self._sctp.start(
            RTCSctpCapabilities(maxMessageSize=self._remote_max_message_bytes), self._remote_port
        )

    async def aclose(self) -> None:
        """Abort the association and stop its timers. Idempotent."""
        self._sctp.closed_because = self._sctp.closed_because or "closed"
        await self._sctp.stop()
        await asyncio.sleep(0)  # transmissions aiortc has scheduled end in the loop's next turn
        self._queue.changed.set()

    async def messages(self) -> AsyncIterator[tuple[ChannelLabel, str | bytes]]:
        """Yield messages in the order of their arrival; end with the association.

        What is done with a message until the next is asked for is charged to the leg's share of
        the loop, and everybody else has a turn in between: a queue that holds something would
        never suspend its reader.

        Raises:
            Malformed: The peer passed a bound or broke SCTP; the reason is a short name.

        Cancellation: messages not yet taken stay for the next iteration.

        """
        while True:
            while self._queue:
                label, message, size_bytes = self._queue.take()
                self._sctp.taken(size_bytes)
                self._share.begin()
                yield label, message
                await self._share.end()
            if self._sctp.closed_because is not None:
                break
            self._queue.changed.clear()
            await self._queue.changed.wait()
        if self._sctp.closed_because not in _ORDERLY:
            raise Malformed(self._sctp.closed_because)

    def send(self, label: str, message: str | bytes) -> None:
        """Queue a message on the open channel of that label.

        Raises:
            NotFound: No channel of that label is open.
            TooLarge: The message is larger than the peer said it takes.
            Overloaded: The peer has not acknowledged enough of what was sent before.

        """
        channel = self._sctp.channel(label)
        if channel is None:
            raise NotFound("The data channel is not open.")
        size_bytes = len(message.encode() if isinstance(message, str) else message)
        if 0 < self._remote_max_message_bytes < size_bytes:
            raise TooLarge("The message is larger than the other side accepts.")
        if not self._sctp.queue(channel, message, size_bytes):
            raise Overloaded("The other side takes messages more slowly than they are sent.")

    @property
    def opened(self) -> frozenset[ChannelLabel]:
        """The labels of the channels that are open."""
        return frozenset(ChannelLabel(label) for label in self._sctp.open_labels)

    @property
    def dropped(self) -> Mapping[str, int]:
        """How many packets and chunks were dropped, by reason: a fixed vocabulary."""
        return self._sctp.dropped


class _Queue:
    """Messages that have come and nobody has taken: bounded.

    Knows nothing of the association, which knows it: with a way back the two, and OpenSSL's memory
    behind them, would wait for Python's collector.
    """

    def __init__(self, limits: SctpLimits) -> None:
        self.changed = asyncio.Event()
        self._limits = limits
        self._messages: deque[tuple[ChannelLabel, str | bytes, int]] = deque()
        self._held_bytes = 0

    def __len__(self) -> int:
        return len(self._messages)

    def put(self, label: str, message: str | bytes, size_bytes: int) -> None:
        """Add a message.

        Raises:
            Violation: It would be one too many, or too long beside the others.

        """
        if (
            self._held_bytes + size_bytes > self._limits.queued_bytes
            or len(self._messages) >= self._limits.queued_messages
        ):
            raise Violation("too_fast")
        self._messages.append((ChannelLabel(label), message, size_bytes))
        self._held_bytes += size_bytes
        self.changed.set()

    def take(self) -> tuple[ChannelLabel, str | bytes, int]:
        """Remove the oldest message; there is one."""
        label, message, size_bytes = self._messages.popleft()
        self._held_bytes -= size_bytes
        return label, message, size_bytes
