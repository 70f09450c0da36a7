"""Writes the traces that are shipped: `python -m benchmarks.adaptation.make_traces`.

They are generated, not recorded: a rate that wanders (the logarithm of it, pulled back to its mean,
as measured cellular rates do), cut by pauses. They are meant to be hard in the ways in which mobile
networks are, not to stand for one operator's.
"""

from __future__ import annotations

import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent / "traces"
OPPORTUNITY_BITS: Final = 1_504 * 8
"""What one line carries (codecs/loadgen/src/emulator/trace.rs)."""

STEP_MS: Final = 20
"""How often the rate moves."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a trace is made."""

    name: str
    seed: int
    lasts_ms: int
    median_bps: float
    spread: float
    """Standard deviation of the rate's natural logarithm."""
    memory_ms: float
    """How long the rate remembers where it was."""
    most_bps: float
    pause_every_ms: float
    """Mean time between hand-overs, in which nothing passes."""
    pause_ms: tuple[int, int]
    grid_ms: int
    """Packets pass at multiples of this: a scheduler serves each phone now and then."""
    tunnels_ms: tuple[tuple[int, int], ...] = ()
    """From when to when there is nearly nothing."""


LTE: Final = Recipe(
    name="lte",
    seed=20_261,
    lasts_ms=12_000,
    median_bps=2_400_000,
    spread=0.45,
    memory_ms=400,
    most_bps=8_000_000,
    pause_every_ms=3_000,
    pause_ms=(40, 120),
    grid_ms=4,
)
TRAIN: Final = Recipe(
    name="train",
    seed=20_262,
    lasts_ms=40_000,
    median_bps=850_000,
    spread=0.8,
    memory_ms=2_500,
    most_bps=4_000_000,
    pause_every_ms=8_000,
    pause_ms=(300, 900),
    grid_ms=8,
    tunnels_ms=((14_000, 18_500), (31_000, 33_000)),
)
RECIPES: Final = (LTE, TRAIN)

_TUNNEL_BPS: Final = 20_000


def lines_of(recipe: Recipe) -> list[int]:
    """Give a trace: the milliseconds of its opportunities."""
    chance = random.Random(recipe.seed)
    kept = math.exp(-STEP_MS / recipe.memory_ms)
    moved = recipe.spread * math.sqrt(1 - kept * kept)
    wandered, waiting_bits, paused_until_ms = 0.0, 0.0, 0
    found = []
    for now_ms in range(1, recipe.lasts_ms + 1):
        if now_ms % STEP_MS == 0:
            wandered = kept * wandered + moved * chance.gauss(0, 1)
            if chance.random() < STEP_MS / recipe.pause_every_ms:
                paused_until_ms = now_ms + chance.randint(*recipe.pause_ms)
        rate_bps = min(recipe.most_bps, recipe.median_bps * math.exp(wandered))
        if any(begin <= now_ms < end for begin, end in recipe.tunnels_ms):
            rate_bps = min(rate_bps, _TUNNEL_BPS)
        if now_ms < paused_until_ms:
            continue
        waiting_bits += rate_bps / 1_000
        if now_ms % recipe.grid_ms == 0:
            count = int(waiting_bits // OPPORTUNITY_BITS)
            waiting_bits -= count * OPPORTUNITY_BITS
            found.extend([now_ms] * count)
    # The last line is the period.
    return [*found, recipe.lasts_ms]


def text_of(recipe: Recipe) -> str:
    """Give a trace as its file has it."""
    return "".join(f"{moment_ms}\n" for moment_ms in lines_of(recipe))


def path_of(recipe: Recipe) -> Path:
    """Say where a trace is."""
    return FOLDER / f"{recipe.name}.trace"


def main() -> int:
    """Write them all, and say what they are."""
    for recipe in RECIPES:
        lines = lines_of(recipe)
        path = path_of(recipe)
        path.write_text(text_of(recipe))
        mean_bps = len(lines) * OPPORTUNITY_BITS * 1_000 / lines[-1]
        size_kb = path.stat().st_size / 1_000
        print(
            f"{path}: {lines[-1] / 1_000:g} s, mean {mean_bps / 1e6:.2f} Mbit/s, {size_kb:.1f} kB"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
