"""aiortc's SCTP association behind hard bounds: the adapter.

aiortc keeps whatever arrives, sorts all of it for each chunk, and asserts where a peer can reach.
Here nothing arrives that is not sound (`sctp_screen`), nothing is kept beyond `SctpLimits`, and
one packet never holds the loop: what a peer may not do ends its association with a reason, and
what the network may do to an honest peer is dropped and sent again.

Everything of aiortc's that is private and used for SCTP is named in `PRIVATE_MEMBERS`; a test
holds it against the installed version. Used by `data_channels` only.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Final

from aiortc.rtcdatachannel import RTCDataChannel
from aiortc.rtcsctptransport import (
    Chunk,
    DataChunk,
    InboundStream,
    InitChunk,
    RTCSctpTransport,
    SackChunk,
    StreamAddOutgoingParam,
    StreamResetOutgoingParam,
    StreamResetResponseParam,
    parse_packet,
)
from aiortc.utils import uint32_gt, uint32_gte

from relay.transports.aiortc_dtls import GuardedDtls
from relay.transports.sctp_limits import SctpLimits, Violation
from relay.transports.sctp_screen import chunks_untrusted

PRIVATE_MEMBERS: Final = {
    RTCDataChannel: ("_addBufferedAmount", "_setReadyState"),
    InboundStream: ("add_chunk", "pop_messages", "prune_chunks"),
    RTCSctpTransport: (
        "State",
        "_abort",
        "_advertised_rwnd",
        "_association_state",
        "_data_channel_queue",
        "_data_channel_receive",
        "_data_channels",
        "_forward_tsn_chunk",
        "_get_inbound_stream",
        "_handle_data",
        "_inbound_streams",
        "_inbound_streams_max",
        "_last_received_tsn",
        "_local_tsn",
        "_local_verification_tag",
        "_mark_received",
        "_outbound_queue",
        "_receive",
        "_receive_chunk",
        "_receive_data_chunk",
        "_receive_reconfig_param",
        "_receive_sack_chunk",
        "_reset_deferred_streams",
        "_sack_duplicates",
        "_sack_misordered",
        "_sack_needed",
        "_send_reconfig_param",
        "_send_sack",
        "_sent_queue",
        "_set_state",
    ),
}

_TSN_MODULO: Final = 2**32
_REPORTED_DUPLICATES: Final = 16
_DENIED: Final = 2  # RFC 6525 §4.4
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


class GuardedSctp(RTCSctpTransport):
    """aiortc's association over `GuardedDtls`.

    Attributes:
        dropped: Chunks and packets dropped, by reason.
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
        super().__init__(dtls)
        self.dropped: Counter[str] = Counter()
        self.closed_because: str | None = None
        self._limits = limits
        self._deliver = deliver
        self._on_closed = closed
        self._share = dtls.share
        self._dropped_in_a_row = 0
        self._buffered_bytes = 0
        self._advertised_rwnd = limits.window_bytes
        self._inbound_streams_max = limits.streams

    def queue(self, channel: RTCDataChannel, message: str | bytes, size_bytes: int) -> bool:
        """Send a message unless the peer has too many to acknowledge."""
        waiting = len(self._data_channel_queue) + len(self._outbound_queue) + len(self._sent_queue)
        if (
            self._buffered_bytes + size_bytes > self._limits.buffered_bytes
            or waiting >= self._limits.buffered_messages
        ):
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

    def _admitted_untrusted(self, data: bytes) -> list[Chunk]:
        """Parse a packet that is sound, for this association, and in its time."""
        if chunks_untrusted(data) is None:
            self.dropped["malformed_packet"] += 1
            return []
        try:
            _, _, tag, chunks = parse_packet(data)
        except ValueError:  # the checksum
            self.dropped["malformed_packet"] += 1
            return []
        is_init = any(isinstance(chunk, InitChunk) for chunk in chunks)
        if tag != (0 if is_init else self._local_verification_tag):
            self.dropped["wrong_tag"] += 1
            return []
        if is_init and self._association_state not in (
            self.State.COOKIE_WAIT,
            self.State.COOKIE_ECHOED,
        ):
            # It would reset a living association. WebRTC peers start anew with a new DTLS.
            self.dropped["late_init"] += 1
            return []
        is_known = self._last_received_tsn is not None
        return [chunk for chunk in chunks if is_known or not isinstance(chunk, DataChunk)]

    async def _receive_data_chunk(self, chunk: DataChunk) -> None:
        if self._has_room_for(chunk):
            await super()._receive_data_chunk(chunk)
            return
        self._sack_needed = True  # tells the peer what is missing
        self.dropped["no_room"] += 1
        self._dropped_in_a_row += 1
        if self._dropped_in_a_row > self._limits.dropped_in_a_row:
            raise Violation("flood")

    def _has_room_for(self, chunk: DataChunk) -> bool:
        """Take a chunk that closes a gap, keep some that open one (RFC 9260 §6.2)."""
        held_bytes = self._limits.window_bytes - self._advertised_rwnd + len(chunk.user_data)
        held_chunks = sum(len(each.reassembly) for each in self._inbound_streams.values())
        if held_bytes > self._limits.held_bytes:
            raise Violation("receive_window")
        ahead = (chunk.tsn - (self._last_received_tsn or 0)) % _TSN_MODULO
        if ahead == 1:
            if held_chunks >= self._limits.held_chunks:
                raise Violation("too_many_fragments")
            self._dropped_in_a_row = 0
            return True
        if ahead >= _TSN_MODULO // 2 or chunk.tsn in self._sack_misordered:
            return True  # a duplicate, and counted as one
        return (
            ahead <= self._limits.ahead_tsns
            and len(self._sack_misordered) < self._limits.misordered_chunks
            and held_chunks < self._limits.held_chunks
        )

    def _mark_received(self, tsn: int) -> bool:
        """Tell whether the TSN was known; in constant time, where aiortc sorts all of them."""
        last = self._last_received_tsn
        assert last is not None, "DATA is not admitted before"
        if uint32_gte(last, tsn) or tsn in self._sack_misordered:
            if len(self._sack_duplicates) < _REPORTED_DUPLICATES:
                self._sack_duplicates.append(tsn)
            return True
        self._sack_misordered.add(tsn)
        following = (last + 1) % _TSN_MODULO
        while following in self._sack_misordered:
            self._sack_misordered.discard(following)
            self._last_received_tsn = following
            following = (following + 1) % _TSN_MODULO
        return False

    def _get_inbound_stream(self, stream_id: int) -> InboundStream:
        if stream_id not in self._inbound_streams and (
            len(self._inbound_streams) >= self._limits.streams
        ):
            raise Violation("too_many_streams")
        return super()._get_inbound_stream(stream_id)

    async def _receive_sack_chunk(self, chunk: SackChunk) -> None:
        """Refuse acknowledgements of what was never sent."""
        newest = (self._local_tsn - 1) % _TSN_MODULO
        if uint32_gt(chunk.cumulative_tsn, newest):
            raise Violation("acknowledged_unsent")
        outstanding = (newest - chunk.cumulative_tsn) % _TSN_MODULO
        if chunk.gaps and chunk.gaps[-1][1] > outstanding:
            raise Violation("acknowledged_unsent")
        await super()._receive_sack_chunk(chunk)
        queued = sum(len(message) for _, _, message in self._data_channel_queue)
        chunks = (*self._outbound_queue, *self._sent_queue)
        self._buffered_bytes = queued + sum(len(each.user_data) for each in chunks)

    async def _receive_reconfig_param(
        self, param: StreamAddOutgoingParam | StreamResetOutgoingParam | StreamResetResponseParam
    ) -> None:
        if isinstance(param, StreamAddOutgoingParam):
            denied = StreamResetResponseParam(param.request_sequence, _DENIED)
            await self._send_reconfig_param(denied)
            return
        await super()._receive_reconfig_param(param)

    async def _reset_deferred_streams(self) -> None:
        """Give back the window that a reset stream's chunks took; aiortc forgets it."""
        before = {key: each.reassembly for key, each in self._inbound_streams.items()}
        await super()._reset_deferred_streams()
        for key in before.keys() - self._inbound_streams.keys():
            self._advertised_rwnd += sum(len(chunk.user_data) for chunk in before[key])

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
