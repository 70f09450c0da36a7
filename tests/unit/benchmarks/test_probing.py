"""Probes, over loopback instead of a link."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pytest

from benchmarks.adaptation import probing
from benchmarks.adaptation.emulated_link import EmulatedLink
from benchmarks.adaptation.probing import Stream, probe
from benchmarks.harness.failure import BenchmarkFailed

CORE = min(os.sched_getaffinity(0))


@dataclass
class Here:
    """A side that is where the test is."""

    instead: list[str] = field(default_factory=list)
    address: str = "127.0.0.1"

    def command(self, words: Sequence[str]) -> list[str]:
        return self.instead or list(words)


@dataclass
class Loopback:
    """A link that does nothing."""

    client: Here = field(default_factory=Here)
    server: Here = field(default_factory=Here)


def sent(link: Loopback, **changes: Any) -> probing.Arrived:
    asked = {"settle_s": None, "core": CORE} | changes
    return probe(cast("EmulatedLink", link), Stream(1_000, 100, 0.1), **asked)


@pytest.mark.parametrize("settle_s", [None, 0.1])
def test_every_probe_is_timed_and_counted(settle_s: float | None) -> None:
    arrived = sent(Loopback(), settle_s=settle_s)
    assert arrived.number.tolist() == list(range(100))
    assert (arrived.lost, arrived.stream.count) == (0, 100)
    assert np.all(arrived.delay_ms >= 0)
    assert np.all(np.diff(arrived.sent_ns) > 0)


def test_probes_go_the_way_they_are_sent() -> None:
    broken = Here(["sh", "-c", "echo no such way >&2; exit 3"])
    with pytest.raises(BenchmarkFailed, match="no such way"):
        sent(Loopback(client=broken), way="down")
    with pytest.raises(BenchmarkFailed, match="no such way"):
        sent(Loopback(client=broken), way="up")


def test_a_receiver_that_never_ends_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probing, "BEGUN_WITHIN_S", 0.3)
    hanging = Here(["sh", "-c", "echo bound; exec sleep 600"])
    with pytest.raises(BenchmarkFailed, match="they hung"):
        sent(Loopback(client=hanging, server=Here(["true"])), settle_s=0.0)
