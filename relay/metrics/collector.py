"""Turn tallies, engine counters and the relay's state into what Prometheus scrapes.

Reads and never changes anything. `relay.service` builds one; `signalling` registers it on the
registry of its /metrics port.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
)
from prometheus_client.registry import Collector

from relay.metrics import table
from relay.metrics.engine_counters import latency_of, series_of
from relay.metrics.metric import Metric
from relay.metrics.table import METRICS
from relay.metrics.tally import Distribution, Labels, Tally

Gauges = Mapping[Metric, Mapping[Labels, float]]
Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily | InfoMetricFamily


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a scrape looks."""

    tally: Tally
    gauges: Callable[[], Gauges]
    engine_counters: Callable[[], Mapping[str, int]]
    build: Mapping[str, str]


class RelayCollector(Collector):
    """All metrics of the table, read when they are asked for."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def describe(self) -> list[Family]:
        """Name the families without collecting, so that registering reads nothing."""
        return [_family(metric) for metric in METRICS]

    def collect(self) -> Iterator[Family]:
        """Give every family of the table, with whatever series it has by now."""
        engine = self._sources.engine_counters()
        counters = _counters(self._sources.tally, engine)
        current = {metric: series for metric, series in counters.items() if metric.type == "gauge"}
        gauges = {**self._sources.tally.gauges, **self._sources.gauges(), **current}
        for metric in METRICS:
            family = _family(metric)
            if isinstance(family, CounterMetricFamily):
                for labels, value in _or_zero(metric, counters.get(metric, {})).items():
                    family.add_metric(labels, value)
            elif isinstance(family, GaugeMetricFamily):
                for labels, value in _or_zero(metric, gauges.get(metric, {})).items():
                    family.add_metric(labels, value)
            elif isinstance(family, InfoMetricFamily):
                family.add_metric((), dict(self._sources.build))
            elif metric is table.FORWARD_LATENCY:
                _add_latency(family, engine)
            else:
                for labels, distribution in self._sources.tally.histograms.get(metric, {}).items():
                    _add_distribution(family, metric, labels, distribution)
            yield family


def _family(metric: Metric) -> Family:
    if metric.type == "counter":
        return CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    if metric.type == "gauge":
        return GaugeMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    if metric.type == "histogram":
        return HistogramMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    return InfoMetricFamily(metric.name, metric.meaning)


def _counters(tally: Tally, engine: Mapping[str, int]) -> Mapping[Metric, Mapping[Labels, float]]:
    merged = {metric: dict(series) for metric, series in tally.counters.items()}
    for name, value in engine.items():
        series = series_of(name)
        if series is not None:
            merged.setdefault(series.metric, {})[series.labels] = value
    return merged


def _or_zero(metric: Metric, series: Mapping[Labels, float]) -> Mapping[Labels, float]:
    """A metric without labels exists from the start: a rate over nothing is no alert."""
    return series if series or metric.labels else {(): 0}


def _add_latency(family: HistogramMetricFamily, engine: Mapping[str, int]) -> None:
    latency = latency_of(engine)
    buckets = [(_bound(bound), float(value)) for bound, value in latency.buckets]
    family.add_metric((), [*buckets, ("+Inf", float(latency.count))], latency.sum_s)


def _add_distribution(
    family: HistogramMetricFamily, metric: Metric, labels: Labels, distribution: Distribution
) -> None:
    bounds = [*map(_bound, metric.buckets), "+Inf"]
    counts = map(float, accumulate(distribution.counts))
    family.add_metric(labels, list(zip(bounds, counts, strict=True)), distribution.total)


def _bound(bound: float) -> str:
    return f"{bound:g}"
