"""What a publisher should send: which encodings, how much of each, and the cap on all of it.

With one receiver its encoder follows that receiver's path: one encoding is active, and what
libwebrtc obeys beside its own estimate, REMB, says how much. With more, those encodings are active
that somebody is sent or may soon be. Neither way, nor the change, needs an offer; the SDK calls
`RTCRtpSender.setParameters`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from relay.ids import LegId
from relay.layers.encoding import PRESUMED_HZ
from relay.layers.following import FOLLOWED_ENCODING, FOLLOWED_MOST_BPS
from relay.layers.hysteresis import NEVER_US
from relay.layers.ladder import Keeps
from relay.layers.wire_cost import video_media_bps
from relay.units import US_PER_S

SCALES: Final = (1.0, 2.0, 4.0, 8.0)
"""`scaleResolutionDownBy`, the best first."""

SETTLED_US: Final = 5 * US_PER_S
"""For so long there is one receiver before its path is followed where there were more: somebody
who reloads is back in three seconds."""

IDLE_US: Final = 5 * US_PER_S
"""For so long nobody wants an encoding before it is paused: to begin again costs a key frame."""

CHANGED_SHARE: Final = 0.1
"""Of an encoding's most, worth a message and a new configuration of the encoder."""

OVERDUE_US: Final = 1_500_000
"""Of an encoding that was asked for: a round trip of 600 ms, a key frame, and as much again."""

SENT_US: Final = US_PER_S
"""Between two such messages that only change a bitrate."""


@dataclass(frozen=True, slots=True)
class Publish:
    """What one track's publisher should send; by encoding, the best first."""

    active: tuple[bool, ...]
    max_bitrate_bps: tuple[int, ...]
    """Of the encoder, without headers."""
    scale: tuple[float, ...]
    """By which both sides are divided."""
    keeps: Keeps
    """What the encoder gives up last (`degradationPreference`, or the track's content hint)."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is wanted of one track."""

    most_bps: tuple[int, ...]
    """Of each encoding, beside others."""
    keeps: Keeps
    wanted: frozenset[int] = frozenset()
    """Encodings that somebody is sent, or may be with their next step."""
    wish_bps: int | None = None
    """The least that somebody could be sent of it; `None` where nobody could be sent anything."""
    follow_bps: float | None = None
    """What the one receiver's path leaves for it, where its encoder follows."""
    shared_bps: float | None = None
    """What the best of several encodings may take, where less suits those who watch better."""


@dataclass(slots=True)
class Mode:
    """Whether a publisher's encoders follow one receiver.

    At once with the first; where there were more, when it has stayed the only one for a while.
    """

    follows: LegId | None = None
    _sole: LegId | None = None
    _sole_since_us: int = NEVER_US
    _had_more: bool = False

    def update(self, watchers: frozenset[LegId], now_us: int) -> bool:
        """Take in who watches anything of the publisher; whether the mode has changed."""
        before = self.follows
        sole = next(iter(watchers)) if len(watchers) == 1 else None
        if sole != self._sole:
            self._sole, self._sole_since_us = sole, now_us
        if sole is None:
            self.follows = None
            self._had_more = bool(watchers)
        elif not self._had_more or now_us - self._sole_since_us >= SETTLED_US:
            self.follows, self._had_more = sole, False
        else:
            self.follows = None
        return self.follows != before


@dataclass(slots=True)
class TrackOrders:
    """What one track's publisher was last told."""

    _wanted_us: dict[int, int]
    """When each encoding was last wanted."""
    told: Publish | None = None
    _told_us: int = NEVER_US
    _asked_us: dict[int, int] = field(default_factory=dict)
    """Since when each encoding that is to be sent was to be, beside no others than now: of 640x360
    Chromium sends the smallest of three when the best is off."""

    @classmethod
    def begin(cls, now_us: int) -> TrackOrders:
        """Have the best encoding sent at first: nobody's first picture waits for an order."""
        return cls({FOLLOWED_ENCODING: now_us})

    def update(
        self, track: Watched, *, by_itself: bool, follows: bool, now_us: int
    ) -> Publish | None:
        """Give what to tell the publisher, where that has changed.

        Args:
            track: What is wanted of it.
            by_itself: Whether it is the only picture of its publisher that is watched; otherwise
                what each may take is told by track, since REMB caps all together.
            follows: Whether its encoder follows one receiver.
            now_us: The relay's clock.

        """
        active = self._active(track, now_us)
        most_bps, encodings = track.most_bps, len(track.most_bps)
        if follows:
            active = {FOLLOWED_ENCODING} if active else active
            most_bps = self._followed_most(track, by_itself=by_itself)
        elif encodings == 1 and track.wish_bps is not None:
            most_bps = (min(_media_bps(track.wish_bps), most_bps[0]),)
        elif track.shared_bps is not None:
            most_bps = (min(_media_bps(track.shared_bps), most_bps[0]), *most_bps[1:])
        wanted = Publish(
            tuple(encoding in active for encoding in range(encodings)),
            most_bps,
            SCALES[:encodings],
            track.keeps,
        )
        told = self.told
        if wanted == told:
            return None
        if told is not None and not self._is_news(wanted, told, now_us):
            return None
        asked = {which for which, active in enumerate(wanted.active) if active}
        before = self._asked_us if self._asked_us.keys() <= asked else {}
        self._asked_us = {which: before.get(which, now_us) for which in asked}
        self.told, self._told_us = wanted, now_us
        return wanted

    def overdue(self, now_us: int) -> frozenset[int]:
        """Give the encodings that should have come by now."""
        asked = self._asked_us.items()
        return frozenset(which for which, at_us in asked if now_us - at_us >= OVERDUE_US)

    def _active(self, track: Watched, now_us: int) -> set[int]:
        self._wanted_us |= dict.fromkeys(track.wanted, now_us)
        return {which for which, at_us in self._wanted_us.items() if now_us - at_us < IDLE_US}

    def _followed_most(self, track: Watched, *, by_itself: bool) -> tuple[int, ...]:
        wire_bps: float = FOLLOWED_MOST_BPS
        if not by_itself and track.follow_bps is not None:
            wire_bps = min(track.follow_bps, wire_bps)
        return (_media_bps(wire_bps), *track.most_bps[1:])

    def _is_news(self, wanted: Publish, told: Publish, now_us: int) -> bool:
        if wanted.active != told.active or wanted.keeps != told.keeps:
            return True
        pairs = zip(wanted.max_bitrate_bps, told.max_bitrate_bps, strict=True)
        differs = any(abs(new - old) >= CHANGED_SHARE * old for new, old in pairs)
        return differs and now_us - self._told_us >= SENT_US


def _media_bps(wire_bps: float) -> int:
    return round(video_media_bps(wire_bps, PRESUMED_HZ))
