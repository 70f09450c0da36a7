"""The estimator against many links, in virtual time: a tick of 100 ms after the other.

Feedback comes from each receiver every 100 ms, at a moment of its own, and takes half a round trip;
it speaks of everything up to the last packet that arrived, in steps of 250 µs of a clock of its
own, as transport-wide feedback does (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.adaptation.links import TICK_US, Floats, Integers, Links
from benchmarks.adaptation.queues import Queues
from benchmarks.adaptation.senders import Packets, Senders
from relay.congestion.estimator import LOST, PROBE, SAMPLE, Estimator

ARRIVAL_STEP_US: Final = 250
CLOCKS_APART_US: Final = 40_000_000_000
"""Receivers' clocks begin anywhere within half a day."""

WAIT_BINS: Final = 1_000
WAIT_BIN_MS: Final = 4.0
JUDGED_FROM_S: Final = 10.0

ON_ITS_WAY: Final = np.dtype(
    [
        ("link", "i8"),
        ("sequence", "i8"),
        ("sent_us", "i8"),
        ("arrival_us", "f8"),  # the relay's clock
        ("lost", "?"),
        ("size_bytes", "i8"),
        ("cluster", "i8"),
    ]
)


@dataclass(frozen=True, slots=True)
class Course:
    """What happened, by tick and link (ticks, links), and waits by link (links, bins)."""

    capacity_bps: Floats
    rate_bps: Floats
    carried_bits: Floats
    """What entered the links' queues and was not dropped there."""
    dropped: Floats
    sent: Floats
    standing_ms: Floats
    """The shortest wait of a tick's packets."""
    waits: Integers
    """Packets by how long they waited, in bins of `WAIT_BIN_MS`, from `JUDGED_FROM_S` on."""
    bursts: Integers
    """By link."""
    update_s: Floats
    """CPU time of the estimator in each tick."""
    samples: Integers
    """Told in each tick."""


def run(links: Links, seconds: float, seed: int) -> Course:
    """Simulate so many seconds."""
    ticks, count = int(seconds * 1e6 / TICK_US), len(links)
    world = _World(links, seed)
    estimator = Estimator()
    for link in range(count):
        assert estimator.admit() == link
    series = {name: np.zeros((ticks, count)) for name in SERIES}
    update_s, told = np.zeros(ticks), np.zeros(ticks, dtype=np.int64)
    bursts_sent = np.zeros(count, dtype=np.int64)
    bursts = np.zeros(0, dtype=PROBE)
    for tick in range(ticks):
        begin_us = float(tick * TICK_US)
        rate_bps = estimator.rates_bps[:count].copy()
        series["rate_bps"][tick] = rate_bps
        series["capacity_bps"][tick] = links.rate_at(begin_us)
        world.send(begin_us, rate_bps, bursts, {name: series[name][tick] for name in COUNTED})
        delivered = world.feedback(begin_us + TICK_US)
        before_s = time.thread_time()
        bursts = estimator.update(delivered, EPOCH_US + (tick + 1) * TICK_US)
        update_s[tick] = time.thread_time() - before_s
        told[tick] = len(delivered)
        bursts_sent[bursts["receiver"]] += 1
    return Course(**series, waits=world.waits, bursts=bursts_sent, update_s=update_s, samples=told)


COUNTED: Final = ("carried_bits", "dropped", "sent", "standing_ms")
SERIES: Final = ("capacity_bps", "rate_bps", *COUNTED)

EPOCH_US: Final = 3_600_000_000
"""The relay has been up for an hour."""


class _World:
    """All that lies between the estimator's rates and its samples."""

    def __init__(self, links: Links, seed: int) -> None:
        count = len(links)
        self._links, self._queues, self._senders = links, Queues(links), Senders(links, seed)
        self._chance = np.random.default_rng((seed, 11))
        self._phase_us = self._chance.uniform(0, TICK_US, count)
        self._clock_us = self._chance.integers(0, CLOCKS_APART_US, count)
        self._sequence = np.zeros(count, dtype=np.int64)
        self._on_its_way = np.zeros(0, dtype=ON_ITS_WAY)
        self.waits = np.zeros((count, WAIT_BINS), dtype=np.int64)

    def send(
        self, begin_us: float, rate_bps: Floats, bursts: Packets, counted: dict[str, Floats]
    ) -> None:
        """Send a tick's packets through the queues."""
        links, count = self._links, len(self._links)
        packets = self._senders.send(begin_us, rate_bps, bursts)
        link, size = packets["link"], packets["size_bytes"]
        passage = self._queues.pass_through(
            link, packets["sent_us"], size, links.stretch_at(begin_us)
        )
        each = np.bincount(link, minlength=count)
        first = np.cumsum(each) - each
        made = np.zeros(len(packets), dtype=ON_ITS_WAY)
        made["link"], made["cluster"] = link, packets["cluster"]
        made["sequence"] = self._sequence[link] + np.arange(len(link)) - first[link]
        self._sequence += each
        made["sent_us"], made["size_bytes"] = packets["sent_us"], size
        made["arrival_us"] = passage.ended_us + links.round_trip_us[link] / 2
        made["lost"] = passage.dropped | (self._chance.random(len(link)) < links.loss[link])
        self._on_its_way = np.concatenate((self._on_its_way, made))
        through = ~passage.dropped
        counted["carried_bits"] += np.bincount(link, size * 8 * through, count)
        counted["dropped"] += np.bincount(link, passage.dropped, count)
        counted["sent"] += each
        wait_ms = passage.waited_us / 1e3
        some = np.flatnonzero(each)
        counted["standing_ms"][some] = np.minimum.reduceat(wait_ms, first[some])
        if begin_us >= JUDGED_FROM_S * 1e6:
            place = np.minimum(wait_ms / WAIT_BIN_MS, WAIT_BINS - 1).astype(np.int64)
            np.add.at(self.waits, (link[through], place[through]), 1)

    def feedback(self, now_us: float) -> Packets:
        """Give what the feedbacks that have come by now speak of."""
        links, way = self._links, self._on_its_way
        back_us = links.round_trip_us / 2
        number = np.floor((now_us - back_us - self._phase_us) / TICK_US)
        reported_us = self._phase_us + number * TICK_US
        arrived = ~way["lost"] & (way["arrival_us"] <= reported_us[way["link"]])
        newest = np.full(len(links), -1, dtype=np.int64)
        np.maximum.at(newest, way["link"][arrived], way["sequence"][arrived])
        told = way["sequence"] <= newest[way["link"]]
        self._on_its_way = way[~told]
        spoken = way[told]
        # By receiver, as the engine delivers them.
        spoken = spoken[np.lexsort((spoken["sequence"], spoken["link"]))]
        link = spoken["link"]
        rows = np.zeros(len(spoken), dtype=SAMPLE)
        rows["receiver"], rows["cluster"] = link, spoken["cluster"]
        rows["feedback"] = number[link]
        rows["feedback_us"] = EPOCH_US + reported_us[link] + back_us[link]
        rows["sequence"], rows["size_bytes"] = spoken["sequence"], spoken["size_bytes"]
        rows["sent_us"] = EPOCH_US + spoken["sent_us"]
        steps = np.floor(spoken["arrival_us"] / ARRIVAL_STEP_US).astype(np.int64)
        arrival_us = self._clock_us[link] + steps * ARRIVAL_STEP_US
        rows["arrival_us"] = np.where(spoken["lost"], LOST, arrival_us)
        return rows
