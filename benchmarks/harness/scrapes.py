"""A server's `/metrics` as Prometheus reads it, and what happened between two such readings."""

from __future__ import annotations

import math
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

ANSWERS_WITHIN_S: Final = 10.0

Labels = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Scrape:
    """All samples of one moment, by name and labels."""

    samples: Mapping[tuple[str, Labels], float]

    def total(self, name: str, **labels: str) -> float:
        """Sum the samples of that name which have these labels; 0 without any."""
        wanted = labels.items()
        return sum(
            value
            for (sample, found), value in self.samples.items()
            if sample == name and wanted <= found
        )

    def by_label(self, name: str, label: str) -> dict[str, float]:
        """Give the samples of that name by the value of one label."""
        return {
            dict(found)[label]: value
            for (sample, found), value in self.samples.items()
            if sample == name and label in dict(found)
        }


def parse(text: str) -> Scrape:
    """Read an exposition."""
    return Scrape(
        {
            (sample.name, frozenset(sample.labels.items())): float(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }
    )


def scrape(url: str) -> Scrape:
    """Ask for an exposition.

    Raises:
        OSError: Nobody answers, or not in time.

    """
    try:
        with urllib.request.urlopen(url, timeout=ANSWERS_WITHIN_S) as answer:  # noqa: S310 - http, on loopback
            return parse(answer.read().decode())
    except urllib.error.URLError as error:
        raise ConnectionError(str(error.reason)) from error


def counted(before: Scrape, after: Scrape, name: str, label: str) -> dict[str, int]:
    """Say by how much each counter of that name grew, without those that did not."""
    old = before.by_label(name, label)
    grown = {
        key: round(value - old.get(key, 0)) for key, value in after.by_label(name, label).items()
    }
    return {key: value for key, value in sorted(grown.items()) if value}


def quantile(before: Scrape, after: Scrape, histogram: str, share: float) -> float:
    """Say below which bucket's edge that share of what came in between lies; 0 without anything.

    Above the last edge it is infinite, as the exposition says no more.
    """
    name = f"{histogram}_bucket"
    old = before.by_label(name, "le")
    new = after.by_label(name, "le")
    counts = sorted((float(edge), value - old.get(edge, 0)) for edge, value in new.items())
    total = counts[-1][1] if counts else 0.0
    if not total:
        return 0.0
    return next((edge for edge, count in counts if count >= share * total), math.inf)
