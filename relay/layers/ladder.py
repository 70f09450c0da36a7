"""The ladder of a track: what may be had of it, from the least to the best.

A rung is an encoding with some of its layers. Whether size or frame rate comes first on the way
up, and goes last on the way down, is the track's own affair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

ALL_LAYERS: Final = -1
"""Of an encoding, as the engine has it; there may be more than anybody has told."""

SAME_FRAME_RATE: Final = 0.9
"""29.97 frames a second are 30; temporal layers are a factor of two apart."""

HALVED: Final = 0.5


class Keeps(StrEnum):
    """What of a picture is given up last when less can be sent."""

    MOTION = "motion"
    """Sign language: it gets smaller before it jerks."""
    DETAIL = "detail"
    """A wound, a slide: it jerks before it blurs."""
    BOTH = "both"
    """A face: a picture of four times the size may have half the frames."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One encoding up to one of its temporal layers."""

    encoding: int
    """0 is the best, as in the engine."""
    temporal: int
    """The highest layer that is sent, or `ALL_LAYERS`."""
    cost_bps: int
    """On the wire, with all layers it needs."""
    pixels: int
    frame_rate_hz: float
    spatial: int = ALL_LAYERS
    """Likewise, of an encoding that carries several sizes."""


Ladder: TypeAlias = tuple[Rung, ...]
"""Rungs of strictly rising cost."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be had of a track; the same object as long as nothing of it changes."""

    now: Ladder
    """Of the encodings that arrive."""
    possible: Ladder
    """With those that would, if somebody wanted them; the same object if there are none."""


def climb(grid: Sequence[Sequence[Rung]], keeps: Keeps) -> Ladder:
    """Choose the way from the least that can be had to the best.

    Args:
        grid: By size from the smallest (an encoding, or a spatial layer of one), then by temporal
            layer.
        keeps: What is given up last, so what comes first.

    Returns:
        Rungs along which size never falls. Whatever costs no less than a better one is left out: a
        publisher's figures need not be coherent.

    """
    if not grid:
        return ()
    encoding = temporal = 0
    way = [grid[0][0]]
    while True:
        least_hz = SAME_FRAME_RATE * way[-1].frame_rate_hz * (HALVED if keeps is Keeps.BOTH else 1)
        can_smoothen = temporal + 1 < len(grid[encoding])
        can_sharpen = encoding + 1 < len(grid) and (
            keeps is not Keeps.MOTION or grid[encoding + 1][-1].frame_rate_hz >= least_hz
        )
        if can_smoothen and (keeps is not Keeps.DETAIL or not can_sharpen):
            temporal += 1
        elif can_sharpen:
            encoding += 1
            temporal = _as_smooth(grid[encoding], least_hz)
        else:
            return _worth_their_cost(way)
        way.append(grid[encoding][temporal])


def cost_at(ladder: Ladder, encoding: int, spatial: int, temporal: int) -> int:
    """Give what layers cost now, if they are still to be had; otherwise nothing."""
    wanted = (encoding, spatial, temporal)
    rungs = (rung for rung in ladder if (rung.encoding, rung.spatial, rung.temporal) == wanted)
    return sum(rung.cost_bps for rung in rungs)


def _as_smooth(rungs: Sequence[Rung], least_hz: float) -> int:
    """Find the fewest layers with at least so many frames, or all of them."""
    layers = (layer for layer, rung in enumerate(rungs) if rung.frame_rate_hz >= least_hz)
    return next(layers, len(rungs) - 1)


def _worth_their_cost(way: Sequence[Rung]) -> Ladder:
    kept: list[Rung] = []
    cheapest_bps: float = math.inf
    for rung in reversed(way):
        if rung.cost_bps < cheapest_bps:
            kept.append(rung)
            cheapest_bps = rung.cost_bps
    return tuple(reversed(kept))
