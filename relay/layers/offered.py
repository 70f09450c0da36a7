"""What a track offers, from what the engine tells of it; partial and incoherent as that may be.

Three tell: the publisher announces its layers with bitrates and sizes (video-layers-allocation; not
every browser does), the engine measures what arrives, and says when an encoding begins and ends.
What nobody has told is presumed. A publisher that lies spoils its own picture: every figure is
bounded, and what is measured counts where it is more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final, TypeAlias

from relay.layers.ladder import ALL_LAYERS, Keeps, Offer, Rung, climb
from relay.layers.sizes import LayerBytes, Sizes
from relay.layers.wire_cost import received_wire_bps, video_wire_bps

AnnouncedLayer: TypeAlias = tuple[int, int, int, int, int, Sequence[int]]
"""As the engine's `LayersChanged` has it: encoding, spatial layer, width, height, highest frame
rate (0: unknown), kbit/s by temporal layer, each with all it needs."""

Measured: TypeAlias = tuple[int, int, int, Sequence[LayerBytes]]
"""Of an encoding, cumulative: packets, their bytes with RTP headers; for how many milliseconds none
has come; and the bytes of each of its layers."""

MOST_ENCODINGS: Final = 4
"""What two bits of video-layers-allocation can number."""

MOST_TEMPORAL: Final = 4
"""Likewise."""

PRESUMED_BPS: Final = (1_700_000, 500_000, 150_000, 60_000)
"""Of an encoding nobody has heard of yet, the best first: libwebrtc's targets for 640x360 and
320x180 (`video/config/simulcast.cc`); above them what a path of 2.5 Mbit/s carries with its margin,
and the relay asks for no more (`publishing.MULTI_MOST_BPS`)."""

SINGLE_COSTS_BPS: Final = (150_000, 225_000, 340_000, 510_000, 760_000, 1_140_000, 1_710_000)
"""What a track of one encoding can be asked to take, each half as much again: the least that
everybody who watches can have is what its encoder is told to make."""

PRESUMED_PIXELS: Final = 1280 * 720
PRESUMED_HZ: Final = 30.0
PIXELS_BETWEEN: Final = 4
"""Encodings halve both sides (`scaleResolutionDownBy` 1, 2, 4)."""

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

SILENT_MS: Final = 2_000
"""As the engine's `EncodingStopped`."""

Grid: TypeAlias = tuple[tuple[Rung, ...], ...]


@dataclass(slots=True)
class _Encoding:
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
        return self.arrives and not self.withdrawn

    def announce(self, rows: Sequence[AnnouncedLayer]) -> None:
        """Take its spatial layers, the lowest first; each needs those below it."""
        _, _, width, height, frame_rate_hz, _ = rows[-1]
        if width > 0 and height > 0:
            self.pixels = min(width * height, MOST_PIXELS)
        kbit_s = [sum(at) for at in zip_longest(*(row[5] for row in rows), fillvalue=0)]
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

    def rungs(self, index: int, pixels: int) -> Grid:
        """Give its rungs, by spatial layer, then by temporal layer."""
        layers = self.announced_bps or (0,)
        top = len(layers) - 1
        rates_hz = [self.frame_rate_hz / 2 ** (top - layer) for layer in range(top + 1)]
        wire = [video_wire_bps(bps, hz) for bps, hz in zip(layers, rates_hz, strict=True)]
        if not self.announced_bps:
            wire = [self.measured_bps or video_wire_bps(self.presumed_bps, PRESUMED_HZ)]
        times = max(wire[top], self.measured_bps) / wire[top]
        costs = tuple(round(max(times * each, LEAST_BPS)) for each in wire)
        if not _alike(costs, self.costs_bps):
            self.costs_bps = costs
        share = self.last_bps / costs[top] if self.last_bps else 1.0
        sent = tuple(round(share * each) for each in costs)
        if not _alike(sent, self.sent_bps):
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
                    cost_bps=max(round(rung.cost_bps * shares[min(layer, len(shares) - 1)]), 1),
                )
                for layer, rung in enumerate(whole)
            )
            for spatial, shares in enumerate(self.sizes.shares)
        )
        return (*below, whole)


class TrackLayers:
    """One track of pictures."""

    def __init__(self, encodings: int) -> None:
        """Presume what nobody has told yet.

        Args:
            encodings: How many were negotiated; a track without simulcast has one.

        """
        count = max(1, min(encodings, MOST_ENCODINGS))
        self._encodings = [
            _Encoding(PRESUMED_BPS[index], PRESUMED_PIXELS // PIXELS_BETWEEN**index)
            for index in range(count)
        ]
        self._all: Grid = ()
        self._sending: Grid = ()
        self._sent_bps: tuple[tuple[int, ...], ...] = ()
        self._offers: dict[Keeps, Offer] = {}
        self._refresh()

    @property
    def encodings(self) -> int:
        """How many there are."""
        return len(self._encodings)

    @property
    def has_sizes(self) -> bool:
        """Whether one stream carries several sizes, so that nobody's path limits the others."""
        return bool(self._encodings[0].sizes.shares)

    def announce_untrusted(self, rows: Sequence[AnnouncedLayer]) -> bool:
        """Take what the publisher says of its layers; what it leaves out it does not send.

        Returns:
            Whether the offer has changed.

        """
        for index, encoding in enumerate(self._encodings):
            said = sorted((row for row in rows if row[0] == index), key=lambda row: row[1])
            encoding.withdrawn = not said
            if said:
                encoding.announce(said)
        return self._refresh()

    def start(self, encoding: int) -> bool:
        """Take that an encoding's packets have begun to come; whether the offer has changed."""
        if not 0 <= encoding < len(self._encodings):
            return False
        known = self._encodings[encoding]
        # What was said before it began was said of another time.
        known.arrives, known.withdrawn = True, False
        return self._refresh()

    def stop(self, encoding: int) -> bool:
        """Take that an encoding's packets have ceased; whether the offer has changed."""
        if not 0 <= encoding < len(self._encodings):
            return False
        self._encodings[encoding].arrives = False
        return self._refresh()

    def measure(self, rows: Mapping[int, Measured], now_us: int) -> bool:
        """Take the engine's cumulative figures.

        Args:
            rows: By encoding.
            now_us: The relay's clock.

        Returns:
            Whether the offer has changed.

        """
        for index, (packets, rtp_bytes, silent_ms, layers) in rows.items():
            if 0 <= index < len(self._encodings):
                encoding = self._encodings[index]
                encoding.arrives = packets > 0 and silent_ms < SILENT_MS
                encoding.measure(packets, rtp_bytes, now_us)
                encoding.sizes.measure(layers)
        return self._refresh()

    def limit(self, most_bps: int) -> bool:
        """Take that the best encoding was told to make no more; whether the offer has changed.

        Its publisher obeys within a frame or two; if not, the next measurement tells.
        """
        best = self._encodings[0]
        best.presumed_bps = most_bps
        best.announced_bps = tuple(min(bps, most_bps) for bps in best.announced_bps)
        most_wire_bps = video_wire_bps(most_bps, best.frame_rate_hz)
        best.measured_bps = min(best.measured_bps, most_wire_bps)
        best.last_bps = min(best.last_bps, most_wire_bps)
        return self._refresh()

    def offer(self, keeps: Keeps) -> Offer:
        """Give what can be had; the same object until something changes."""
        known = self._offers.get(keeps)
        if known is None:
            now = possible = climb(self._all, keeps)
            if len(self._encodings) == 1 and not self.has_sizes:
                possible = tuple(replace(possible[-1], cost_bps=bps) for bps in SINGLE_COSTS_BPS)
            if self._sending is not self._all:
                now = climb(self._sending, keeps)
            known = self._offers[keeps] = Offer(now, possible)
        return known

    def costs_bps(self, encoding: int) -> tuple[int, ...]:
        """Give what an encoding takes, by temporal layer: calm moments count little."""
        return self._encodings[encoding].costs_bps

    def sent_bps(self, encoding: int) -> tuple[int, ...]:
        """Give what an encoding took in the last second, by temporal layer."""
        return self._encodings[encoding].sent_bps

    def _refresh(self) -> bool:
        pixels = self._pixels()
        grid = tuple(
            rungs
            for index, encoding in reversed(tuple(enumerate(self._encodings)))
            for rungs in encoding.rungs(index, pixels[index])
        )
        sending = tuple(rungs for rungs in grid if self._encodings[rungs[0].encoding].sends)
        sent_bps = tuple(encoding.sent_bps for encoding in self._encodings)
        is_sent_anew, self._sent_bps = sent_bps != self._sent_bps, sent_bps
        if grid == self._all and sending == self._sending:
            return is_sent_anew
        self._all = grid
        self._sending = grid if len(sending) == len(grid) else sending
        self._offers.clear()
        return True

    def _pixels(self) -> list[int]:
        """Give every encoding's size; a better one is never smaller."""
        known = [index for index, each in enumerate(self._encodings) if each.pixels]
        sizes: list[int] = []
        for index, encoding in enumerate(self._encodings):
            size = encoding.pixels
            if not size and known:
                nearest = min(known, key=lambda other: abs(other - index))
                told = self._encodings[nearest].pixels
                steps = nearest - index
                size = told * PIXELS_BETWEEN**steps if steps > 0 else told // PIXELS_BETWEEN**-steps
            sizes.append(max(size or encoding.presumed_pixels, 1))
        for index in range(len(sizes) - 2, -1, -1):
            sizes[index] = max(sizes[index], sizes[index + 1])
        return sizes


def _alike(costs_bps: Sequence[int], told_bps: Sequence[int]) -> bool:
    """Whether costs are so near to what was told that they are no news."""
    return len(costs_bps) == len(told_bps) and all(
        CHEAPER_SHARE * told <= cost <= DEARER_SHARE * told
        for cost, told in zip(costs_bps, told_bps, strict=True)
    )
