"""How the engine's counters become metrics of the table.

Pure. The engine names what it counts (`codecs/forward/src/control/counters.rs`); whatever has no
metric of its own here is shown as an engine event, so nothing is counted and never seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from relay.metrics import of_paths, table
from relay.metrics.metric import Metric
from relay.units import seconds_of_ns


@dataclass(frozen=True, slots=True)
class Series:
    """Where one engine counter goes."""

    metric: Metric
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Latency:
    """The forwarding-latency histogram as the exposition wants it: cumulative, in seconds."""

    buckets: tuple[tuple[float, int], ...]
    count: int
    sum_s: float


_LATENCY_PREFIX: Final = "forward_latency_"
_LATENCY_BUCKET_PREFIX: Final = "forward_latency_le_"

_PREFIXED: Final = (
    ("drop_", table.DROPS),
    ("tcp_connections_", of_paths.TCP_CONNECTIONS),
    ("tcp_refused_", of_paths.TCP_REFUSED),
    ("tcp_closed_", of_paths.TCP_CLOSED),
)
"""Families of counters whose names end in their label."""

_NAMED: Final[Mapping[str, Series]] = {
    **{
        f"{direction}_{kind}_{what}": Series(metric, (direction, kind))
        for direction in ("ingress", "egress")
        for kind in ("audio", "video")
        for what, metric in (("packets", table.RTP_PACKETS), ("bytes", table.RTP_BYTES))
    },
    **{
        f"{direction}_{what}_packets": Series(metric, (direction,))
        for direction in ("ingress", "egress")
        for what, metric in (("rtx", table.RTX_PACKETS), ("rtcp", table.RTCP_PACKETS))
    },
    "ingress_packets_recovered": Series(table.SOUND_REPAIRS, ("ingress", "redundancy")),
    "egress_redundant_blocks": Series(table.SOUND_REPAIRS, ("egress", "redundancy")),
    "egress_resent_packets": Series(table.SOUND_REPAIRS, ("egress", "nack")),
    "egress_padding_bytes": Series(table.RTP_PADDING, ()),
    "nacks_received": Series(table.NACKS, ("ingress",)),
    "nacks_sent": Series(table.NACKS, ("egress",)),
    "plis_received": Series(table.KEY_FRAME_REQUESTS, ("ingress", "pli")),
    "firs_received": Series(table.KEY_FRAME_REQUESTS, ("ingress", "fir")),
    "plis_sent": Series(table.KEY_FRAME_REQUESTS, ("egress", "pli")),
    "plis_collapsed": Series(table.KEY_FRAME_REQUESTS_COLLAPSED, ()),
    "transport_feedback_received": Series(table.TRANSPORT_FEEDBACK, ("ingress",)),
    "transport_feedback_sent": Series(table.TRANSPORT_FEEDBACK, ("egress",)),
    "transport_feedback_sent_bytes": Series(table.TRANSPORT_FEEDBACK_BYTES, ()),
    "ingress_packets_lost": Series(table.PACKETS_LOST, ()),
    "probes": Series(table.PROBES, ()),
    "cache_bytes": Series(table.RETRANSMISSION_CACHE, ()),
    "legs_udp": Series(of_paths.LEG_TRANSPORTS, ("udp",)),
    "legs_tcp": Series(of_paths.LEG_TRANSPORTS, ("tcp",)),
    "tcp_accepted": Series(of_paths.TCP_ACCEPTED, ()),
    "tcp_frames_received": Series(of_paths.TCP_FRAMES, ("ingress",)),
    "tcp_frames_sent": Series(of_paths.TCP_FRAMES, ("egress",)),
    "leg_dtls_dropped": Series(table.EVENTS_DROPPED, ("dtls",)),
    "leg_events_dropped": Series(table.EVENTS_DROPPED, ("events",)),
}


def series_of(name: str) -> Series | None:
    """Say where an engine counter goes; `None` for the parts of the latency histogram."""
    if name.startswith(_LATENCY_PREFIX):
        return None
    for prefix, metric in _PREFIXED:
        if name.startswith(prefix):
            return Series(metric, (name.removeprefix(prefix),))
    return _NAMED.get(name) or Series(table.ENGINE_EVENTS, (name,))


def latency_of(counters: Mapping[str, int]) -> Latency:
    """Put the engine's separate buckets together.

    Samples above the last bound are in the count and in no bucket.
    """
    return Latency(
        buckets=tuple(_cumulative(counters)),
        count=counters.get(f"{_LATENCY_PREFIX}count", 0),
        sum_s=seconds_of_ns(counters.get(f"{_LATENCY_PREFIX}sum_ns", 0)),
    )


def _cumulative(counters: Mapping[str, int]) -> Iterator[tuple[float, int]]:
    bounds = sorted(
        (int(name.removeprefix(_LATENCY_BUCKET_PREFIX)), value)
        for name, value in counters.items()
        if name.startswith(_LATENCY_BUCKET_PREFIX)
    )
    running = 0
    for bound_ns, value in bounds:
        running += value
        yield seconds_of_ns(bound_ns), running
