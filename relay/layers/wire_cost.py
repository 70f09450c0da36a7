"""What media costs on the wire: its own bits, and the headers of its packets.

The estimator's rates count IP and UDP headers, so everything that is held against them does too.
"""

from __future__ import annotations

from typing import Final

from relay.units import US_PER_S

HEADERS_BYTES: Final = 66
"""Of a packet: IPv4 20, UDP 8, RTP 12, header extensions 16, authentication tag 10 (RFC 3711)."""

OUTSIDE_RTP_BYTES: Final = 38
"""Of them, what is not counted by who counts RTP packets with their headers: IP, UDP, the tag."""

PAYLOAD_BYTES: Final = 1_100
"""Of a full packet of video, about (libwebrtc keeps packets below 1,200 bytes)."""

PACKET_MS: Final = 20
"""Of sound in a packet: every browser's default for Opus (RFC 7587 §4.2)."""

RED_PRIMARY_BYTES: Final = 1
RED_BLOCK_BYTES: Final = 4
"""Header of the last block and of each one before it (RFC 2198 §3)."""

BITS: Final = 8
MS_PER_S: Final = 1_000


def video_wire_bps(media_bps: float, frame_rate_hz: float) -> float:
    """Give what a picture takes on the wire.

    Args:
        media_bps: What the encoder makes.
        frame_rate_hz: Every frame is a packet at least.

    """
    packets_per_s = max(frame_rate_hz, media_bps / BITS / PAYLOAD_BYTES)
    return media_bps + packets_per_s * HEADERS_BYTES * BITS


def video_media_bps(wire_bps: float, frame_rate_hz: float) -> float:
    """Give what an encoder may make of a place on the wire; the inverse of `video_wire_bps`."""
    full_bps = wire_bps * PAYLOAD_BYTES / (PAYLOAD_BYTES + HEADERS_BYTES)
    return max(min(full_bps, wire_bps - frame_rate_hz * HEADERS_BYTES * BITS), 0.0)


def received_wire_bps(rtp_bytes: int, packets: int, duration_us: int) -> float:
    """Give what was received, as it takes place on the wire when it is sent on.

    Args:
        rtp_bytes: With RTP headers.
        packets: How many they were.
        duration_us: Above 0.

    """
    return (rtp_bytes + packets * OUTSIDE_RTP_BYTES) * BITS * US_PER_S / duration_us


def audio_wire_bps(opus_bps: int, distance: int) -> int:
    """Give what one voice takes on the wire while it speaks.

    With Opus at 24 kbit/s: 50 kbit/s alone, 76 with one earlier frame in each packet, 102 with two.

    Args:
        opus_bps: What the encoder makes.
        distance: How many earlier frames each packet repeats (RED, RFC 2198); 0 is no RED.

    """
    red_bytes = RED_PRIMARY_BYTES + RED_BLOCK_BYTES * distance if distance else 0
    packets_per_s = MS_PER_S // PACKET_MS
    return opus_bps * (1 + distance) + packets_per_s * (HEADERS_BYTES + red_bytes) * BITS
