"""How many people come in the busy hour, and what one consultation puts on the network.

Pure. The first half is people, the second is bits; `plan` multiplies them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.errors import ConfigurationError
from relay.planning.assumptions import Assumptions
from relay.planning.ripple import concurrency_by_phase

MOST_WEEKLY: Final = 100_000_000
"""Ten times Europe's largest target; Erlang's recursion is linear in it."""

HOURS_A_WEEK: Final = 168
BITS: Final = 8
KILO: Final = 1_000
MIN_PER_H: Final = 60
S_PER_MIN: Final = 60
S_PER_H: Final = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The people of a week's busiest hour."""

    mean_sessions: float
    """At once, over all 168 hours."""
    busy_hour_starts: float
    slot_ripple: float
    peak_sessions: float
    """At once, at the crest of a slot of the busiest hour."""
    peak_participants: float
    waiting_room: float
    """Patients who wait to be admitted: signalling only, no media."""
    joins_per_s: float
    joins_burst_per_s: float
    joins_storm_per_s: float
    """After a zone is lost, from those who were on it."""
    held_by_practitioners: bool
    """Whether fewer practitioners than the peak wants are what limits it."""


def busiest_hour(weekly: int, given: Assumptions, practitioners: int | None = None) -> Load:
    """Compute the busiest hour of a week.

    Args:
        weekly: Consultations of that week, 1 to `MOST_WEEKLY`.
        given: What is assumed.
        practitioners: Who work at once. Each holds one consultation at a time: a hard ceiling of
            what runs, not of who knocks.

    Raises:
        ConfigurationError: There is no such week, or nobody works in it.

    """
    if not 1 <= weekly <= MOST_WEEKLY:
        raise ConfigurationError(
            f"{weekly:,} consultations a week cannot be planned for.",
            action=f"Give 1 to {MOST_WEEKLY:,}.",
        )
    if practitioners is not None and practitioners < 1:
        raise ConfigurationError(
            f"{practitioners} practitioners hold no consultation.",
            action="Give at least 1, or leave the ceiling out.",
        )
    starts = weekly * given.peak_day_share * given.peak_hour_share
    ripple = ripple_of(given)
    wanted = starts * given.mean_duration_min / MIN_PER_H * ripple
    sessions = wanted if practitioners is None else min(wanted, float(practitioners))
    participants = sessions * given.mean_participants
    joins_per_s = starts / S_PER_H * given.mean_participants * given.rejoin_factor
    return Load(
        mean_sessions=weekly * given.mean_duration_min / (HOURS_A_WEEK * MIN_PER_H),
        busy_hour_starts=starts,
        slot_ripple=ripple,
        peak_sessions=sessions,
        peak_participants=participants,
        waiting_room=starts * given.waiting_min / MIN_PER_H,
        joins_per_s=joins_per_s,
        joins_burst_per_s=joins_per_s * given.slot_burst_factor,
        joins_storm_per_s=participants / given.zones / given.storm_s,
        held_by_practitioners=sessions < wanted,
    )


def ripple_of(given: Assumptions) -> float:
    """Give the slot ripple of what is assumed: the crest of a slot over the busy hour's mean."""
    phases = concurrency_by_phase(
        mean_duration_min=given.mean_duration_min,
        duration_cv=given.duration_cv,
        slot_min=given.slot_min,
        on_grid_share=given.on_grid_share,
        start_jitter_min=given.start_jitter_min,
    )
    return max(1.0, *phases)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTraffic:
    """What a mean consultation puts on the relay's network; "in" is towards the relay."""

    bits_in_per_s: float
    bits_out_per_s: float
    packets_in_per_s: float
    packets_out_per_s: float
    relayed_packets_per_s: float
    """Media packets received or media packets sent, whichever are more.

    A measured relayed packet is one received and one sent. Fan-out receives fewer than it sends,
    simulcast sends fewer than it receives; either way the larger count bounds the work from above.
    """
    recorded_bytes: float
    """Of a whole consultation, if every published track is stored as it came."""
    recorded_audio_bytes: float


def session_traffic(given: Assumptions) -> SessionTraffic:
    """Compute what a mean consultation puts on the network."""
    people, subscriptions = given.mean_participants, given.mean_subscriptions
    video_bps = given.video_share * given.video_kbit_s * KILO
    audio_bps = given.audio_kbit_s * KILO
    video_packets = video_bps / (given.video_packet_bytes * BITS)
    overhead_bits = given.overhead_bytes * BITS
    audio_packets = given.audio_packets_per_s
    audio_wire_bps = audio_bps + audio_packets * overhead_bits
    video_wire_bps = video_bps + video_packets * overhead_bits
    rtcp_packets = people * given.rtcp_packets_per_s
    rtcp_bps = rtcp_packets * given.rtcp_packet_bytes * BITS
    media_in = people * (video_packets * given.simulcast_factor + audio_packets)
    media_out = subscriptions * (video_packets + audio_packets)
    published_bytes_per_s = people / BITS
    duration_s = given.mean_duration_min * S_PER_MIN
    return SessionTraffic(
        bits_in_per_s=people * (video_wire_bps * given.simulcast_factor + audio_wire_bps)
        + rtcp_bps,
        bits_out_per_s=subscriptions * (video_wire_bps + audio_wire_bps) + rtcp_bps,
        packets_in_per_s=media_in + rtcp_packets,
        packets_out_per_s=media_out + rtcp_packets,
        relayed_packets_per_s=max(media_in, media_out),
        recorded_bytes=published_bytes_per_s * (video_bps + audio_bps) * duration_s,
        recorded_audio_bytes=published_bytes_per_s * audio_bps * duration_s,
    )
