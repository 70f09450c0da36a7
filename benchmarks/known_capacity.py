"""How many consultations a core of this machine holds, for those who load it with a share of that.

Called by the measurements of latency and of half an hour.
"""

from __future__ import annotations

import json
from typing import Final

from benchmarks.harness import options
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import FOLDER

HELD: Final = "held_consultations"


def measured_capacity(*, adaptation: bool) -> int:
    """Give what the capacity measurement found on this machine.

    Args:
        adaptation: With or without; where it was not measured without, what was found with it.

    Raises:
        BenchmarkFailed: It was not made, or its result cannot be read.

    """
    # It is 0 in a result whose every run was spoiled, too.
    held = _held(options.result_name("capacity", adaptation=adaptation)) or _held("capacity")
    if held <= 0:
        raise BenchmarkFailed(
            "how many consultations are 100 % is not known: run `make bench-capacity` first, or "
            "pass --capacity"
        )
    return held


def _held(name: str) -> int:
    try:
        return int(json.loads((FOLDER / f"{name}.json").read_text())["figures"][HELD])
    except (OSError, ValueError, KeyError, TypeError):
        return 0
