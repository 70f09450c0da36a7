"""Says what the program `load` says, by its contract, about a core that holds 300 consultations.

Run as a program (`python played_load.py < setup`), and imported for a single stage's document.
"""

from __future__ import annotations

import json
import sys
from typing import Any

HOLDS = 300
RATE_PER_S = 370


def summary(p50_us: float, count: int = 1_000) -> dict[str, Any]:
    tail_us = {"p50": 1.0, "p95": 1.5, "p99": 2.0, "p999": 3.0, "max": 4.0}
    quantiles = {f"{name}_us": p50_us * factor for name, factor in tail_us.items()}
    buckets = [[p50_us, count // 2], [p50_us * 2, count - count // 2]]
    return {"count": count, "mean_us": p50_us, **quantiles, "buckets": buckets}


def path(expected: int, lost: int, p50_us: float) -> dict[str, Any]:
    received = expected - lost
    return {
        "expected": expected,
        "received": received,
        "lost": lost,
        "repaired": 0,
        "reordered": 0,
        "withheld": 0,
        "received_video": received * 3 // 4,
        "worst_consultation_lost": lost,
        "delay": summary(p50_us, received),
    }


def stage_document(running: int, joining: int = 0, **changes: Any) -> dict[str, Any]:
    """Give one stage's outcome; a core with more than it holds loses every hundredth packet."""
    measured_s = 5.0
    expected = round(running * RATE_PER_S * measured_s)
    lost = expected // 100 if running > HOLDS else 0
    relayed = path(expected, lost, 400.0 + running)
    bare = path(3_700, 0, 40.0)
    spread = {"p50": 0.0, "p95": 0.0, "p99": 0.0, "max": 0.0}
    consultations = {
        "loss_share": spread,
        "delay_p99_us": dict.fromkeys(spread, 900.0),
        "worst_loss_share": 0.0,
        "freezes": 0,
        "frozen_ms": 0,
        "per_consultation": [[1850.0, 0.0, 500.0, 700.0, 900.0, 1_200.0]],
    }
    parts = ("socket", "joined", "answer", "ice", "dtls", "first_media")
    document = {
        "name": f"{running} consultations",
        "measured_s": measured_s,
        "participants": 2 * running,
        "consultations": running,
        "relayed": relayed,
        "bare": bare,
        "relayed_clean": relayed,
        "bare_clean": bare,
        "void_share": 0.02,
        "stolen_share": 0.01,
        "late_share": 0.01,
        "consultations_out": consultations,
        "consultations_clean": consultations,
        "joins": {
            "asked": joining,
            "succeeded": joining,
            "failed": {},
            "alone": 0,
            "join_ms": summary(80_000.0 + 100.0 * joining, joining),
            "parts": {name: summary(10_000.0, joining) for name in parts},
            "began_late": summary(100.0, joining),
        },
        "ended": {},
        "lateness": summary(20.0),
        "generator_is_bottleneck": False,
        "generator_core_share": 0.1 + running / 2_000,
        "generator_parts": {"media": 0.1, "signalling": 0.01},
        "refused": 0,
        "overflowed": 0,
        "unusable": 0,
        "damaged": 0,
        "misdelivered": 0,
        "feedback": {
            "plis": 1,
            "nacks": 0,
            "transport_feedbacks": 10,
            "sender_reports": 10,
            "rembs": 0,
            "rtx_sent": 0,
            "plis_sent": 1,
            "nacks_sent": 0,
        },
    }
    return document | changes


def say(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document) + "\n")
    sys.stdout.flush()


def main() -> None:
    setup = json.load(sys.stdin)
    stages = []
    running = 0
    for index, stage in enumerate(setup["stages"]):
        for milestone in ("joining", "measuring", "measured"):
            say({"milestone": milestone, "stage": index})
        people = [person for room in stage["consultations"] for person in room["participants"]]
        count = len(people)
        told = {"stage": index, "joined": count, "failed": 0, "of": count}
        say({"progress": told})
        new = 0 if any(person["leave_at_s"] for person in people) else len(stage["consultations"])
        if stage["measure_from"] == "joined":
            running += new
        stages.append(stage_document(running, count, name=stage["name"]))
        running += new if stage["measure_from"] == "start" else 0
    say({"outcome": {"stages": stages, "samples": [{}] * setup["samples"]}})


if __name__ == "__main__":
    main()
