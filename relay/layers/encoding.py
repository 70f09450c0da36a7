"""What is known of one encoding of a track: as announced, as measured, as presumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final, TypeAlias

from relay.layers.ladder import ALL_LAYERS, Rung
from relay.layers.sizes import Sizes, small_most_bps
from relay.layers.wire_cost import received_wire_bps, video_wire_bps

AnnouncedLayer: TypeAlias = tuple[int, int, int, int, int, Sequence[int]]
"""As the engine's `LayersChanged` has it: encoding, spatial layer, width, height, highest frame
rate (0: unknown), kbit/s by temporal layer, each with all it needs."""

MOST_TEMPORAL: Final = 4
"""What two bits of video-layers-allocation can number."""

PRESUMED_HZ: Final = 30.0

MOST_HZ: Final = 60.0

MOST_PIXELS: Final = 8192 * 8192

MOST_BPS: Final = 20_000_000

LEAST_BPS: Final = 10_000
"""Nothing is free, whatever is announced: a frame a second takes about this."""

RISE_WEIGHT: Final = 0.5

FALL_WEIGHT: Final = 0.1
"""Of a second's new measurement: what a picture takes when it moves is known at once, and a calm
moment makes it look cheap only slowly."""

DEARER_SHARE: Final = 1.05

CHEAPER_SHARE: Final = 0.85
"""Changes between the two are no news: everybody who watches would be allocated anew."""

SENT_LESS_SHARE: Final = 0.7
SENT_MORE_SHARE: Final = 1.3
"""The same of what was sent in the last second, which is held against its double."""

Grid: TypeAlias = tuple[tuple[Rung, ...], ...]


@dataclass(slots=True)
class Encoding:
    """What is known of one encoding."""

    presumed_bps: int
    presumed_pixels: int
    announced_bps: tuple[int, ...] = ()
    """By temporal layer, each with all it needs; of the encoder, without headers."""
    pixels: int = 0
    frame_rate_hz: float = PRESUMED_HZ
    arrives: bool = False
    withdrawn: bool = False
    """Whether its publisher says that it does not send it, whatever is still on its way."""
    missed: bool = False
    """Whether it was asked for in vain: of a small picture Chromium makes fewer encodings."""
    measured_bps: float = 0.0
    last_bps: float = 0.0
    """Of the last second alone."""
    costs_bps: tuple[int, ...] = ()
    """By temporal layer, as they were last told."""
    sent_bps: tuple[int, ...] = ()
    """Likewise, of what was sent in the last second."""
    packets: int = 0
    rtp_bytes: int = 0
    measured_us: int | None = None
    sizes: Sizes = field(default_factory=Sizes)

    @property
    def sends(self) -> bool:
        """Whether its packets come, and go on to."""
        return self.arrives and not self.withdrawn

    def announce(self, rows: Sequence[AnnouncedLayer]) -> None:
        """Take its spatial layers, the lowest first; each needs those below it."""
        _, _, width, height, frame_rate_hz, _ = rows[-1]
        if width > 0 and height > 0:
            self.pixels = min(width * height, MOST_PIXELS)
        # Of some modes each row is what its size adds, of others what it takes with those below it
        # (libwebrtc's `CreateVideoLayersAllocation`): the least it can be; measuring adds the rest.
        kbit_s = [max(at) for at in zip_longest(*(row[5] for row in rows), fillvalue=0)]
        self.sizes.announce([(row[2] * row[3], row[5]) for row in rows])
        rate_hz = float(frame_rate_hz) if frame_rate_hz > 0 else PRESUMED_HZ
        self.frame_rate_hz = min(rate_hz, MOST_HZ)
        most_bps = 0
        announced = []
        for each in kbit_s[:MOST_TEMPORAL]:
            most_bps = min(max(most_bps, each * 1_000), MOST_BPS)
            announced.append(most_bps)
        self.withdrawn = most_bps == 0
        if not self.withdrawn:
            self.announced_bps = tuple(announced)

    def measure(self, packets: int, rtp_bytes: int, now_us: int) -> None:
        """Take the engine's cumulative figures of it."""
        before_us, new_packets = self.measured_us, packets - self.packets
        new_bytes = rtp_bytes - self.rtp_bytes
        self.packets, self.rtp_bytes, self.measured_us = packets, rtp_bytes, now_us
        if before_us is None or now_us <= before_us or new_packets <= 0 or new_bytes <= 0:
            return
        rate_bps = min(received_wire_bps(new_bytes, new_packets, now_us - before_us), MOST_BPS)
        weight = RISE_WEIGHT if rate_bps > self.measured_bps else FALL_WEIGHT
        if self.measured_bps == 0.0:
            weight = 1.0
        self.measured_bps += weight * (rate_bps - self.measured_bps)
        self.last_bps = rate_bps

    @property
    def _told_bps(self) -> tuple[int, ...]:
        """What was announced, without layers that no packet names: they could not be left out."""
        named = self.sizes.temporal
        if named is None or named >= len(self.announced_bps):
            return self.announced_bps
        return (*self.announced_bps[:named], *self.announced_bps[-1:])

    def rungs(self, index: int, pixels: int) -> Grid:
        """Give its rungs, by spatial layer, then by temporal layer."""
        layers = self._told_bps or (0,)
        top = len(layers) - 1
        rates_hz = [self.frame_rate_hz / 2 ** (top - layer) for layer in range(top + 1)]
        wire = [video_wire_bps(bps, hz) for bps, hz in zip(layers, rates_hz, strict=True)]
        if not self._told_bps:
            # Of the best more is known: what its publisher was told to make (`TrackLayers.limit`).
            small_bps = small_most_bps(pixels) if index else self.presumed_bps
            presumed_bps = min(self.presumed_bps, small_bps)
            wire = [self.measured_bps or video_wire_bps(presumed_bps, PRESUMED_HZ)]
        times = max(wire[top], self.measured_bps) / wire[top]
        costs = tuple(round(max(times * each, LEAST_BPS)) for each in wire)
        if not _alike(costs, self.costs_bps):
            self.costs_bps = costs
        share = self.last_bps / costs[top] if self.last_bps else 1.0
        sent = tuple(round(share * each) for each in costs)
        if not _alike(sent, self.sent_bps, SENT_LESS_SHARE, SENT_MORE_SHARE):
            self.sent_bps = sent
        whole = tuple(
            Rung(index, layer if layer < top else ALL_LAYERS, cost_bps, pixels, hz)
            for layer, (cost_bps, hz) in enumerate(zip(self.costs_bps, rates_hz, strict=True))
        )
        below = (
            tuple(
                replace(
                    rung,
                    spatial=spatial,
                    pixels=self.sizes.pixels_of(spatial, pixels),
                    cost_bps=max(round(rung.cost_bps * _share(shares, layer, top)), LEAST_BPS),
                )
                for layer, rung in enumerate(whole)
            )
            for spatial, shares in enumerate(self.sizes.shares)
        )
        return (*below, whole)


def _share(shares: Sequence[float], layer: int, top: int) -> float:
    """Give a size's share with some temporal layers; the highest is all there are."""
    return shares[-1] if layer == top else shares[min(layer, len(shares) - 1)]


def _alike(
    costs_bps: Sequence[int],
    told_bps: Sequence[int],
    least: float = CHEAPER_SHARE,
    most: float = DEARER_SHARE,
) -> bool:
    """Whether costs are so near to what was told that they are no news."""
    return len(costs_bps) == len(told_bps) and all(
        least * told <= cost <= most * told for cost, told in zip(costs_bps, told_bps, strict=True)
    )
