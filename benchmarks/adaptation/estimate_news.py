"""What the engine tells Python of many paths, as it tells it: batches of estimates, every 50 ms.

The rates are the estimator's own over links that change (`simulation`); which of them are news, and
when, follows codecs/forward/src/congestion_control/bandwidth.rs and estimates.rs; that a path's
state is new while its rate is not is left out. Pure, seeded.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from benchmarks.adaptation import links, simulation
from benchmarks.adaptation.links import TICK_US, Floats

BATCH_S: Final = 0.05
BATCHES_A_TICK: Final = round(TICK_US / 1e6 / BATCH_S)
NEWS_SHARE: Final = 1 / 50
TOLD_AT_THE_LATEST_S: Final = 1.0
BEGINS_S: Final = 10.0
"""Of the links' time: starts are over, capacities begin to change at 20 s."""
SOUND_A_TICK: Final = 5
"""Packets of 20 ms."""

News: TypeAlias = tuple[int, int, int, int, int, int]
"""As the engine has it, but for the leg, which is a place in a row of receivers: rate, estimate,
owed, and of sound what was told and what was lost."""


def rates_bps(receivers: int, seconds: float, seed: int) -> Floats:
    """Let so many estimators follow random links; ticks of 100 ms, receivers."""
    every_s = BEGINS_S + seconds
    course = simulation.run(links.draw(receivers, every_s, seed), every_s, seed)
    return course.rate_bps[round(BEGINS_S * 1e6 / TICK_US) :]


def batches(rates: Floats, seed: int) -> list[list[News]]:
    """Give what is told in each 50 ms, by the receivers' places.

    Args:
        rates: By tick and receiver.
        seed: Of when in a tick each receiver's feedback comes.

    """
    ticks, receivers = rates.shape
    chance = np.random.default_rng((seed, 5))
    comes = chance.integers(0, BATCHES_A_TICK, receivers)
    told_bps: Floats = rates[0].copy()
    told_at_s: Floats = chance.uniform(-TOLD_AT_THE_LATEST_S, 0.0, (receivers,))
    found = []
    for batch in range(ticks * BATCHES_A_TICK):
        at_s = batch * BATCH_S
        now_bps: Floats = rates[batch // BATCHES_A_TICK]
        moved = np.abs(now_bps - told_bps) > NEWS_SHARE * told_bps
        due = at_s - told_at_s >= TOLD_AT_THE_LATEST_S - BATCH_S / 2
        news = np.flatnonzero((comes == batch % BATCHES_A_TICK) & (moved | due))
        told_bps[news] = now_bps[news]
        told_at_s[news] = at_s
        sound = (batch // BATCHES_A_TICK + 1) * SOUND_A_TICK
        found.append(
            [(int(who), int(now_bps[who]), int(now_bps[who]), 0, sound, 0) for who in news]
        )
    return found
