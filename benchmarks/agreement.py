"""The planner held against the published load study: figure by figure, as relative deviations.

Pure but for reading the study, `load_study.json`, which was computed by others with a program of
their own; its figures are rounded to two or three digits.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from relay.planning.assumptions import Assumptions
from relay.planning.capacity import Capacity
from relay.planning.erlang import load_for
from relay.planning.load import ripple_of
from relay.planning.plan import Plan, make_plan
from relay.planning.scenarios import at_end, gbit_of, influences, packets_of

STUDY: Final = Path(__file__).with_name("load_study.json")
AGREES: Final = 0.05
"""Relative; the study's rounding alone is up to 0.045 where it gives two digits."""

OUTPUTS: Final = {
    1: "load in the busy hour",
    2: "low and high case",
    3: "Erlang B",
    4: "ceilings",
    5: "one input at a time",
    6: "slot ripple",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One published figure and ours."""

    output: int
    """Of the study's tables, a key of `OUTPUTS`."""
    words: str
    published: float
    ours: float

    @property
    def deviation(self) -> float:
        """How far ours is off, relative to what was published."""
        return abs(self.ours - self.published) / self.published


def study() -> dict[str, Any]:
    """Read the study."""
    read: dict[str, Any] = json.loads(STUDY.read_text())
    return read


def compare(capacity: Capacity) -> list[Comparison]:
    """Compute everything the study published; the capacity moves none of it."""
    published, given = study(), Assumptions()
    return [
        *_weeks(published["weeks"], given, capacity),
        *_pools(published["pools"], given),
        *_ceilings(published["ceilings"], given),
        *_influences(published["influences"], given),
        *_ripples(published["ripple"]),
    ]


def planned(week: dict[str, Any], given: Assumptions, capacity: Capacity) -> Plan:
    """Plan for one of the study's weeks."""
    return make_plan(week["weekly"], given, capacity, annual_average=week["annual_average"])


def _weeks(
    weeks: list[dict[str, Any]], given: Assumptions, capacity: Capacity
) -> Iterator[Comparison]:
    cases = (at_end(given, "low"), given, at_end(given, "high"))
    for week in weeks:
        figures = planned(week, given, capacity).figures()
        for name, value in week["figures"].items():
            yield Comparison(1, f"{week['weekly']:,} a week, {name}", value, figures[name])
        for end, case in enumerate(cases):
            found = planned(week, case, capacity).figures()
            found["gbit"] = found["gbit_in"] + found["gbit_out"]
            for name, values in week["range"].items():
                words = f"{week['weekly']:,} a week, {name}, {('low', 'central', 'high')[end]}"
                yield Comparison(2, words, values[end], found[name])


def _pools(pools: list[dict[str, Any]], given: Assumptions) -> Iterator[Comparison]:
    for pool in pools:
        slots = pool["slots"]
        carried = load_for(slots, given.blocking)
        yield Comparison(3, f"what {slots:,} slots carry", pool["load_erlang"], carried)


def _ceilings(ceilings: list[dict[str, Any]], given: Assumptions) -> Iterator[Comparison]:
    for ceiling in ceilings:
        words, sessions = ceiling["words"], ceiling["sessions"]
        yield Comparison(4, f"{words}, Gbit/s", ceiling["gbit"], gbit_of(sessions, given))
        packets = packets_of(sessions, given)
        yield Comparison(4, f"{words}, packets/s", ceiling["packets_per_s"], packets)


def _influences(published: dict[str, Any], given: Assumptions) -> Iterator[Comparison]:
    ours = {each.words: each for each in influences(published["weekly"], given)}
    for row in published["rows"]:
        found = ours[row["words"]]
        for end, name in enumerate(("low", "high")):
            words = f"{row['words']}, {name}"
            yield Comparison(
                5, f"{words}: at once", row["peak_sessions"][end], found.peak_sessions[end]
            )
            yield Comparison(5, f"{words}: Gbit/s", row["gbit"][end], found.gbit[end])


def _ripples(published: dict[str, Any]) -> Iterator[Comparison]:
    for row in published["rows"]:
        for jitter_min, value in zip(published["start_jitter_min"], row["ripple"], strict=True):
            given = Assumptions(
                mean_duration_min=row["mean_duration_min"], start_jitter_min=jitter_min
            )
            words = f"{row['mean_duration_min']:g} min, jitter {jitter_min} min"
            yield Comparison(6, words, value, ripple_of(given))
