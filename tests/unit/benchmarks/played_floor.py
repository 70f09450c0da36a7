"""Says what the program `floor` says, by its contract (`python played_floor.py < setup`)."""

from __future__ import annotations

import json
import sys
from typing import Any


def outcome(consultations: int, gather_us: int, **changes: Any) -> dict[str, Any]:
    """Give a floor that nothing disturbed; who gathers longer pays less."""
    found = {
        "cpu_ns_per_packet": 350.0 - gather_us / 18,
        "packets_per_message": 2.0,
        "packets_per_s": 370.0 * consultations,
        "failed": 0,
        "generator": {
            "generator_is_bottleneck": False,
            "void_share": 0.0,
            "stolen_share": 0.0,
            "late_share": 0.0,
            "relayed": {"expected": 1_000, "received": 1_000, "lost": 0},
            "relayed_clean": {"expected": 1_000, "received": 1_000, "lost": 0},
        },
    }
    return found | changes


if __name__ == "__main__":
    asked = json.load(sys.stdin)
    found = outcome(asked["consultations"], asked["gather_us"])
    sys.stdout.write(json.dumps({"outcome": found}) + "\n")
