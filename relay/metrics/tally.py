"""What Python counts: counters, histograms and some gauges of the table, kept as plain numbers.

Pure: no clock, no registry, no lock (one event loop writes, and the scrape reads on it too). Called
by whoever sees something worth counting, `signalling` included.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.metrics.metric import Metric

MAX_SERIES: Final = 64
"""Of one metric; vocabularies of labels are far smaller, so more is a leak of free text."""

OTHER: Final = "other"

_LABEL = re.compile(r"[a-z0-9][a-z0-9_.+-]{0,63}")

Labels = tuple[str, ...]


@dataclass(slots=True)
class Distribution:
    """One histogram series; `counts` are per bucket, the last one without upper bound."""

    bounds: tuple[float, ...]
    counts: list[int]
    total: float = 0.0

    def observe(self, value: float) -> None:
        """Add a sample."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


@dataclass(slots=True)
class Tally:
    """Every count since the process started."""

    counters: dict[Metric, dict[Labels, float]] = field(default_factory=dict)
    histograms: dict[Metric, dict[Labels, Distribution]] = field(default_factory=dict)
    gauges: dict[Metric, dict[Labels, float]] = field(default_factory=dict)
    """Of what the relay does not own; `relay.monitoring.gauges` counts the rest at the scrape."""

    def count(self, metric: Metric, /, amount: float = 1, **labels: str) -> None:
        """Add to a counter.

        A label outside the form of our vocabularies is counted as `other`: nothing that came from
        the network may become a series.
        """
        assert metric.type == "counter"
        series = self.counters.setdefault(metric, {})
        key = _key(metric, labels, series)
        series[key] = series.get(key, 0) + amount

    def adjust(self, metric: Metric, amount: float, /, **labels: str) -> None:
        """Move a gauge up or down."""
        assert metric.type == "gauge"
        series = self.gauges.setdefault(metric, {})
        key = _key(metric, labels, series)
        series[key] = series.get(key, 0) + amount

    def observe(self, metric: Metric, value: float, /, **labels: str) -> None:
        """Add a sample to a histogram."""
        self.distribution(metric, **labels).observe(value)

    def distribution(self, metric: Metric, /, **labels: str) -> Distribution:
        """Give a histogram's series, to keep where samples come for everybody every second."""
        assert metric.type == "histogram"
        series = self.histograms.setdefault(metric, {})
        key = _key(metric, labels, series)
        if key not in series:
            series[key] = Distribution(metric.buckets, [0] * (len(metric.buckets) + 1))
        return series[key]


def _key(metric: Metric, labels: Mapping[str, str], series: Mapping[Labels, object]) -> Labels:
    assert labels.keys() == set(metric.labels), f"{metric.name} has the labels {metric.labels}"
    key = tuple(labels[name] if _LABEL.fullmatch(labels[name]) else OTHER for name in metric.labels)
    if key not in series and len(series) >= MAX_SERIES:
        return (OTHER,) * len(key)
    return key
