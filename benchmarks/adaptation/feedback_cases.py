"""The links over which browsers' feedback is captured, as data. Called by `capture_feedback`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.adaptation.feedback_trace import Capacity
from benchmarks.adaptation.link_setup import WAYS, Change

OUTAGE: Final = 0
"""As a rate: nothing gets in."""

HEEDLESS_BEFORE_S, HEEDLESS_AFTER_S = 1.5, 2.5
"""Around a step down, the sender goes on as it was. If it heeded one estimator, the queue would be
gone before another has drawn its own conclusion."""


@dataclass(frozen=True, slots=True)
class Case:
    """A link towards a browser, and what becomes of it."""

    name: str
    rate_bps: int
    round_trip_ms: int
    queue_ms: int
    seconds: float = 26.0
    loss: float | Mapping[str, float] = 0.0
    jitter_ms: float = 0.0
    steps: tuple[tuple[float, int], ...] = ()
    """From which second on it carries how much."""

    @property
    def words(self) -> str:
        """Say what it is like."""
        rates = [f"{self.rate_bps / 1e6:g}"]
        rates += [f"{bps / 1e6:g} from {at_s:g} s" for at_s, bps in self.steps]
        words = [f"{', '.join(rates)} Mbit/s", f"{self.round_trip_ms} ms there and back"]
        words.append(f"queue of {self.queue_ms} ms")
        if isinstance(self.loss, Mapping):
            words.append(
                "losses in bursts: " + " ".join(f"{k}={v:g}" for k, v in self.loss.items())
            )
        elif self.loss:
            words.append(f"loss of {self.loss:.0%}")
        if self.jitter_ms:
            words.append(f"jitter of {self.jitter_ms:g} ms")
        return ", ".join(words)

    def beginning(self) -> list[Change]:
        """Give what makes any link this one."""
        downward: dict[str, Any] = {
            "rate_bps": self.rate_bps,
            "queue_ms": self.queue_ms,
            "loss": self.loss,
            "jitter_ms": self.jitter_ms,
            "blackout": False,
        }
        delays = [Change(0, way, "delay_ms", self.round_trip_ms / 2) for way in WAYS]
        return [*delays, *(Change(0, "down", key, value) for key, value in downward.items())]

    def changes(self) -> list[Change]:
        """Give what becomes of it, counted from when it is asked for."""
        return list(self._changes())

    def capacity(self, began_us: int, changes_us: Mapping[float, int]) -> Capacity:
        """Give what it carried.

        Args:
            began_us: Before the first packet.
            changes_us: When the step of each second took place.

        """
        return [
            (began_us, self.rate_bps),
            *((changes_us[at_s], bps) for at_s, bps in self.steps),
        ]

    def is_heedless(self, at_s: float) -> bool:
        """Tell whether the sender takes no notice of what it is told."""
        falls_s = (step_s for step_s, falls in self._steps() if falls)
        return any(-HEEDLESS_BEFORE_S <= at_s - each_s < HEEDLESS_AFTER_S for each_s in falls_s)

    def is_asked(self, at_s: float) -> bool:
        """Tell whether bursts may ask for more: they end with a step down."""
        asked = True
        for step_s, falls in self._steps():
            if at_s >= step_s - (HEEDLESS_BEFORE_S if falls else 0.0):
                asked = not falls
        return asked

    @property
    def last_bps(self) -> int:
        """What it carries in the end."""
        return self.steps[-1][1] if self.steps else self.rate_bps

    def _steps(self) -> Iterator[tuple[float, bool]]:
        """Give when each step is, and whether it is one down."""
        before_bps = self.rate_bps
        for step_s, bps in self.steps:
            yield step_s, OUTAGE < bps < before_bps
            before_bps = bps

    def _changes(self) -> Iterator[Change]:
        out = False
        for at_s, bps in self.steps:
            if bps == OUTAGE:
                yield Change(at_s * 1_000, "down", "blackout", value=True)
            else:
                yield Change(at_s * 1_000, "down", "rate_bps", bps)
                if out:
                    yield Change(at_s * 1_000, "down", "blackout", value=False)
            out = bps == OUTAGE


BURSTS: Final = {"p": 0.01, "r": 0.3}
LONG_BURSTS: Final = {"p": 0.004, "r": 0.15}
"""Of Gilbert and Elliott: 3.2 % lost in bursts of 3.3 packets, 2.6 % in bursts of 6.7."""

CASES: Final = (
    Case("steady_0200k_40ms", 200_000, 40, 500),
    Case("steady_0500k_10ms", 500_000, 10, 100),
    Case("steady_0500k_100ms", 500_000, 100, 300),
    Case("steady_1000k_50ms", 1_000_000, 50, 300),
    Case("steady_1000k_300ms", 1_000_000, 300, 1_000),
    Case("steady_2000k_50ms_shallow", 2_000_000, 50, 50),
    Case("steady_2500k_100ms", 2_500_000, 100, 300),
    Case("steady_4000k_20ms", 4_000_000, 20, 200),
    Case("loss_2_1000k_60ms", 1_000_000, 60, 300, loss=0.02),
    Case("loss_2_0500k_200ms", 500_000, 200, 500, loss=0.02),
    Case("loss_5_2000k_60ms", 2_000_000, 60, 300, loss=0.05),
    Case("bursts_1500k_80ms", 1_500_000, 80, 300, loss=BURSTS),
    Case("bursts_0800k_150ms", 800_000, 150, 300, loss=LONG_BURSTS),
    Case("jitter_1500k_50ms", 1_500_000, 50, 300, jitter_ms=8),
    Case("down_2500k_0500k_100ms", 2_500_000, 100, 300, steps=((14, 500_000),), seconds=32),
    Case("down_1000k_0500k_50ms", 1_000_000, 50, 300, steps=((14, 500_000),), seconds=32),
    Case("down_2000k_1000k_10ms_shallow", 2_000_000, 10, 100, steps=((14, 1_000_000),), seconds=32),
    Case("down_3000k_0800k_200ms_deep", 3_000_000, 200, 500, steps=((14, 800_000),), seconds=32),
    Case("down_0800k_0300k_80ms_deep", 800_000, 80, 1_000, steps=((14, 300_000),), seconds=32),
    Case(
        "down_2000k_0700k_60ms_loss_2",
        2_000_000,
        60,
        300,
        loss=0.02,
        steps=((14, 700_000),),
        seconds=32,
    ),
    Case("up_0500k_1500k_60ms", 500_000, 60, 300, steps=((13, 1_500_000),), seconds=34),
    Case("up_0300k_1000k_150ms", 300_000, 150, 500, steps=((13, 1_000_000),), seconds=34),
    Case(
        "down_up_2000k_0600k_60ms",
        2_000_000,
        60,
        300,
        steps=((13, 600_000), (26, 2_000_000)),
        seconds=40,
    ),
    Case(
        "outage_1500k_60ms",
        1_500_000,
        60,
        300,
        steps=((13, OUTAGE), (15, 1_500_000)),
        seconds=34,
    ),
)
