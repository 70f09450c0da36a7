"""The metrics of waiting rooms, checks and those who steer rooms; `relay.metrics.table` lists them.

Pure data.
"""

from __future__ import annotations

from typing import Final

from relay.metrics.metric import Metric

WAITING: Final = Metric(
    "visavis_waiting", "gauge", "", (), "People in waiting rooms; they are no participants yet."
)
CHECKS: Final = Metric(
    "visavis_checks",
    "counter",
    "",
    ("verdict",),
    "Checks before a consultation that were told to the end, by what they came to: ready, limited, "
    "not_ready.",
)
CHECK_MEASUREMENTS: Final = Metric(
    "visavis_check_measurements",
    "counter",
    "",
    ("outcome",),
    "Directions of networks measured for such checks: measured, or overloaded or limit_reached, "
    "which were refused.",
)
MODERATIONS: Final = Metric(
    "visavis_moderations",
    "counter",
    "",
    ("command",),
    "What moderators and the embedder's backend had done: admitted, sent_back, moved, sent_on (to "
    "another relay), ejected, held_back (mutes and their end), conferred, noticed, locked, "
    "unlocked, extended, closed.",
)

METRICS: Final = (WAITING, MODERATIONS, CHECKS, CHECK_MEASUREMENTS)
