"""Sound first: what one receiver's voices may take, and how they are protected against loss.

A packet may repeat the frames before it (RED, RFC 2198): with a distance of d a frame is lost only
if d + 1 packets in a row are. Random loss p becomes p^(d+1); bursts are what NACK is for, which the
engine answers by itself where the answer comes in time to be played.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.layers.hysteresis import NEVER_US, RISEN_TIMES
from relay.layers.wire_cost import audio_wire_bps

MOST_DISTANCE: Final = 2
"""20 % of random loss becomes 0.8 %; a third frame would cost another 26 kbit/s for 0.16 %."""

WORSE_LOSS: Final = (0.01, 0.07)
"""From which on the distance is 1, and 2. Opus' own correction begins at 1 % (Mozilla, 2016); from
7 % on, distance 1 leaves half a percent, and the bar at 10 % is 1 %."""

BETTER_LOSS: Final = (0.005, 0.04)
"""Below which it is 0, and 1: about half, so that a path's own unrest does not decide."""

WORSE_WEIGHT: Final = 0.5
BETTER_WEIGHT: Final = 0.1
"""Of each new loss: a burst is answered at once, and remembered for ten measurements."""

CALM_US: Final = 10_000_000
"""Since the last change, for less protection."""

FIRST_SHARE: Final = 0.4
"""Of the rate, before anything is known of losses: pictures begin small, and need it more."""

UNKNOWN_US: Final = 10_000_000
"""After which nothing known is taken for nothing lost."""

CRAMPED_US: Final = 30_000_000
"""Since protection had to give way to the rate, for more."""

ADDED_SHARE: Final = 0.8
KEPT_SHARE: Final = 0.9
"""Of the rate, for sound with its repetitions to be added, and to be kept: on 100 kbit/s that is
distance 1 at 16 kbit/s (60 kbit/s); distance 2 would fill the path."""

OPUS_BPS: Final = (32_000, 24_000, 16_000)
"""What a voice is made of: a browser's own choice for one channel; two sizes in which speech is
whole (RFC 7587 §3.1.1: 16 to 20 kbit/s is wide band)."""

OPUS_BELOW_BPS: Final = (160_000, 100_000)
"""Rates, for each voice: below the first, 24 kbit/s, below the second, 16."""


@dataclass(slots=True)
class Sound:
    """One receiver's voices."""

    voices: int = 0
    """How many slots carry sound."""
    repeats: bool = True
    """Whether packets to it may repeat frames: it has to have negotiated that (RFC 2198)."""
    distance: int = 0
    """Earlier frames in each packet."""
    opus_bps: int = OPUS_BPS[0]
    """What each voice should be made of for this receiver."""
    loss_ratio: float = WORSE_LOSS[0]
    """Smoothed. Before any is known, as much as is worth a repetition: people's first words are not
    to pay for finding out, which takes some seconds."""
    _known: bool = False
    _began_us: int | None = None
    _changed_us: int = NEVER_US
    _cramped_us: int = NEVER_US

    @property
    def cost_bps(self) -> int:
        """What is reserved: all voices at once, since people do interrupt each other."""
        return self.voices * audio_wire_bps(self.opus_bps, self.distance)

    @property
    def least_rate_bps(self) -> float:
        """The rate below which repetitions have to go; 0 where there are none."""
        return self.cost_bps / KEPT_SHARE if self.distance else 0.0

    def hear(self, loss_ratio: float | None, rate_bps: float, now_us: int) -> bool:
        """Take in how a receiver's path stands.

        Args:
            loss_ratio: Of the sound it was sent since the last time; `None` if nothing is known.
            rate_bps: What may be sent to it.
            now_us: The relay's clock.

        Returns:
            Whether what should be done has changed.

        """
        before = (self.distance, self.opus_bps)
        if self._began_us is None:
            self._began_us = now_us
        if loss_ratio is None:
            if not self._known and now_us - self._began_us >= UNKNOWN_US:
                self.loss_ratio = 0.0
        else:
            self._known = True
            # Written so that what is no number is none.
            loss = min(loss_ratio, 1.0) if loss_ratio > 0.0 else 0.0
            weight = WORSE_WEIGHT if loss > self.loss_ratio else BETTER_WEIGHT
            self.loss_ratio += weight * (loss - self.loss_ratio)
        self._choose_size(rate_bps)
        self._choose_distance(rate_bps, now_us)
        return before != (self.distance, self.opus_bps)

    def shrink(self, rate_bps: float, now_us: int) -> bool:
        """Give up repetitions that the rate does not carry; whether there were any."""
        before = self.distance
        while self.distance and rate_bps < self.least_rate_bps:
            self.distance -= 1
            self._changed_us = self._cramped_us = now_us
        return self.distance != before

    def _choose_size(self, rate_bps: float) -> None:
        voice_bps = rate_bps / max(self.voices, 1)
        wanted = sum(voice_bps < below_bps for below_bps in OPUS_BELOW_BPS)
        if wanted >= OPUS_BPS.index(self.opus_bps):
            self.opus_bps = OPUS_BPS[wanted]
            return
        # Upwards with a distance that no wobble of the estimate spans.
        sure = sum(voice_bps < RISEN_TIMES * below_bps for below_bps in OPUS_BELOW_BPS)
        self.opus_bps = OPUS_BPS[min(sure, OPUS_BPS.index(self.opus_bps))]

    def _choose_distance(self, rate_bps: float, now_us: int) -> None:
        now = self.distance
        if not self.repeats:
            self.distance = 0
        elif now and self.loss_ratio < BETTER_LOSS[now - 1]:
            if now_us - self._changed_us >= CALM_US:
                self.distance, self._changed_us = now - 1, now_us
        elif now < MOST_DISTANCE and self.loss_ratio >= WORSE_LOSS[now]:
            more_bps = self.voices * audio_wire_bps(self.opus_bps, now + 1)
            share = ADDED_SHARE if self._known else FIRST_SHARE
            has_room = more_bps <= share * rate_bps
            if has_room and now_us - self._cramped_us >= CRAMPED_US:
                self.distance, self._changed_us = now + 1, now_us
