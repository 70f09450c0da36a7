"""The metrics of waiting rooms and of those who steer rooms; `relay.metrics.table` lists them.

Pure data.
"""

from __future__ import annotations

from typing import Final

from relay.metrics.metric import Metric

WAITING: Final = Metric(
    "visavis_waiting", "gauge", "", (), "People in waiting rooms; they are no participants yet."
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

METRICS: Final = (WAITING, MODERATIONS)
