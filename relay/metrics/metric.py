"""What a metric is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MetricType = Literal["counter", "gauge", "histogram", "info"]


@dataclass(frozen=True, slots=True, eq=False)
class Metric:
    """One metric, itself a key: there is one of each, in `relay.metrics.table`.

    A counter's name is written without the `_total` that the exposition adds.
    """

    name: str
    type: MetricType
    unit: str
    labels: tuple[str, ...]
    meaning: str
    buckets: tuple[float, ...] = ()

    @property
    def exposed_name(self) -> str:
        """The name a query uses."""
        return {"counter": f"{self.name}_total", "info": f"{self.name}_info"}.get(
            self.type, self.name
        )
