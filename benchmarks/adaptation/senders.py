"""What is sent over each link: sound, a picture at the rate the estimator allows, and its bursts.

30 frames a second with key frames, paced at 2.5 times the rate as browsers pace them; 50 packets
of sound a second whatever happens. All links at once.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.adaptation.links import TICK_US, Floats, Integers, Links
from relay.congestion.estimator import NO_CLUSTER

SOUND_BYTES: Final = 126
SOUND_GAP_US: Final = 20_000
"""Opus at 24 kbit/s in 20 ms, with RTP, extensions, authentication tag, UDP and IP: 50 kbit/s."""

FRAMES_A_TICK: Final = 3
MOST_PACKET_BYTES: Final = 1_100
"""Headers included."""

HEADER_BYTES: Final = 66
PACING: Final = 2.5
"""libwebrtc's default pacing factor."""

KEY_FRAME_TIMES: Final = 4.0
KEY_FRAMES_PER_S: Final = 0.1
FRAME_SPREAD: Final = 0.2
"""Of frame sizes around their mean (a lognormal's standard deviation)."""

REPAID_SHARE: Final = 0.1
"""Of what a key frame was too large, by each frame that follows, as an encoder does."""

PACKET: Final = np.dtype(
    [("link", "i8"), ("sent_us", "f8"), ("size_bytes", "f8"), ("cluster", "i8")]
)
Packets = NDArray[np.void]


class Senders:
    """The senders of a set of links."""

    def __init__(self, links: Links, seed: int) -> None:
        self._chance = np.random.default_rng((seed, 7))
        self._count = len(links)
        self._sound_phase_us = self._chance.uniform(0, SOUND_GAP_US, self._count)
        self._frame_phase_us = self._chance.uniform(0, TICK_US / FRAMES_A_TICK, self._count)
        self._paced_us = np.zeros(self._count)
        self._owed_bytes = np.zeros(self._count)
        self._later = np.zeros(0, dtype=PACKET)

    def send(self, begin_us: float, rate_bps: Floats, bursts: Packets) -> Packets:
        """Give what leaves within a tick, by link and time.

        Args:
            begin_us: When the tick begins.
            rate_bps: What may be sent, by link.
            bursts: Rows of `relay.congestion.estimator.PROBE`.

        """
        everything = np.concatenate(
            (self._later, self._sound(begin_us), *self._frames(begin_us, rate_bps))
        )
        if len(bursts):
            everything = np.concatenate((everything, self._padding(begin_us, bursts)))
            self._mark(everything, begin_us, bursts)
        now = everything["sent_us"] < begin_us + TICK_US
        self._later = everything[~now]
        leaving = everything[now]
        return leaving[np.lexsort((leaving["sent_us"], leaving["link"]))]

    def _sound(self, begin_us: float) -> Packets:
        count = TICK_US // SOUND_GAP_US
        link = np.repeat(np.arange(self._count), count)
        turn = np.tile(np.arange(count), self._count)
        at_us = begin_us + self._sound_phase_us[link] + SOUND_GAP_US * turn
        return _packets(link, at_us, np.full(len(link), float(SOUND_BYTES)))

    def _frames(self, begin_us: float, rate_bps: Floats) -> list[Packets]:
        sound_bps = SOUND_BYTES * 8 * 1e6 / SOUND_GAP_US
        mean_bytes = np.maximum(rate_bps - sound_bps, 0.0) / 8 * TICK_US / 1e6 / FRAMES_A_TICK
        key_chance = KEY_FRAMES_PER_S * TICK_US / 1e6 / FRAMES_A_TICK
        frames = []
        for turn in range(FRAMES_A_TICK):
            key = self._chance.random(self._count) < key_chance
            spread = np.exp(self._chance.normal(0, FRAME_SPREAD, self._count))
            size = mean_bytes * spread * np.where(key, KEY_FRAME_TIMES, 1.0)
            repaid = np.minimum(REPAID_SHARE * self._owed_bytes, 0.5 * size)
            size = np.where(key, size, size - repaid)
            # In the mean nothing is owed but what key frames took.
            self._owed_bytes += np.where(key, size - mean_bytes, -repaid)
            at_us = begin_us + self._frame_phase_us + turn * TICK_US / FRAMES_A_TICK
            frames.append(self._paced(at_us, size, rate_bps))
        return frames

    def _paced(self, at_us: Floats, frame_bytes: Floats, rate_bps: Floats) -> Packets:
        """Cut frames into equal packets that leave at the pace of the pacer."""
        count = np.ceil(frame_bytes / MOST_PACKET_BYTES).astype(np.int64)
        link = np.repeat(np.arange(self._count), count)
        turn = np.arange(len(link)) - np.repeat(np.cumsum(count) - count, count)
        # Headers are part of what may be sent.
        size = np.maximum((frame_bytes / np.maximum(count, 1))[link], HEADER_BYTES + 1.0)
        gap_us = size * 8e6 / (PACING * rate_bps[link])
        starts_us = np.maximum(at_us, self._paced_us)
        sent_us = starts_us[link] + turn * gap_us
        last = np.cumsum(count) - 1
        some = count > 0
        self._paced_us[some] = (sent_us + gap_us)[last[some]]
        return _packets(link, sent_us, size)

    def _padding(self, begin_us: float, bursts: Packets) -> Packets:
        count = bursts["packets"].astype(np.int64)
        which = np.repeat(np.arange(len(bursts)), count)
        turn = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
        size = bursts["packet_bytes"][which].astype(np.float64)
        sent_us = begin_us + turn * size * 8e6 / bursts["rate_bps"][which]
        return _packets(bursts["receiver"][which].astype(np.int64), sent_us, size)

    def _mark(self, packets: Packets, begin_us: float, bursts: Packets) -> None:
        """Mark all that leaves while a burst lasts."""
        cluster = np.full(self._count, NO_CLUSTER, dtype=np.int64)
        ends_us = np.zeros(self._count)
        cluster[bursts["receiver"]] = bursts["cluster"]
        long_us = bursts["packets"] * bursts["packet_bytes"] * 8e6 / bursts["rate_bps"]
        ends_us[bursts["receiver"]] = begin_us + long_us
        within = packets["sent_us"] < ends_us[packets["link"]]
        packets["cluster"][within] = cluster[packets["link"][within]]


def _packets(link: Integers, sent_us: Floats, size_bytes: Floats) -> Packets:
    made = np.zeros(len(link), dtype=PACKET)
    made["link"], made["sent_us"], made["size_bytes"] = link, sent_us, size_bytes
    made["cluster"] = NO_CLUSTER
    return made
