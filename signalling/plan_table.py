"""A plan as people read it.

Pure text; numbers are written with as many digits as they deserve. Called by `signalling.plan`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final

from relay.planning.plan import Plan
from relay.planning.scenarios import Influence

_ROWS: Final = (
    ("In the busiest hour", None),
    ("consultations started", "busy_hour_starts"),
    ("consultations at once, at the crest", "peak_sessions"),
    ("participants", "peak_participants"),
    ("patients in waiting rooms", "waiting_room"),
    ("joins a second, mean", "joins_per_s"),
    ("joins a second, when a slot begins", "joins_burst_per_s"),
    ("joins a second, after a zone is lost", "joins_storm_per_s"),
    ("Network at that moment", None),
    ("Gbit/s in", "gbit_in"),
    ("Gbit/s out", "gbit_out"),
    ("packets a second in", "packets_in_per_s"),
    ("packets a second out", "packets_out_per_s"),
    ("Storage, were everything recorded", None),
    ("TB a week, all tracks", "recorded_tb_per_week"),
    ("TB a week, sound only", "recorded_audio_tb_per_week"),
    ("Machines", None),
    ("slots, all nodes pooled", "slots_for_blocking"),
    ("slots to provide", "provision"),
    ("cores", "cores"),
    ("nodes", "nodes"),
)
_NAME_WIDTH: Final = 40
_FIGURE_WIDTH: Final = 13


def plan_table(low: Plan, central: Plan, high: Plan) -> str:
    """Write a plan beside its low and high case."""
    figures = [each.figures() for each in (low, central, high)]
    lines = [
        f"{central.weekly:,} consultations a week",
        "",
        _line("", ("low", "central", "high")),
    ]
    for words, name in _ROWS:
        if name is None:
            lines += ["", words]
        else:
            lines.append(_line(f"  {words}", [written(each[name]) for each in figures]))
    for note in notes(central):
        lines += ["", *textwrap.wrap(note, width=_NAME_WIDTH + 3 * _FIGURE_WIDTH)]
    return "\n".join(lines)


def influence_table(central: Plan, found: Sequence[Influence]) -> str:
    """Write what each input's range does by itself."""
    gbit = central.gbit_in + central.gbit_out
    heading = (
        "One input at a time (all others as above: "
        f"{written(central.load.peak_sessions)} at once, {written(gbit)} Gbit/s in and out)"
    )
    lines = [heading, "", _line("", ("the input", "at once", "Gbit/s"), width=22)]
    lines += [
        _line(f"  {each.words}", [_span(pair) for pair in _pairs(each)], width=22) for each in found
    ]
    return "\n".join(lines)


def notes(plan: Plan) -> list[str]:
    """Say what the figures rest on."""
    given, capacity = plan.given, plan.capacity
    known = "measured" if capacity.measured else "NOT measured"
    where = f" ({capacity.processor})" if capacity.processor else ""
    zones = (
        f"{given.zones} zones of which one may be lost"
        if given.zones > 1
        else "one zone, which must not be lost"
    )
    season = (
        f"The week is an annual average: machines for {given.season_factor:g} times as much."
        if plan.annual_average
        else "The week is taken as it is; --annual-average sizes the machines for busier ones."
    )
    lines = [
        season,
        (
            f"{zones[0].upper()}{zones[1:]}; nodes of {given.cores_per_node} cores carry "
            f"{given.node_load_share:.0%} of their capacity when it counts."
        ),
        (
            f"A core carries {capacity.relayed_packets_per_core_per_s:,.0f} relayed packets a "
            f"second, {known}{where}. {capacity.words}"
        ),
    ]
    if plan.fleet.limited_by == "network":
        lines.append(
            f"The network decides how many nodes there are: {given.node_gbit_s:g} Gbit/s each."
        )
    if plan.load.held_by_practitioners:
        lines.append(
            f"{plan.practitioners:,} practitioners hold no more than as many consultations at "
            "once; the week asks for more."
        )
    return lines


def written(value: float) -> str:
    """Write a number with three significant digits, or whole where it is larger."""
    if isinstance(value, int) or value >= 100:  # noqa: PLR2004 - three digits
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _pairs(each: Influence) -> list[tuple[float, float]]:
    return [(each.low, each.high), each.peak_sessions, each.gbit]


def _span(pair: tuple[float, float]) -> str:
    return " - ".join(written(value) for value in pair)


def _line(name: str, figures: Sequence[str], width: int = _FIGURE_WIDTH) -> str:
    return name.ljust(_NAME_WIDTH) + "".join(figure.rjust(width) for figure in figures)
