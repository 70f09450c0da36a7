"""The metrics of consultations' reports; `relay.metrics.of_platforms` lists them. Pure data."""

from __future__ import annotations

from typing import Final

from relay.metrics.metric import Metric

REPORTS_KEPT: Final = Metric(
    "visavis_reports_kept",
    "gauge",
    "",
    (),
    "Reports on consultations that are over, which can still be fetched.",
)
REPORTS: Final = Metric(
    "visavis_reports",
    "counter",
    "",
    ("outcome",),
    "Reports on consultations: told to be ready by webhook, carried by it in full or shortened, "
    "fetched as json or as html, lost because the disk did not follow, or given_up before their "
    "time because too many were kept.",
)

METRICS: Final = (REPORTS_KEPT, REPORTS)
