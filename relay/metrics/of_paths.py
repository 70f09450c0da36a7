"""The metrics of the ways that media takes to participants; `relay.metrics.table` lists them.

Pure data.
"""

from __future__ import annotations

from typing import Final

from relay.metrics.metric import Metric

LEG_TRANSPORTS: Final = Metric(
    "visavis_legs_by_transport",
    "gauge",
    "",
    ("transport",),
    "Legs that are reached, by what: udp, or tcp where their network blocks that.",
)
ICE_FAILURES: Final = Metric(
    "visavis_ice_failures",
    "counter",
    "",
    ("reason",),
    "Legs without a path: no_path (never had one), consent_lost (RFC 7675).",
)
TCP_CONNECTIONS: Final = Metric(
    "visavis_tcp_connections",
    "gauge",
    "",
    ("state",),
    "Open TCP connections for media: proven (by a check that authenticated) or unproven.",
)
TCP_ACCEPTED: Final = Metric(
    "visavis_tcp_accepted", "counter", "", (), "TCP connections for media that came in."
)
TCP_REFUSED: Final = Metric(
    "visavis_tcp_refused",
    "counter",
    "",
    ("reason",),
    "TCP connections for media that were refused: full (too many in all), place (too many unproven "
    "from one address, or IPv6 network), machine (no descriptor or memory is left).",
)
TCP_CLOSED: Final = Metric(
    "visavis_tcp_closed",
    "counter",
    "",
    ("reason",),
    "TCP connections for media that ended: by_peer, broken, framing (a length that no packet has), "
    "unproven (no check in time), crowded (others came, and it had proven or said nothing), "
    "chatter (too much before a check), idle, unknown (their leg is gone, or has enough other "
    "paths).",
)
TCP_FRAMES: Final = Metric(
    "visavis_tcp_frames",
    "counter",
    "",
    ("direction",),
    "Packets that came or left by TCP; those for which there was no room are among the dropped "
    "ones, as tcp_video, tcp_full, tcp_old and tcp_gone.",
)

METRICS: Final = (
    LEG_TRANSPORTS,
    ICE_FAILURES,
    TCP_CONNECTIONS,
    TCP_ACCEPTED,
    TCP_REFUSED,
    TCP_CLOSED,
    TCP_FRAMES,
)
