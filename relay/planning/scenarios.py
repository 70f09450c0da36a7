"""How far a plan can be off: all inputs at their ends, one at a time, and the hard ceilings.

Pure.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Final, Literal

from relay.planning.assumptions import Assumptions, meanings
from relay.planning.fleet import GIGA
from relay.planning.load import busiest_hour, session_traffic

End = Literal["low", "high"]

PARTIES: Final = ("three_party_share", "four_party_share", "five_party_share")

INFLUENCES: Final[dict[str, tuple[str, ...]]] = {
    "busiest day": ("peak_day_share",),
    "busiest hour": ("peak_hour_share",),
    "duration": ("mean_duration_min",),
    "parties": PARTIES,
    "participants with a picture": ("video_share",),
    "video bitrate": ("video_kbit_s",),
    "simulcast": ("simulcast_factor",),
    "spread of the durations": ("duration_cv",),
    "punctuality": ("start_jitter_min",),
}
"""Inputs that move the peak or the network, by what people call them."""

RANGE_INPUTS: Final = (
    "peak_day_share",
    "peak_hour_share",
    "mean_duration_min",
    *PARTIES,
    "video_share",
    "video_kbit_s",
    "simulcast_factor",
    "rejoin_factor",
    "slot_burst_factor",
)
"""What stands at its end in the low and the high case.

Punctuality and the spread of the durations stay: they move the ripple only, as `influences` shows.
"""


def at_end(given: Assumptions, end: End, chosen: AbstractSet[str] = frozenset()) -> Assumptions:
    """Put every uncertain input at one end of its range.

    Args:
        given: What is assumed.
        end: Of all ranges at once: the least and the most that can be defended.
        chosen: What somebody decided, which is not uncertain any more; one share of the parties
            decides all three, so that they cannot exceed the whole.

    """
    if not chosen.isdisjoint(PARTIES):
        chosen = chosen | set(PARTIES)
    return _moved(given, end, [name for name in RANGE_INPUTS if name not in chosen])


@dataclass(frozen=True, slots=True, kw_only=True)
class Influence:
    """What one input's range does to the plan, everything else as it was."""

    words: str
    low: float
    """The input; the mean number of participants where it is the parties."""
    high: float
    peak_sessions: tuple[float, float]
    gbit: tuple[float, float]
    """In and out together, with the input at its low and at its high end."""


def influences(
    weekly: int,
    given: Assumptions,
    *,
    chosen: AbstractSet[str] = frozenset(),
    practitioners: int | None = None,
) -> list[Influence]:
    """Move one input at a time; what somebody decided is left out.

    Raises:
        ConfigurationError: There is no such week.

    """
    found = []
    for words, names in INFLUENCES.items():
        if chosen.isdisjoint(names):
            low, high = (_moved(given, end, names) for end in ("low", "high"))
            ends = [busiest_hour(weekly, each, practitioners).peak_sessions for each in (low, high)]
            found.append(
                Influence(
                    words=words,
                    low=_value(low, names),
                    high=_value(high, names),
                    peak_sessions=(ends[0], ends[1]),
                    gbit=(gbit_of(ends[0], low), gbit_of(ends[1], high)),
                )
            )
    return found


def gbit_of(sessions: float, given: Assumptions) -> float:
    """Give the traffic of so many consultations at once, in and out together, in Gbit/s.

    With the number of practitioners it is the ceiling: each holds one consultation at a time.
    """
    traffic = session_traffic(given)
    return sessions * (traffic.bits_in_per_s + traffic.bits_out_per_s) / GIGA


def packets_of(sessions: float, given: Assumptions) -> float:
    """Give the packets a second of so many consultations at once, in and out together."""
    traffic = session_traffic(given)
    return sessions * (traffic.packets_in_per_s + traffic.packets_out_per_s)


def _moved(given: Assumptions, end: End, names: tuple[str, ...] | list[str]) -> Assumptions:
    table = meanings()
    values: dict[str, float] = {name: getattr(table[name], end) for name in names}
    return replace(given, **values)  # type: ignore[arg-type]  # the ranges of floats are floats


def _value(given: Assumptions, names: tuple[str, ...]) -> float:
    if names == PARTIES:
        return given.mean_participants
    value: float = getattr(given, names[0])
    return value
