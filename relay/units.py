"""Conversions between units, so that no module writes a power of ten.

Imports nothing of ours. Time inside the relay is whole nanoseconds of a monotonic clock, as the
engine's is; durations in configuration and metrics are seconds (Prometheus' base unit).
"""

from __future__ import annotations

from typing import Final

NS_PER_S: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000
NS_PER_US: Final = 1_000
US_PER_S: Final = 1_000_000
US_PER_MS: Final = 1_000


def seconds_of_ns(duration_ns: int) -> float:
    """Give a duration in seconds."""
    return duration_ns / NS_PER_S


def ns_of_seconds(duration_s: float) -> int:
    """Give a duration in whole nanoseconds."""
    return round(duration_s * NS_PER_S)


def ms_of_us(duration_us: int) -> float:
    """Give a duration in milliseconds."""
    return duration_us / US_PER_MS


def ratio_of_q8(fraction_q8: int) -> float:
    """Give RTCP's 8-bit fixed-point fraction lost (RFC 3550 §6.4.1) as a ratio."""
    return fraction_q8 / 256
