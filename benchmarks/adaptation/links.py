"""Random links: what they carry and when that changes, how long they are, what they lose.

Pure, seeded. All links of a set are arrays, one value each. Times are microseconds from the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TICK_US: Final = 100_000
"""Capacities change between two ticks."""

LEAST_BPS: Final = 0.1e6
MOST_BPS: Final = 10e6
LEAST_QUEUE_BYTES: Final = 3_000
"""Two full packets: a queue that holds none would carry none."""

CALM_S: Final = 20.0
BETWEEN_S: Final = 20.0
SPREAD_S: Final = 10.0
"""Before the first change of capacity, between two at the least, and how much more at the most."""


@dataclass(frozen=True, slots=True)
class Links:
    """A set of links (links,) and their schedules (links, stretches of one capacity)."""

    begins_us: Floats
    rate_bps: Floats
    work_bits: Floats
    """What could have been carried by the beginning of each stretch."""
    factor: Floats
    """Of each stretch's capacity over that before it; 1 for the first."""
    round_trip_us: Floats
    queue_bytes: Floats
    queue_ms: Floats
    loss: Floats

    def __len__(self) -> int:
        """Count the links."""
        return len(self.loss)

    def stretch_at(self, at_us: float) -> Integers:
        """Say in which stretch each link is."""
        stretch: Integers = (self.begins_us <= at_us).sum(axis=1) - 1
        return stretch

    def rate_at(self, at_us: float) -> Floats:
        """Give what each link carries."""
        rate: Floats = self.rate_bps[np.arange(len(self)), self.stretch_at(at_us)]
        return rate

    def work_by(self, at_us: Floats, link: Integers, stretch: Integers) -> Floats:
        """Give what links could have carried by some moments, within a known stretch."""
        since_s = (at_us - self.begins_us[link, stretch]) / 1e6
        work: Floats = self.work_bits[link, stretch] + self.rate_bps[link, stretch] * since_s
        return work

    def moment_of(self, work_bits: Floats, link: Integers) -> Floats:
        """Give when links will have carried so much, in µs."""
        stretch = (self.work_bits[link] <= work_bits[:, None]).sum(axis=1) - 1
        left_bits = work_bits - self.work_bits[link, stretch]
        moment: Floats = (
            self.begins_us[link, stretch] + left_bits / self.rate_bps[link, stretch] * 1e6
        )
        return moment


def draw(count: int, seconds: float, seed: int) -> Links:
    """Draw links: capacity and queue log-uniform, round trip and loss uniform.

    Capacities halve, double or change by any factor up to 2.5, and stay within their bounds.
    """
    chance = np.random.default_rng(seed)
    changes = max(0, int((seconds - CALM_S) // BETWEEN_S) + 1)
    gaps_s = BETWEEN_S + chance.uniform(0, SPREAD_S, (count, changes))
    gaps_s[:, :1] += CALM_S - BETWEEN_S
    ticks = np.round(np.cumsum(gaps_s, axis=1) * 1e6 / TICK_US)
    begins_us = np.concatenate((np.zeros((count, 1)), ticks * TICK_US), axis=1)
    kinds = chance.integers(0, 3, (count, changes))
    any_factor = np.exp(chance.uniform(-np.log(2.5), np.log(2.5), (count, changes)))
    factors = np.choose(
        kinds, [np.full_like(any_factor, 0.5), np.full_like(any_factor, 2.0), any_factor]
    )
    rate_bps = np.empty((count, changes + 1))
    rate_bps[:, 0] = np.exp(chance.uniform(np.log(LEAST_BPS), np.log(MOST_BPS), count))
    for change in range(changes):
        wanted = rate_bps[:, change] * factors[:, change]
        rate_bps[:, change + 1] = np.clip(wanted, LEAST_BPS, MOST_BPS)
    queue_ms = np.exp(chance.uniform(np.log(50), np.log(1_000), count))
    return scheduled(
        begins_us,
        rate_bps,
        round_trip_us=chance.uniform(10e3, 300e3, count),
        queue_ms=queue_ms,
        loss=chance.uniform(0.0, 0.05, count),
    )


def scheduled(
    begins_us: Floats,
    rate_bps: Floats,
    *,
    round_trip_us: Floats,
    queue_ms: Floats,
    loss: Floats,
) -> Links:
    """Make links of given schedules; a queue's bytes are its time at the first capacity."""
    spans_s = np.diff(begins_us, axis=1) / 1e6
    carried = np.cumsum(spans_s * rate_bps[:, :-1], axis=1)
    factor = np.ones_like(rate_bps)
    factor[:, 1:] = rate_bps[:, 1:] / rate_bps[:, :-1]
    return Links(
        begins_us=begins_us,
        rate_bps=rate_bps,
        work_bits=np.concatenate((np.zeros((len(loss), 1)), carried), axis=1),
        factor=factor,
        round_trip_us=round_trip_us,
        queue_bytes=np.maximum(queue_ms / 1e3 * rate_bps[:, 0] / 8, LEAST_QUEUE_BYTES),
        queue_ms=queue_ms,
        loss=loss,
    )
