"""The steps of one receiver's pictures, in the order in which they matter. Used by `receiver`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from relay.layers.allocation import Step, plan
from relay.layers.demand import Demand
from relay.layers.following import followed_rung
from relay.layers.ladder import Ladder


@dataclass(frozen=True, slots=True)
class Plan:
    """A ladder for each demand, and the steps of all."""

    ladders: tuple[Ladder, ...] = ()
    steps: tuple[Step, ...] = ()


def planned(demands: Sequence[Demand], ladders: Sequence[Ladder]) -> Plan:
    """Plan with one rung for each picture whose encoder follows."""
    ways = tuple(
        (followed_rung(demand.followed),) if demand.followed is not None else ladder
        for demand, ladder in zip(demands, ladders, strict=True)
    )
    return Plan(ways, plan(ways, [demand.priority for demand in demands]))


def withheld_bps(demand: Demand, ladder: Ladder) -> int:
    """Give how much more a picture would take if it were not made smaller for others."""
    if demand.followed is not None:
        return 0
    made_bps = ladder[-1].cost_bps if ladder else 0
    return max(demand.unlimited_bps - made_bps, 0)
