"""aiortc's SCTP association behind hard bounds: messages in, messages out, and its end.

What may come in is bounded by `aiortc_sctp_reception`, which also names the private members that
both files use. What a peer may not do ends its association with a reason, and one packet never
holds the loop. Used by `data_channels` only.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Mapping
from typing import Final

from aiortc.rtcdatachannel import RTCDataChannel
from aiortc.rtcsctptransport import RTCSctpTransport, SackChunk

from relay.transports.aiortc_dtls import GuardedDtls
from relay.transports.aiortc_sctp_reception import BoundedReception
from relay.transports.sctp_limits import SctpLimits, Unread, Violation

# RFC 8832 §5.1
_DCEP: Final = 50
_DCEP_OPEN: Final = 3
_DCEP_ACK: Final = 2
_DCEP_OPEN_HEADER: Final = struct.Struct("!BBHLHH")
# RFC 8831 §8: how each payload protocol identifier is read; an empty message travels as one byte.
_READ: Final[Mapping[int, Callable[[bytes], str | bytes]]] = {
    51: bytes.decode,
    53: bytes,
    56: lambda _: "",
    57: lambda _: b"",
}

# What aiortc raises where a peer can reach it; each ends that peer's association and no more.
_STUMBLES: Final = (
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)


class GuardedSctp(BoundedReception):
    """aiortc's association over `GuardedDtls`.

    Attributes:
        closed_because: Why the association ended, `None` while it lives.

    """

    def __init__(
        self,
        dtls: GuardedDtls,
        limits: SctpLimits,
        *,
        deliver: Callable[[str, str | bytes, int], None],
        closed: Callable[[], None],
    ) -> None:
        super().__init__(dtls, limits)
        self.closed_because: str | None = None
        self._deliver = deliver
        self._on_closed = closed
        self._share = dtls.share
        self._buffered_bytes = 0
        self._unread = Unread(limits)

    def queue(self, channel: RTCDataChannel, message: str | bytes, size_bytes: int) -> bool:
        """Send a message unless the peer has too many to acknowledge."""
        waiting = len(self._data_channel_queue) + len(self._outbound_queue) + len(self._sent_queue)
        if (
            self._buffered_bytes + size_bytes > self._limits.buffered_bytes
            or waiting >= self._limits.buffered_messages
        ):
            self._unread.fill(asyncio.get_running_loop().time())
            return False
        channel.send(message)
        self._buffered_bytes += size_bytes
        return True

    def taken(self, size_bytes: int) -> None:
        """Open the receive window again: the session has taken a message out of the queue."""
        self._advertised_rwnd += size_bytes

    def channel(self, label: str) -> RTCDataChannel | None:
        """Return the open channel of that label."""
        return next(
            (
                each
                for each in self._data_channels.values()
                if each.label == label and each.readyState == "open"
            ),
            None,
        )

    @property
    def open_labels(self) -> list[str]:
        """The labels of the open channels."""
        return [each.label for each in self._data_channels.values() if each.readyState == "open"]

    @property
    def _is_over(self) -> bool:
        return self._association_state is self.State.CLOSED

    async def abort(self, reason: str) -> None:
        """End the association with an ABORT."""
        self.closed_because = self.closed_because or reason
        await self._abort()
        self._set_state(self.State.CLOSED)

    async def _handle_data(self, data: bytes) -> None:
        if self._is_over:
            return
        try:
            for chunk in self._admitted_untrusted(data):
                await self._receive_chunk(chunk)
                await self._share.breathe()
                if self._is_over:
                    return
            if self._sack_needed:
                await self._send_sack()
        except Violation as violation:
            await self.abort(violation.reason)
        except _STUMBLES:
            await self.abort("protocol_error")

    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        before_bytes = self._buffered_bytes
        await super()._receive_sack_chunk(chunk)
        queued = sum(len(message) for _, _, message in self._data_channel_queue)
        chunks = (*self._outbound_queue, *self._sent_queue)
        self._buffered_bytes = queued + sum(len(each.user_data) for each in chunks)
        has_taken = self._buffered_bytes < before_bytes
        self._unread.answer(asyncio.get_running_loop().time(), has_taken=has_taken)

    async def _receive(self, stream_id: int, pp_id: int, data: bytes) -> None:
        if len(data) > self._limits.message_bytes:
            raise Violation("message_too_large")
        if pp_id == _DCEP:
            await self._receive_dcep(stream_id, data)
            return
        channel = self._data_channels.get(stream_id)
        if channel is None or pp_id not in _READ:
            self.dropped["no_channel"] += 1
            return
        self._advertised_rwnd -= len(data)
        self._deliver(channel.label, _READ[pp_id](data), len(data))

    async def _receive_dcep(self, stream_id: int, data: bytes) -> None:
        """Let sound DATA_CHANNEL_OPEN and ACK messages through (RFC 8832 §5)."""
        kind = data[0]
        if kind == _DCEP_OPEN:
            if stream_id in self._data_channels:
                raise Violation("channel_reopened")
            if len(data) < _DCEP_OPEN_HEADER.size:
                raise Violation("malformed_open")
            *_, label_bytes, protocol_bytes = _DCEP_OPEN_HEADER.unpack_from(data)
            if max(label_bytes, protocol_bytes) > self._limits.label_bytes or (
                len(data) != _DCEP_OPEN_HEADER.size + label_bytes + protocol_bytes
            ):
                raise Violation("malformed_open")
        elif kind != _DCEP_ACK or stream_id not in self._data_channels:
            self.dropped["no_channel"] += 1
            return
        await self._data_channel_receive(stream_id, _DCEP, data)

    def _set_state(self, state: RTCSctpTransport.State) -> None:
        if state is self.State.CLOSED:
            # A transmission already scheduled would start a timer that nobody stops.
            self._outbound_queue.clear()
            self._sent_queue.clear()
            self._data_channel_queue.clear()
            self._forward_tsn_chunk = None
            self.closed_because = self.closed_because or "ended"
        super()._set_state(state)
        if state is self.State.CLOSED:
            self._on_closed()
