"""What is tried: links that change, lose and stop, and who shares them. Data, and nothing else.

Times count from the first picture of the first flow. RFC 8867's cases have its figures where a
relay can have them; `LEFT_OUT` says which it cannot have, and why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.adaptation.link_setup import Change, Settings, Way

Floats = NDArray[np.float64]
MBPS: Final = 1_000_000
QUEUE_MS: Final = 300
"""Of every link, drop-tail (RFC 8867 §4.2)."""
NEAR: Final = {"queue_ms": QUEUE_MS, "delay_ms": 10}
RFC_8867: Final = {"queue_ms": QUEUE_MS, "delay_ms": 50}
FREE: Final = {"delay_ms": 10}


@dataclass(frozen=True, slots=True)
class Flow:
    """One receiver behind the link, with a sender of its own or one it shares."""

    room: str = "a"
    starts_s: float = 0.0
    paused_s: tuple[float, float] | None = None
    """From when to when its room's camera is off."""
    farther_ms: float = 0.0
    """Either way, beyond the link: what the others behind it do not have."""


@dataclass(frozen=True, slots=True)
class Transfers:
    """TCP connections, on each of which the client fetches one thing after another."""

    connections: int
    least_bytes: int
    most_bytes: int
    idle_s: float = 0.0
    """Mean of the exponentially distributed pauses between them."""
    starts_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """A link over time, and what goes over it."""

    name: str
    words: str
    lasts_s: float
    down: Settings
    up: Settings = field(default_factory=lambda: FREE)
    changes: tuple[Change, ...] = ()
    flows: tuple[Flow, ...] = (Flow(),)
    transfers: Transfers | None = None
    both_ways: bool = False
    """Whether the client sends too, over the same link."""
    third: bool = False
    """Whether somebody beside the sender receives too, so that its camera sends every encoding."""
    beside: str = ""
    """Whose direct calls stand beside this one's, where it has none: no browser picks layers."""

    @property
    def capacity_changes_s(self) -> tuple[float, ...]:
        """When the way down begins to carry more or less."""
        return tuple(
            change.t_ms / 1_000
            for change in self.changes
            if change.direction == "down" and change.key in {"rate_bps", "blackout"}
        )

    @property
    def is_of_unlike_lengths(self) -> bool:
        """Whether some are farther from the link than others."""
        return any(flow.farther_ms for flow in self.flows)

    def capacity_bps(self, seconds: Floats, way: Way = "down") -> Floats:
        """Give what the link carries at these times; before the first, what it begins with."""
        steps: list[tuple[float, float]] = [(float("-inf"), self._begins_bps(way))]
        rate_bps, closed = steps[0][1], False
        for change in sorted(self.changes, key=lambda change: change.t_ms):
            if change.direction != way:
                continue
            if change.key == "rate_bps":
                rate_bps = float(change.value)
            elif change.key == "blackout":
                closed = bool(change.value)
            steps.append((change.t_ms / 1_000, 0.0 if closed else rate_bps))
        begins = np.array([begin for begin, _ in steps])
        place = np.searchsorted(begins, seconds, side="right") - 1
        found: Floats = np.array([bps for _, bps in steps])[place]
        return found

    def _begins_bps(self, way: Way) -> float:
        settings = self.down if way == "down" else self.up
        return float(settings.get("rate_bps", np.inf))


def _rates(way: Way, *steps: tuple[float, float]) -> Iterator[Change]:
    for at_s, mbps in steps:
        yield Change(at_s * 1_000, way, "rate_bps", round(mbps * MBPS))


def _rate(mbps: float, settings: Mapping[str, Any] = NEAR, **more: Any) -> Settings:
    return {**settings, "rate_bps": round(mbps * MBPS), **more}


_STEP: Final = tuple(_rates("down", (30, 0.5), (60, 2.5)))
_TEN_TO_150_MS: Final = (0, 15, 40, 90, 140)
"""What RFC 8867 §5.5 asks for beyond ten milliseconds one way."""
_ENDLESS: Final = 1 << 40

_LOSSES: Final = tuple(
    Scenario(
        f"loss_{percent}",
        f"2 Mbit/s that lose {percent} % of the packets",
        60,
        _rate(2, loss=percent / 100),
    )
    for percent in (2, 10, 20)
)

_EVERY: Final = (
    Scenario(
        "step",
        "2.5 Mbit/s, for half a minute 0.5, and 2.5 again",
        120,
        _rate(2.5),
        changes=_STEP,
    ),
    Scenario(
        "step_layers",
        "2.5 Mbit/s, for half a minute 0.5, and 2.5 again, with three people: layers",
        120,
        _rate(2.5),
        changes=_STEP,
        third=True,
        beside="step",
    ),
    Scenario(
        "narrow",
        "2.5 Mbit/s, for half a minute 100 kbit/s, and 2.5 again",
        80,
        _rate(2.5),
        changes=tuple(_rates("down", (20, 0.1), (50, 2.5))),
    ),
    Scenario(
        "narrow_layers",
        "steadily 0.7 Mbit/s, with three people: layers",
        90,
        _rate(0.7),
        third=True,
    ),
    *_LOSSES,
    Scenario(
        "outage",
        "2.5 Mbit/s, and for five seconds nothing either way",
        60,
        _rate(2.5),
        changes=tuple(
            Change(1_000 * at_s, way, "blackout", closed)
            for at_s, closed in ((20, True), (25, False))
            for way in ("down", "up")
        ),
    ),
    Scenario(
        "two_receivers",
        "two receivers of one picture behind 2.5 Mbit/s",
        60,
        _rate(2.5),
        flows=(Flow(), Flow()),
    ),
    Scenario(
        "rfc8867_5_1",
        "variable capacity, one flow",
        100,
        _rate(1, RFC_8867),
        up=RFC_8867,
        changes=tuple(_rates("down", (40, 2.5), (60, 0.6), (80, 1))),
    ),
    Scenario(
        "rfc8867_5_2",
        "variable capacity, two flows",
        125,
        _rate(4, RFC_8867),
        up=RFC_8867,
        changes=tuple(_rates("down", (25, 2), (50, 3.5), (75, 1), (100, 2))),
        flows=(Flow(), Flow()),
    ),
    Scenario(
        "rfc8867_5_3",
        "congestion in both directions",
        100,
        _rate(2, RFC_8867),
        up=_rate(2, RFC_8867),
        changes=(
            *_rates("down", (20, 1), (40, 0.5), (60, 2)),
            *_rates("up", (35, 0.8), (70, 2)),
        ),
        both_ways=True,
    ),
    Scenario(
        "rfc8867_5_4",
        "three flows that come one after the other",
        120,
        _rate(3.5, RFC_8867),
        up=RFC_8867,
        flows=(Flow(), Flow(starts_s=20), Flow(starts_s=40)),
    ),
    Scenario(
        "rfc8867_5_5",
        "five flows of 10 to 150 ms one way, one after the other",
        300,
        _rate(4),
        up=FREE,
        flows=tuple(
            Flow(f"{number}", starts_s=10.0 * number, farther_ms=farther_ms)
            for number, farther_ms in enumerate(_TEN_TO_150_MS)
        ),
    ),
    *(
        Scenario(
            f"rfc8867_5_6_queue_{queue_ms}",
            f"beside a TCP transfer that does not end, with a queue of {queue_ms:,} ms",
            120,
            _rate(2, RFC_8867, queue_ms=queue_ms),
            up=RFC_8867,
            transfers=Transfers(1, _ENDLESS, _ENDLESS),
        )
        for queue_ms in (300, 1_000)
    ),
    Scenario(
        "rfc8867_5_7",
        "two flows beside ten TCP connections with short transfers",
        300,
        _rate(2, RFC_8867),
        up=RFC_8867,
        flows=(Flow(), Flow()),
        transfers=Transfers(10, 100_000, 1_000_000, idle_s=10),
    ),
    Scenario(
        "rfc8867_5_8",
        "three flows, of which one is paused for twenty seconds",
        120,
        _rate(3.5, RFC_8867),
        up=RFC_8867,
        flows=(Flow("b", paused_s=(40, 60)), Flow(), Flow()),
    ),
)

SCENARIOS: Final[Mapping[str, Scenario]] = {scenario.name: scenario for scenario in _EVERY}


def is_of_rfc_8867(name: str) -> bool:
    """Whether a scenario is one of that RFC's cases."""
    return name.startswith("rfc8867_")


LEFT_OUT: Final[Mapping[str, str]] = {
    "RFC 8867 5.4 and 5.8, senders of their own": "flows of one room share a camera and its "
    "encoder, as they do in a consultation; in 5.5, 5.8 (one of three) and directly each has one",
    "RFC 8867 5.6, media from 5 s on": "the transfer begins with the first picture",
    "RFC 8867 5.6 and 5.7, the way back": "the transfers' acknowledgements share it, and it has no "
    "limit",
}
