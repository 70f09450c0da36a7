"""aiortc's SCTP association with bounds on what comes in: the adapter's lower half.

aiortc keeps whatever arrives, sorts all of it for each chunk, and asserts where a peer can reach.
Here nothing arrives that is not sound (`sctp_screen`), and nothing is kept beyond `SctpLimits`:
what the network may do to an honest peer is dropped and sent again, anything more is a
`Violation`.

Everything of aiortc's that is private and used for SCTP is named in `PRIVATE_MEMBERS`; a test
holds it against the installed version. Used by `aiortc_sctp` only.
"""

from __future__ import annotations

from collections import Counter
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


class BoundedReception(RTCSctpTransport):
    """An association that takes in no more than `SctpLimits` allows.

    Attributes:
        dropped: Chunks and packets dropped, by reason.

    """

    def __init__(self, dtls: GuardedDtls, limits: SctpLimits) -> None:
        super().__init__(dtls)
        self.dropped: Counter[str] = Counter()
        self._limits = limits
        self._dropped_in_a_row = 0
        self._advertised_rwnd = limits.window_bytes
        self._inbound_streams_max = limits.streams

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
