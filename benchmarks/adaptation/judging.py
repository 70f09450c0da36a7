"""What a simulated course of many links is worth: the figures that are held against targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.adaptation.links import TICK_US, Floats, Links
from benchmarks.adaptation.senders import MOST_PACKET_BYTES
from benchmarks.adaptation.simulation import JUDGED_FROM_S, WAIT_BIN_MS, Course

TICK_S: Final = TICK_US / 1e6
COLLAPSED_SHARE: Final = 0.5
COLLAPSED_S: Final = 5.0
SPARED_AFTER_RISE_S: Final = 20.0
JUDGED_CAPACITY_BPS: Final = 0.3e6
RECOVERED_SHARE: Final = 0.9
EXACT: Final = 1e-6

LEAST_USED: Final = 0.88
MOST_WAIT_MS: Final = 60.0
"""What has to be, in the median of all links: the share that is used, a link's 95th percentile."""

FEW_PACKETS: Final = 8
MUCH_DROPPED: Final = 0.005
NARROW_BPS: Final = 0.15e6
LONG_TRIP_US: Final = 200_000
"""What makes a link hard, in words."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Figures by link, and of each change of capacity."""

    utilisation: Floats
    wait_p50_ms: Floats
    wait_p95_ms: Floats
    collapsed_s: Floats
    """The longest time at a stretch below half of the capacity."""
    step_down_s: Floats
    """Of each halving: until no more than the capacity was sent."""
    recovery_s: Floats
    """Of each doubling: until nine tenths of it were; infinite if never."""
    dropped_share: Floats


def judge(links: Links, course: Course) -> Verdict:
    """Judge every link from `JUDGED_FROM_S` on."""
    first = int(JUDGED_FROM_S / TICK_S)
    capacity_bits = course.capacity_bps[first:].sum(axis=0) * TICK_S
    down_s, up_s = _changes(links, course)
    return Verdict(
        utilisation=course.carried_bits[first:].sum(axis=0) / capacity_bits,
        wait_p50_ms=_quantile(course.waits, 0.5),
        wait_p95_ms=_quantile(course.waits, 0.95),
        collapsed_s=_collapsed_s(links, course, first),
        step_down_s=down_s,
        recovery_s=up_s,
        dropped_share=course.dropped[first:].sum(axis=0) / course.sent[first:].sum(axis=0),
    )


def _quantile(waits: NDArray[np.int64], share: float) -> Floats:
    """Give the upper edge of the bin in which a share of each link's packets is reached."""
    reached = np.cumsum(waits, axis=1) >= share * waits.sum(axis=1, keepdims=True)
    edge: Floats = (np.argmax(reached, axis=1) + 1) * WAIT_BIN_MS
    return edge


def _changes(links: Links, course: Course) -> tuple[Floats, Floats]:
    ticks = len(course.rate_bps)
    down_s, up_s = [], []
    begins = np.round(links.begins_us / TICK_US).astype(int)
    for link in range(len(links)):
        ends = [*begins[link, 1:], ticks]
        for stretch in range(1, begins.shape[1]):
            begin, end = begins[link, stretch], min(ends[stretch], ticks)
            factor, capacity_bps = links.factor[link, stretch], links.rate_bps[link, stretch]
            if begin >= ticks or (end == ticks and end - begin < SPARED_AFTER_RISE_S / TICK_S):
                continue
            rate_bps = course.rate_bps[begin:end, link]
            if abs(factor - 0.5) < EXACT and rate_bps[0] > capacity_bps:
                down_s.append(_first_s(rate_bps <= capacity_bps))
            elif abs(factor - 2.0) < EXACT:
                up_s.append(_first_s(rate_bps >= RECOVERED_SHARE * capacity_bps))
    return np.array(down_s), np.array(up_s)


def _first_s(reached: NDArray[np.bool_]) -> float:
    return float(np.argmax(reached) * TICK_S) if reached.any() else float("inf")


def _collapsed_s(links: Links, course: Course, first: int) -> Floats:
    """Give the longest collapse of each link, where it is not the time to find a new capacity."""
    ticks = len(course.rate_bps)
    spared = course.capacity_bps < JUDGED_CAPACITY_BPS
    spared[:first] = True
    begins = np.round(links.begins_us / TICK_US).astype(int)
    for link, stretch in zip(*np.nonzero(links.factor > 1), strict=True):
        begin = begins[link, stretch]
        spared[begin : begin + int(SPARED_AFTER_RISE_S / TICK_S), link] = True
    low = ~spared & (course.rate_bps < COLLAPSED_SHARE * course.capacity_bps)
    longest, running = np.zeros(low.shape[1]), np.zeros(low.shape[1])
    for tick in range(ticks):
        running = np.where(low[tick], running + 1, 0)
        longest = np.maximum(longest, running)
    return longest * TICK_S


def why(links: Links, course: Course, verdict: Verdict, link: int) -> str:
    """Say what makes a link hard, from what it is and what happened on it."""
    reasons = []
    packets = links.queue_bytes[link] / MOST_PACKET_BYTES
    if packets < FEW_PACKETS:
        reasons.append(f"its queue holds {packets:.0f} packets, so every frame loses some")
    elif verdict.dropped_share[link] > MUCH_DROPPED:
        reasons.append(f"its queue dropped {100 * verdict.dropped_share[link]:.1f} %")
    if links.rate_bps[link].min() < NARROW_BPS:
        reasons.append("sound alone takes a third of it, or more")
    if links.round_trip_us[link] > LONG_TRIP_US:
        reasons.append("every answer takes long")
    lasts_us = len(course.rate_bps) * TICK_US
    falls = int(((links.factor[link] < 1) & (links.begins_us[link] < lasts_us)).sum())
    if falls > 1:
        reasons.append(f"its capacity fell {falls} times")
    return "; ".join(reasons) or "nothing of it is extreme"
