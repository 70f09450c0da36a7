"""How many cores and machines carry a peak with a zone lost.

Pure. Converted by relayed packets, never by consultations: a consultation of the plan is larger or
smaller than the benchmark's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from relay.planning.assumptions import Assumptions
from relay.planning.capacity import Capacity
from relay.planning.erlang import slots_for
from relay.planning.load import SessionTraffic

GIGA: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Machines, equally many in every zone."""

    provision: int
    """Session slots in all zones together."""
    cores: int
    """That relay, in all zones together."""
    nodes: int
    limited_by: Literal["processor", "network"]
    surviving_nodes: int
    """While one zone is lost; all of them where there is one zone only."""


def fleet(
    peak_sessions: float,
    traffic: SessionTraffic,
    capacity: Capacity,
    given: Assumptions,
    *,
    annual_average: bool,
    practitioners: int | None = None,
) -> Fleet:
    """Size the machines: season, then blocking, then the loss of a zone, then room to breathe.

    What is left after the loss of a zone carries the slots at `node_load_share` of its capacity.

    Args:
        peak_sessions: Of the week that was asked for.
        traffic: Of a mean consultation.
        capacity: Of a core.
        given: What is assumed.
        annual_average: Whether that week is a mean one, so that busier ones come.
        practitioners: A ceiling that no season lifts.

    """
    season = given.season_factor if annual_average else 1.0
    slots = slots_within(peak_sessions * season, given.blocking, practitioners)
    surviving_zones = max(1, given.zones - 1)
    packets_per_s = slots * traffic.relayed_packets_per_s
    core_packets_per_s = capacity.relayed_packets_per_core_per_s * given.node_load_share
    cores_a_zone = math.ceil(packets_per_s / core_packets_per_s / surviving_zones)
    busier_bps = slots * max(traffic.bits_in_per_s, traffic.bits_out_per_s)
    node_bps = given.node_gbit_s * GIGA * given.node_load_share
    by_processor = math.ceil(cores_a_zone / given.cores_per_node)
    by_network = math.ceil(busier_bps / node_bps / surviving_zones)
    nodes_a_zone = max(by_processor, by_network)
    return Fleet(
        provision=math.ceil(slots * given.zones / surviving_zones),
        cores=cores_a_zone * given.zones,
        nodes=nodes_a_zone * given.zones,
        limited_by="network" if by_network > by_processor else "processor",
        surviving_nodes=nodes_a_zone * surviving_zones,
    )


def slots_within(load_erlang: float, blocking: float, practitioners: int | None) -> int:
    """Give the slots for a load; where every practitioner has one, nobody can ask for more."""
    if practitioners is not None and practitioners <= load_erlang:
        return practitioners
    slots = slots_for(load_erlang, blocking)
    return slots if practitioners is None else min(slots, practitioners)
