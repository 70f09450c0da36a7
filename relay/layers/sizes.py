"""The sizes that one encoding carries at once: its spatial layers, and what each of them takes.

What is told of them comes in rows, what is measured in bytes of each layer; a size is a share of
what the whole takes. Used by `offered`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

LayerBytes: TypeAlias = tuple[int, int, int]
"""Of an encoding, cumulative: spatial layer, temporal layer, bytes of its packets."""

MOST_SPATIAL: Final = 4
"""What four bits of video-layers-allocation can mask."""

PIXELS_BETWEEN: Final = 4
"""Spatial layers halve both sides (W3C WebRTC-SVC §6: all modes but those with `h`), and so do
encodings (`scaleResolutionDownBy` 1, 2, 4)."""

NEW_WEIGHT: Final = 0.5
"""Of a second's new measurement."""

CHANGED_SHARE: Final = 0.1
"""A share that changes by less is no news: everybody who watches would be allocated anew."""

SMALL_MOST_BPS: Final = (
    (320 * 180, 200_000),
    (480 * 270, 450_000),
    (640 * 360, 700_000),
    (960 * 540, 1_200_000),
    (1280 * 720, 2_500_000),
)
"""Pixels, and what libwebrtc gives an encoding of so many at the most
(`video/config/simulcast.cc`): more would not show, but keep it from paths it is meant for."""

Shares: TypeAlias = tuple[tuple[float, ...], ...]
"""Of what the whole takes, by spatial layer below the highest, then by temporal layer up to it."""


@dataclass(slots=True)
class Sizes:
    """The spatial layers of one encoding."""

    pixels: tuple[int, ...] = ()
    """Of each, the lowest first, where they were told."""
    shares: Shares = ()
    """As they were last told; none where there is one size."""
    _counted: dict[tuple[int, int], int] = field(default_factory=dict)
    _recent: dict[tuple[int, int], float] = field(default_factory=dict)
    _announced: dict[tuple[int, int], float] = field(default_factory=dict)

    def announce(self, rows: Sequence[tuple[int, Sequence[int]]]) -> None:
        """Take what the publisher says of each: pixels, and kbit/s by temporal layer."""
        if all(pixels > 0 for pixels, _ in rows):
            self.pixels = tuple(pixels for pixels, _ in rows)
        self._announced = {}
        for spatial, (_, kbit_s) in enumerate(rows[:MOST_SPATIAL]):
            below = 0
            for temporal, each in enumerate(kbit_s):
                self._announced[spatial, temporal] = float(max(each - below, 0))
                below = max(each, below)
        self._settle()

    def measure(self, rows: Sequence[LayerBytes]) -> None:
        """Take the engine's figures; the first say what was counted before, and are no rate."""
        is_first = not self._counted
        for spatial, temporal, total in rows:
            new = total - self._counted.get((spatial, temporal), 0)
            self._counted[spatial, temporal] = total
            if is_first:
                continue
            recent = self._recent.get((spatial, temporal), 0.0)
            self._recent[spatial, temporal] = recent + NEW_WEIGHT * (max(new, 0) - recent)
        self._settle()

    @property
    def temporal(self) -> int | None:
        """The highest temporal layer that packets name; `None` before any was counted."""
        sent = [temporal for (_, temporal), weight in self._recent.items() if weight >= 1.0]
        return max(sent, default=None)

    def pixels_of(self, spatial: int, whole: int) -> int:
        """Give a size below the highest, where the whole has so many pixels."""
        above = len(self.shares) - spatial
        if len(self.pixels) == len(self.shares) + 1:
            return max(min(self.pixels[spatial], whole), 1)
        return max(whole // int(PIXELS_BETWEEN**above), 1)

    def _settle(self) -> None:
        weights = self._recent if sum(self._recent.values()) >= 1.0 else self._announced
        shares = _shares(weights)
        if not _alike(shares, self.shares):
            self.shares = shares


def small_most_bps(pixels: int) -> int:
    """Give the most that a small picture is worth, without headers; in between, in proportion."""
    (below, below_bps) = SMALL_MOST_BPS[0]
    for above, above_bps in SMALL_MOST_BPS:
        if pixels <= above:
            share = max(pixels - below, 0) / max(above - below, 1)
            return round(below_bps + share * (above_bps - below_bps))
        below, below_bps = above, above_bps
    return below_bps


def _shares(weights: dict[tuple[int, int], float]) -> Shares:
    sent = [layer for layer, weight in weights.items() if weight >= 1.0]
    top = max((spatial for spatial, _ in sent), default=0)
    most = max((temporal for _, temporal in sent), default=0)
    return tuple(
        tuple(
            _up_to(weights, spatial, temporal) / max(_up_to(weights, top, temporal), 1.0)
            for temporal in range(most + 1)
        )
        for spatial in range(top)
    )


def _up_to(weights: dict[tuple[int, int], float], spatial: int, temporal: int) -> float:
    return sum(each for (s, t), each in weights.items() if s <= spatial and t <= temporal)


def _alike(shares: Shares, told: Shares) -> bool:
    return [len(row) for row in shares] == [len(row) for row in told] and all(
        abs(new - old) < CHANGED_SHARE
        for row, told_row in zip(shares, told, strict=True)
        for new, old in zip(row, told_row, strict=True)
    )
