"""The metrics of what platforms ask and are told: the API, the webhooks, the reports.

Pure data; `relay.metrics.table` lists them.
"""

from __future__ import annotations

from typing import Final

from relay.metrics import buckets, of_reports
from relay.metrics.metric import Metric

API_REQUESTS: Final = Metric(
    "visavis_api_requests",
    "counter",
    "",
    ("outcome",),
    "Requests to the HTTP API: ok, or the code of the refusal.",
)

WEBHOOKS: Final = Metric(
    "visavis_webhooks",
    "counter",
    "",
    ("outcome",),
    "Webhooks: tries that were heard, refused, unreachable or gone; events that were given_up "
    "after a day, displaced by newer ones, or lost before they reached the disk.",
)
WEBHOOKS_QUEUED: Final = Metric(
    "visavis_webhooks_queued", "gauge", "", (), "Events that are still to be heard."
)
WEBHOOK_DELAY: Final = Metric(
    "visavis_webhook_delay_seconds",
    "histogram",
    "seconds",
    (),
    "From what happened to the receiver's answer that it heard.",
    buckets.WEBHOOK_BUCKETS_S,
)

METRICS: Final = (
    API_REQUESTS,
    WEBHOOKS,
    WEBHOOKS_QUEUED,
    WEBHOOK_DELAY,
    *of_reports.METRICS,
)
