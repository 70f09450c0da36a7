"""Cameras as publishers announce them, and what a receiver of them wants."""

from __future__ import annotations

from collections.abc import Sequence

from relay.ids import SlotId
from relay.layers.demand import Demand, Priority
from relay.layers.encoding import AnnouncedLayer
from relay.layers.ladder import ALL_LAYERS, Keeps, Ladder, Offer, Rung
from relay.layers.offered import TrackLayers

CAMERA: Sequence[AnnouncedLayer] = (
    # Three encodings of three temporal layers, as Chromium splits VP8: 40, 60, 100 %.
    (0, 0, 1280, 720, 30, [600, 900, 1500]),
    (1, 0, 640, 360, 30, [200, 300, 500]),
    (2, 0, 320, 180, 30, [60, 90, 150]),
)


def camera(rows: Sequence[AnnouncedLayer] = CAMERA, encodings: int = 3) -> TrackLayers:
    """Give a track all of whose encodings arrive as they are announced."""
    layers = TrackLayers(encodings)
    for encoding in range(encodings):
        layers.start(encoding)
    layers.announce_untrusted(rows)
    return layers


def rung(encoding: int, cost_bps: int, pixels: int = 1, frame_rate_hz: float = 30.0) -> Rung:
    """Give a rung with all of its layers."""
    return Rung(encoding, ALL_LAYERS, cost_bps, pixels, frame_rate_hz)


def ladder(*costs_bps: int) -> Ladder:
    """Give a ladder of so many encodings, the best last."""
    top = len(costs_bps) - 1
    return tuple(
        rung(top - index, cost, 160 * 90 * 4**index) for index, cost in enumerate(costs_bps)
    )


def demand(
    slot: int, climbed: Ladder, priority: Priority = Priority.USUAL, now: Ladder | None = None
) -> Demand:
    """Give what a slot is to carry, all of which arrives unless said otherwise."""
    return Demand(SlotId(slot), Offer(climbed if now is None else now, climbed), priority)


def full_ladder(keeps: Keeps = Keeps.BOTH) -> Ladder:
    """Give the ladder of `CAMERA`."""
    return camera().offer(keeps).now
