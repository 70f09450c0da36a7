"""What the emulator is asked for in its self-test, and how far what came is from it.

Pure: probes that arrived in, figures out. `emulator_accuracy` runs the cases and judges them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.adaptation.make_traces import (
    OPPORTUNITY_BITS,
    RECIPES,
    Recipe,
    lines_of,
    path_of,
)
from benchmarks.adaptation.probe import PAYLOAD_TYPE
from benchmarks.adaptation.probing import Arrived, Stream
from benchmarks.adaptation.truth_log import TruthLog

Figures = dict[str, float]
Find = Callable[[Arrived, TruthLog], Figures]

ONE_WAY_MS: Final = 50.0
QUEUE_MS: Final = 300.0
"""Both as RFC 8867's test cases have them."""

FULL_PACKET_BYTES: Final = 1_200
RATES_BPS: Final = (500_000, 2_500_000, 20_000_000)
OVERLOAD: Final = 1.5
"""Times its rate a link is offered, so that its queue is never empty."""

TRACE_OFFERED_BPS: Final = 12_000_000
"""Above the highest rate of any trace here."""


@dataclass(frozen=True, slots=True)
class Case:
    """A link, what is sent over it, and what of it is looked at."""

    name: str
    down: dict[str, Any]
    stream: Stream
    find: Find
    settle_s: float | None = None
    """How long is waited for what may be lost; nothing is, without it."""

    @property
    def lasts_s(self) -> float:
        """Say how long it takes, its processes' starts included."""
        return self.stream.lasts_s + (self.settle_s or 0.0) + 2.0


def cases() -> list[Case]:
    """Give all of them."""
    return [
        Case(
            f"delay of {ONE_WAY_MS:g} ms, 500 packets/s",
            {"delay_ms": ONE_WAY_MS},
            Stream(500, 200, 6.0),
            delay_figures,
        ),
        Case(
            f"delay of {ONE_WAY_MS:g} ms, 20,000 packets/s",
            {"delay_ms": ONE_WAY_MS},
            Stream(20_000, 200, 5.0),
            delay_figures,
            settle_s=1.0,
        ),
        *(_rate_case(rate_bps) for rate_bps in RATES_BPS),
        _loss_case("loss of 2 %", 0.02),
        _loss_case("loss of 10 %", 0.1),
        _loss_case("loss in bursts (p 0.02, r 0.3)", {"p": 0.02, "r": 0.3}),
        *(_trace_case(recipe) for recipe in RECIPES),
    ]


def delay_figures(arrived: Arrived, log: TruthLog) -> Figures:
    """Say how far delays are from the one asked for, and from those that the log tells."""
    error_ms = np.abs(arrived.delay_ms - ONE_WAY_MS)
    return {
        "median_error_ms": float(np.median(error_ms)),
        "p99_error_ms": float(np.percentile(error_ms, 99)),
        "max_error_ms": float(error_ms.max()),
        "log_median_difference_ms": float(np.median(np.abs(_log_difference_ms(arrived, log)))),
    }


def rate_figures(rate_bps: float) -> Find:
    """Say how far the rate and the longest wait of a full link are from those asked for.

    A queue holds whole packets: the longest wait may fall short of its time by what does not fit,
    and by how long a place in it was free before a packet came.
    """

    def find(arrived: Arrived, _: TruthLog) -> Figures:
        # The first packet's own time is before the first arrival.
        bits = 8 * arrived.stream.ip_bytes * (len(arrived.number) - 1)
        two_packets_ms = 2 * 8_000 * arrived.stream.ip_bytes / rate_bps
        longest_ms = float(np.percentile(arrived.delay_ms, 99))
        found_bps = bits * 1e9 / float(arrived.arrived_ns[-1] - arrived.arrived_ns[0])
        return {
            "rate_error_percent": 100 * abs(found_bps / rate_bps - 1),
            "longest_wait_error_ms": max(
                0.0, QUEUE_MS - two_packets_ms - longest_ms, longest_ms - QUEUE_MS
            ),
        }

    return find


def loss_figures(arrived: Arrived, log: TruthLog) -> Figures:
    """Count what was lost, and what the log says was."""
    return {
        "sent": arrived.stream.count,
        "lost": arrived.lost,
        "lost_by_log": log.counts("down")["lost"],
    }


def trace_figures(recipe: Recipe) -> Find:
    """Say how far what a trace let through in one turn is from what it says."""
    asked_bits = OPPORTUNITY_BITS * len(lines_of(recipe))

    def find(arrived: Arrived, _: TruthLog) -> Figures:
        # Any window as long as the trace holds each of its opportunities once.
        since_ns = arrived.arrived_ns - arrived.arrived_ns[0]
        count = int((since_ns < recipe.lasts_ms * 1_000_000).sum())
        return {
            "rate_error_percent": 100 * abs(8 * arrived.stream.ip_bytes * count / asked_bits - 1)
        }

    return find


def sigmas(model: Any, *, sent: int, lost: int) -> float:
    """Say how many standard deviations a count of losses is from what a model loses.

    The states of the chain of Gilbert and Elliott are correlated by (1 - p - r) from one packet
    to the next, which widens the count's deviation.
    """
    if isinstance(model, float):
        share, together = model, 0.0
    else:
        p, r, h, k = (float(model.get(name, usual)) for name, usual in _USUAL)
        bad, kept = p / (p + r), 1 - p - r
        share = bad * h + (1 - bad) * k
        together = 2 * bad * (1 - bad) * (h - k) ** 2 * kept / (1 - kept)
    deviation = math.sqrt(sent * (share * (1 - share) + together))
    return abs(lost - sent * share) / deviation


_USUAL: Final = (("p", 0.0), ("r", 0.0), ("h", 1.0), ("k", 0.0))


def _log_difference_ms(arrived: Arrived, log: TruthLog) -> npt.NDArray[np.float64]:
    """Compare each probe's delay with that of its record."""
    records = log.delivered("down")
    records = records[records["payload_type"] == PAYLOAD_TYPE]
    # Timestamps of probes are their numbers, whole.
    order = np.argsort(records["timestamp"])
    records = records[order]
    found = np.searchsorted(records["timestamp"], arrived.number)
    told_ms = (records["left_ns"] - records["came_ns"])[found] / 1e6
    difference: npt.NDArray[np.float64] = arrived.delay_ms - told_ms
    return difference


def _rate_case(rate_bps: int) -> Case:
    per_s = OVERLOAD * rate_bps / (8 * FULL_PACKET_BYTES)
    return Case(
        f"rate of {rate_bps / 1e6:g} Mbit/s",
        {"rate_bps": rate_bps, "queue_ms": QUEUE_MS},
        Stream(per_s, FULL_PACKET_BYTES, 6.0),
        rate_figures(rate_bps),
        settle_s=0.5,
    )


def _loss_case(name: str, model: Any) -> Case:
    return Case(name, {"loss": model}, Stream(2_000, 200, 8.0), loss_figures, settle_s=0.3)


def _trace_case(recipe: Recipe) -> Case:
    per_s = TRACE_OFFERED_BPS / (8 * FULL_PACKET_BYTES)
    lasts_s = recipe.lasts_ms / 1_000 + 1.0
    return Case(
        f"trace {recipe.name}",
        {"trace_path": path_of(recipe), "queue_bytes": 30 * FULL_PACKET_BYTES},
        Stream(per_s, FULL_PACKET_BYTES, lasts_s),
        trace_figures(recipe),
        settle_s=2.0,
    )


def pooled_sigmas(case: Case, every: Sequence[Figures]) -> float:
    """Say how far the losses of all runs together are from the case's model."""
    sent, lost = (sum(int(figures[name]) for figures in every) for name in ("sent", "lost"))
    return sigmas(case.down["loss"], sent=sent, lost=lost)
