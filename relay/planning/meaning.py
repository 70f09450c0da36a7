"""What is known about one assumption of a plan.

Pure. `assumptions` is the table; this is the form of its rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What one assumption is about."""

    words: str
    unit: str
    central: float
    low: float
    """The low end of what can be defended; the central value where nothing else was found."""
    high: float
    least: float
    """Below it, a plan has no meaning."""
    most: float
    source: str
    whole: bool


def assumed(
    central: float,
    words: str,
    *,
    unit: str,
    possible: tuple[float, float],
    source: str,
    range: tuple[float, float] | None = None,  # noqa: A002 - the table's own word
) -> Any:
    """Make a field of `Assumptions` whose default is the central value.

    Args:
        central: A whole number makes the field one of whole numbers.
        words: What it is.
        unit: Of the value.
        possible: Outside it, a plan has no meaning.
        source: Who found it, or that it is assumed.
        range: What can be defended; the central value alone where it is left out.

    """
    low, high = range or (central, central)
    meaning = Meaning(
        words=words,
        unit=unit,
        central=central,
        low=low,
        high=high,
        least=possible[0],
        most=possible[1],
        source=source,
        whole=isinstance(central, int),
    )
    return field(default=central, metadata={"meaning": meaning})
