"""What the estimator costs: CPU time of a tick, as a share of the core that it is computed on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.adaptation import links, simulation
from benchmarks.adaptation.links import TICK_US

WARM_UP_TICKS: Final = 20
RATES_BPS: Final = (1e6, 3e6)
"""Log-uniform: 15 to 40 packets in a feedback, sound among them."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Of so many receivers, each with a feedback every 100 ms."""

    receivers: int
    samples_each: float
    """In a feedback, on average."""
    share: float
    """Of a core, on average."""
    tick_p99_ms: float
    """How long a tick of all of them takes, but for one in a hundred."""


def measure(receivers: int, seconds: float, seed: int) -> Cost:
    """Simulate so many links, and time the estimator alone, by its thread's CPU time."""
    chance = np.random.default_rng((seed, receivers))
    spread = np.log(RATES_BPS[1] / RATES_BPS[0])
    rate_bps = RATES_BPS[0] * np.exp(chance.uniform(0, spread, (receivers, 1)))
    course = simulation.run(
        links.scheduled(
            np.zeros((receivers, 1)),
            rate_bps,
            round_trip_us=chance.uniform(10e3, 300e3, receivers),
            queue_ms=np.full(receivers, 300.0),
            loss=chance.uniform(0.0, 0.02, receivers),
        ),
        seconds,
        seed,
    )
    update_s = course.update_s[WARM_UP_TICKS:]
    return Cost(
        receivers,
        float(course.samples[WARM_UP_TICKS:].mean() / receivers),
        float(update_s.mean() / (TICK_US / 1e6)),
        float(np.quantile(update_s, 0.99) * 1e3),
    )
