"""What a track offers, from what the engine tells of it; partial and incoherent as that may be.

Three tell: the publisher announces its layers with bitrates and sizes (video-layers-allocation; not
every browser does), the engine measures what arrives, and says when an encoding begins and ends.
What nobody has told is presumed. A publisher that lies spoils its own picture: every figure is
bounded, and what is measured counts where it is more.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeAlias

from relay.layers.encoding import AnnouncedLayer, Encoding, Grid
from relay.layers.ladder import Keeps, Offer, climb
from relay.layers.sizes import PIXELS_BETWEEN, LayerBytes, small_most_bps
from relay.layers.wire_cost import video_wire_bps

Measured: TypeAlias = tuple[int, int, int, Sequence[LayerBytes]]
"""Of an encoding, cumulative: packets, their bytes with RTP headers; for how many milliseconds none
has come; and the bytes of each of its layers."""

MOST_ENCODINGS: Final = 4
"""What two bits of video-layers-allocation can number."""


PRESUMED_BPS: Final = (1_700_000, 500_000, 150_000, 60_000)
"""Of an encoding nobody has heard of yet, the best first: libwebrtc's targets for 640x360 and
320x180 (`video/config/simulcast.cc`); above them what a path of 2.5 Mbit/s carries with its margin,
and the relay asks for no more (`TrackLayers.most_bps`)."""

SINGLE_COSTS_BPS: Final = (150_000, 225_000, 340_000, 510_000, 760_000, 1_140_000, 1_710_000)
"""What a track of one encoding can be asked to take, each half as much again: the least that
everybody who watches can have is what its encoder is told to make."""

PRESUMED_PIXELS: Final = 1280 * 720
SILENT_MS: Final = 2_000
"""As the engine's `EncodingStopped`."""


class TrackLayers:
    """One track of pictures."""

    def __init__(self, encodings: int) -> None:
        """Presume what nobody has told yet.

        Args:
            encodings: How many were negotiated; a track without simulcast has one.

        """
        count = max(1, min(encodings, MOST_ENCODINGS))
        self._encodings = [
            Encoding(PRESUMED_BPS[index], PRESUMED_PIXELS // PIXELS_BETWEEN**index)
            for index in range(count)
        ]
        self._all: Grid = ()
        self._sending: Grid = ()
        self._sent_bps: tuple[tuple[int, ...], ...] = ()
        self.most_bps: tuple[int, ...] = ()
        """Of each encoding, beside others; without headers."""
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
        known.arrives, known.withdrawn, known.last_bps = True, False, 0.0
        return self._refresh()

    def stop(self, encoding: int) -> bool:
        """Take that an encoding's packets have ceased; whether the offer has changed."""
        if not 0 <= encoding < len(self._encodings):
            return False
        self._encodings[encoding].arrives = False
        return self._refresh()

    def miss(self, vain: Collection[int]) -> bool:
        """Take which encodings are asked for in vain: nobody counts on them (`Vain`).

        Returns:
            Whether the offer has changed.

        """
        has_changed = False
        for index, encoding in enumerate(self._encodings):
            has_changed |= (index in vain) is not encoding.missed
            encoding.missed = index in vain
        # Asked in every round, of every track: nearly always of no news.
        return has_changed and self._refresh()

    @property
    def sending(self) -> frozenset[int]:
        """The encodings that come."""
        return frozenset(index for index, each in enumerate(self._encodings) if each.sends)

    @property
    def pixels(self) -> int:
        """Of the best encoding, as its publisher says; 0 where it does not."""
        return self._encodings[0].pixels

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
        if best.costs_bps[-1] > most_wire_bps:
            # A calm picture counts little, which is no news; this is.
            best.costs_bps = ()
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
        small = zip(PRESUMED_BPS[1:], pixels[1:], strict=False)
        small_bps = [min(bps, small_most_bps(size)) for bps, size in small]
        self.most_bps = (PRESUMED_BPS[0], *small_bps)
        # Beside others, an encoding's sizes would not rise with them; no browser sends both.
        is_sole = len(self._encodings) == 1
        grid = tuple(
            rungs
            for index, encoding in reversed(tuple(enumerate(self._encodings)))
            for rungs in encoding.rungs(index, pixels[index])[0 if is_sole else -1 :]
            if not encoding.missed or encoding.sends
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
