"""What the capacity benchmark found becomes what `visavis plan` takes a core to carry.

Called by the capacity benchmark after an undisturbed run; the file is committed with its result.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.harness.results import Result
from relay.planning.capacity import Capacity

PATH: Final = Path(str(files("relay.planning").joinpath("measured_capacity.json")))


def adopt(
    relayed_packets_per_core_per_s: float,
    result: Result,
    *,
    lower_bound: bool = False,
    path: Path | None = None,
) -> None:
    """Write the planner's default.

    Args:
        relayed_packets_per_core_per_s: Media packets received and sent on, by one core at the bar.
        result: The measurement it is from.
        lower_bound: Whether in some of its runs the relay was not what ended the capacity.
        path: Of the file; the planner's own by default.

    Raises:
        ConfigurationError: No core carries that.

    """
    words = f"The highest load at the bar of `make bench-{result.name}`."
    if lower_bound:
        words += " A lower bound: in some runs the load generator, not the relay, was the limit."
    capacity = Capacity(
        relayed_packets_per_core_per_s=round(relayed_packets_per_core_per_s),
        measured=True,
        words=words,
        processor=result.where.processor,
        commit=result.commit,
        measured_at=result.measured_at,
    )
    (path or PATH).write_bytes(msgspec.json.format(msgspec.json.encode(capacity), indent=1) + b"\n")
