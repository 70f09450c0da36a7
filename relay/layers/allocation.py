"""Spend a budget on pictures, in the order in which they matter.

Everybody is seen before anybody is seen well; then those of high priority are seen well, then the
others, then all get better in the same order. A step that does not fit is left out, and what
remains goes to those after it. So more to spend never takes away anything but what matters less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from relay.layers.demand import Priority
from relay.layers.ladder import SAME_FRAME_RATE, Ladder, Rung

UNREACHABLE_BPS: Final = 1 << 62
"""Of a step there is not."""

WELL_PIXELS: Final = 640 * 360
WELL_HZ: Final = 15.0
"""A face can be read on half a screen. JVB's allocator prefers the same before all others get more
(`preferredHeightPx` 360); below 15 frames a second speech and lips fall apart."""

Step: TypeAlias = tuple[int, int, int]
"""Which ladder, which of its rungs (from 1), and what it costs more than the one below, bit/s."""


class Spent(NamedTuple):
    """What a budget buys."""

    levels: list[int]
    """For each ladder, how many rungs were climbed; 0 is none."""
    spent_bps: int
    next_bps: int
    """The least budget that would buy anything else; `UNREACHABLE_BPS` where all is bought."""
    next_ladder: int
    """On which ladder that would be; -1 where all is bought."""


def plan(ladders: Sequence[Ladder], priorities: Sequence[Priority]) -> tuple[Step, ...]:
    """Put all steps of some ladders in the order in which they matter.

    Args:
        ladders: Of one receiver's slots; of two of the same priority the first comes first.
        priorities: For each ladder.

    """
    keyed: list[tuple[int, int, int, int, Step]] = []
    for which, (ladder, priority) in enumerate(zip(ladders, priorities, strict=True)):
        below_bps, stage = 0, 0
        for level, rung in enumerate(ladder, start=1):
            step = (which, level, rung.cost_bps - below_bps)
            keyed.append((stage, -priority, level, which, step))
            below_bps = rung.cost_bps
            stage = max(stage, 2 if _is_well(rung) else 1)
    keyed.sort()
    return tuple(step for *_, step in keyed)


def spend(steps: Sequence[Step], count: int, budget_bps: float) -> Spent:
    """Buy what fits, in order; never more than the budget.

    Args:
        steps: As `plan` gives them.
        count: How many ladders there are.
        budget_bps: May be below nothing; then nothing is bought.

    """
    levels = [0] * count
    spent_bps, next_bps, next_ladder = 0, UNREACHABLE_BPS, -1
    for ladder, level, step_bps in steps:
        if levels[ladder] != level - 1:
            continue  # the rung below it did not fit
        with_it_bps = spent_bps + step_bps
        if with_it_bps <= budget_bps:
            spent_bps = with_it_bps
            levels[ladder] = level
        elif with_it_bps < next_bps:
            next_bps, next_ladder = with_it_bps, ladder
    return Spent(levels, spent_bps, next_bps, next_ladder)


def most_bps(ladders: Sequence[Ladder]) -> int:
    """Give what everything at its best would cost."""
    return sum(ladder[-1].cost_bps for ladder in ladders if ladder)


def _is_well(rung: Rung) -> bool:
    return rung.pixels >= WELL_PIXELS and rung.frame_rate_hz >= SAME_FRAME_RATE * WELL_HZ
