"""A plan: the load of a week, and the machines that carry it.

Pure. `document` is what `visavis plan --json` prints; its keys are stable.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final

from relay.planning.assumptions import Assumptions
from relay.planning.capacity import Capacity
from relay.planning.fleet import GIGA, Fleet, fleet, slots_within
from relay.planning.load import Load, SessionTraffic, busiest_hour, session_traffic

TERA: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was asked, what was assumed and what follows."""

    weekly: int
    annual_average: bool
    practitioners: int | None
    given: Assumptions
    capacity: Capacity
    load: Load
    traffic: SessionTraffic
    slots_for_blocking: int
    fleet: Fleet

    @property
    def gbit_in(self) -> float:
        """Towards the relay at the peak, Gbit/s."""
        return self.load.peak_sessions * self.traffic.bits_in_per_s / GIGA

    @property
    def gbit_out(self) -> float:
        """From the relay at the peak, Gbit/s."""
        return self.load.peak_sessions * self.traffic.bits_out_per_s / GIGA

    @property
    def recorded_tb_per_week(self) -> float:
        """If every published track of every consultation is stored."""
        return self.weekly * self.traffic.recorded_bytes / TERA

    def figures(self) -> dict[str, float | int]:
        """Give every figure by its name."""
        load, traffic, machines = self.load, self.traffic, self.fleet
        return {
            "mean_sessions": load.mean_sessions,
            "busy_hour_starts": load.busy_hour_starts,
            "slot_ripple": load.slot_ripple,
            "peak_sessions": load.peak_sessions,
            "peak_participants": load.peak_participants,
            "waiting_room": load.waiting_room,
            "joins_per_s": load.joins_per_s,
            "joins_burst_per_s": load.joins_burst_per_s,
            "joins_storm_per_s": load.joins_storm_per_s,
            "gbit_in": self.gbit_in,
            "gbit_out": self.gbit_out,
            "packets_in_per_s": load.peak_sessions * traffic.packets_in_per_s,
            "packets_out_per_s": load.peak_sessions * traffic.packets_out_per_s,
            "relayed_packets_per_s": load.peak_sessions * traffic.relayed_packets_per_s,
            "recorded_tb_per_week": self.recorded_tb_per_week,
            "recorded_audio_tb_per_week": self.weekly * traffic.recorded_audio_bytes / TERA,
            "slots_for_blocking": self.slots_for_blocking,
            "provision": machines.provision,
            "cores": machines.cores,
            "nodes": machines.nodes,
            "storm_joins_per_node_per_s": load.joins_storm_per_s / machines.surviving_nodes,
        }

    def rounded_figures(self) -> dict[str, float | int]:
        """Give every figure by its name, without digits that mean nothing."""
        return {name: round(value, 6) for name, value in self.figures().items()}

    def document(self) -> dict[str, Any]:
        """Give the plan as JSON has it."""
        return {
            "weekly": self.weekly,
            "annual_average": self.annual_average,
            "practitioners": self.practitioners,
            **self.rounded_figures(),
            "limited_by": self.fleet.limited_by,
            "held_by_practitioners": self.load.held_by_practitioners,
            "session": {name: round(value, 3) for name, value in asdict(self.traffic).items()},
            "capacity": {name: getattr(self.capacity, name) for name in _CAPACITY},
            "assumptions": asdict(self.given),
        }


_CAPACITY: Final = Capacity.__struct_fields__


def make_plan(
    weekly: int,
    given: Assumptions,
    capacity: Capacity,
    *,
    annual_average: bool = False,
    practitioners: int | None = None,
) -> Plan:
    """Plan for a week.

    Args:
        weekly: Consultations of that week.
        given: What is assumed.
        capacity: What a core carries.
        annual_average: Whether it is a mean week: the machines are then sized for the season's
            peak, the load stays that week's.
        practitioners: Who work at once, if that is known.

    Raises:
        ConfigurationError: There is no such week, or nobody works in it.

    """
    load = busiest_hour(weekly, given, practitioners)
    traffic = session_traffic(given)
    return Plan(
        weekly=weekly,
        annual_average=annual_average,
        practitioners=practitioners,
        given=given,
        capacity=capacity,
        load=load,
        traffic=traffic,
        slots_for_blocking=slots_within(load.peak_sessions, given.blocking, practitioners),
        fleet=fleet(
            load.peak_sessions,
            traffic,
            capacity,
            given,
            annual_average=annual_average,
            practitioners=practitioners,
        ),
    )
