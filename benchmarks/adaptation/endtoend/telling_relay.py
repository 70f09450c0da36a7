"""The relay as it is served, which also writes down what it believes of each path, and when.

    python -m benchmarks.adaptation.endtoend.telling_relay FILE serve --config …

An operator reads estimates once a second, over all participants. Whether one follows a link within
a second takes each of them by itself. `estimates` reads the file: a line `NS LEG` for each leg that
is prepared, and `NS LEG RATE ESTIMATE` (monotonic, bit/s) wherever an estimate has moved; `layers`
reads `NS LEG layer SLOT ENCODING SPATIAL TEMPORAL` and `NS LEG paused SLOT 0` (or 1), what is asked
of a leg's slots. Nothing else of the relay differs from `visavis`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO
from unittest.mock import patch

from relay import service
from relay.engine import EngineLeg, MediaEngine
from relay.ids import LegId, SlotId, WorkerIndex
from signalling.__main__ import cli


def telling_engine(out: TextIO) -> type[MediaEngine]:
    """Give an engine that writes down what it prepares and what it is told."""

    class TellingLeg(EngineLeg):
        """Tells what its slots are to send, as the worker is told."""

        def set_layer(self, slot: SlotId, encoding: int, spatial: int, temporal: int) -> None:
            """Choose encoding and highest layers, and say so."""
            super().set_layer(slot, encoding, spatial, temporal)
            words = f"layer {slot} {encoding} {spatial} {temporal}"
            out.write(f"{time.monotonic_ns()} {self.id} {words}\n")

        def set_paused(self, slot: SlotId, *, paused: bool) -> None:
            """Send nothing on a line for now, or go on, and say so."""
            super().set_paused(slot, paused=paused)
            out.write(f"{time.monotonic_ns()} {self.id} paused {slot} {int(paused)}\n")

    class TellingEngine(MediaEngine):
        """Tells what everybody else is told, at the same moment."""

        def leg(self, worker: WorkerIndex) -> EngineLeg:
            """Prepare a leg, and say so."""
            prepared = TellingLeg(self, self._owners, self._ids, worker)
            out.write(f"{time.monotonic_ns()} {prepared.id}\n")
            return prepared

        def heeds_estimates(self, heed: Callable[[list[LegId]], None]) -> None:
            """Have somebody told of estimates once they are written down."""

            def told(legs: list[LegId]) -> None:
                at_ns = time.monotonic_ns()
                for leg in legs:
                    known = self.reports.estimates.get(leg)
                    if known is not None:
                        out.write(f"{at_ns} {leg} {known.rate_bps} {known.estimate_bps}\n")
                heed(legs)

            super().heeds_estimates(told)

    return TellingEngine


def main(arguments: Sequence[str]) -> None:
    """Serve, and write into the file of the first argument."""
    path, *rest = arguments
    with (
        Path(path).open("w", buffering=1) as out,
        patch.object(service, "MediaEngine", telling_engine(out)),
    ):
        cli(rest)


if __name__ == "__main__":
    main(sys.argv[1:])
