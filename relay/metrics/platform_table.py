"""The metrics of what platforms ask and are told: the API and the webhooks.

Pure data; `relay.metrics.table` holds them with all others.
"""

from __future__ import annotations

from typing import Final

from relay.metrics.metric import Metric

API_REQUESTS: Final = Metric(
    "visavis_api_requests",
    "counter",
    "",
    ("outcome",),
    "Requests to the HTTP API: ok, or the code of the refusal.",
)

PLATFORM_METRICS: Final[tuple[Metric, ...]] = tuple(
    value for value in list(globals().values()) if isinstance(value, Metric)
)
"""All of the above, in that order."""
