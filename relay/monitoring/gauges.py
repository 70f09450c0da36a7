"""Count what there is just now: rooms, people, legs, tracks.

Reads and changes nothing; one walk over the open rooms for each scrape. Called by `relay.service`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from relay.layers.state import State
from relay.legs.leg import NO_TRACK
from relay.metrics import of_rooms, of_silences, table
from relay.metrics.collector import Gauges
from relay.metrics.metric import Metric
from relay.metrics.tally import Labels
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Kind, Role
from relay.rooms.seat_states import SeatState
from relay.rooms.standing import Standing
from relay.seats.seating import Seating
from relay.trouble import Stage


def gauges(
    seating: Seating, receivers: Mapping[State, int], silences: Mapping[Stage, int]
) -> Gauges:
    """Give every gauge of the table; a role or state that is empty is there, as 0."""
    roles: Counter[Labels] = Counter()
    states: Counter[Labels] = Counter()
    tracks: Counter[Labels] = Counter()
    kept = waiting = 0
    for place in seating.all_places():
        is_in = place.participant.standing is Standing.ADMITTED
        waiting += not is_in
        roles[(place.participant.role.value,)] += is_in
        kept += place.state is SeatState.KEPT
        for leg in place.legs():
            states[(leg.state.value,)] += 1
            carrying = (slot.kind for slot in leg.slots.values() if slot.track != NO_TRACK)
            tracks.update(("egress", kind.value) for kind in carrying)
        published = place.participant.publications.values()
        tracks.update(("ingress", publication.kind.value) for publication in published)
    return {
        table.ROOMS: {(): len(seating.rooms)},
        table.PARTICIPANTS: _with_zeros(roles, [(role.value,) for role in Role]),
        of_rooms.WAITING: {(): waiting},
        table.SEATS_KEPT: {(): kept},
        table.LEGS: _with_zeros(states, [(state.value,) for state in LIVE]),
        table.TRACKS: _with_zeros(
            tracks, [(d, kind.value) for d in ("ingress", "egress") for kind in Kind]
        ),
        table.RECEIVERS: {(state.value,): receivers.get(state, 0) for state in State},
        of_silences.SILENCES: {(stage.value,): silences.get(stage, 0) for stage in Stage},
        table.DRAINING: {(): seating.draining},
    }


def status(values: Mapping[Metric, Mapping[Labels, float]]) -> dict[str, int | float]:
    """Give the same in short, for people: totals by name without the prefix."""
    return {
        metric.name.removeprefix("visavis_"): sum(series.values())
        for metric, series in values.items()
    }


def _with_zeros(counted: Mapping[Labels, float], labels: list[Labels]) -> dict[Labels, float]:
    return dict.fromkeys(labels, 0.0) | dict(counted)


LIVE = (LegState.CONNECTING, LegState.CONNECTED, LegState.INTERRUPTED)
