"""From an engine's growing counters to what grew during one slot. Pure. Called by the chart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from relay.charts.facts import Direction, Medium
from relay.charts.rows import Row
from relay.units import NS_PER_MS, US_PER_MS

_BITS: Final = 8
_HUNDRED: Final = 100


class FlowKey(NamedTuple):
    """Somebody's sound or picture, one way."""

    participant: str
    direction: Direction
    medium: Medium


class Line(NamedTuple):
    """One of the engine's lines: an encoding that comes in, or a slot that goes out."""

    direction: Direction
    number: int
    """Of the track or the slot; never given twice."""
    encoding: int = 0


class Reading(NamedTuple):
    """What the engine has counted of one line by now."""

    flow: FlowKey
    line: Line
    size_bytes: int
    packets: int
    """Received, or sent."""
    lost: int
    jitter_us: int


class Heard(NamedTuple):
    """What somebody's client has said since the last time of what it received."""

    flow: FlowKey
    flawed_ms: int


class _Counts(NamedTuple):
    size_bytes: int
    packets: int
    lost: int


@dataclass(slots=True)
class _Pool:
    """What has grown of one flow in the slot that goes on."""

    size_bytes: int = 0
    packets: int = 0
    lost: int = 0
    jitter_us: int = 0
    flawed_ms: int | None = None
    passed_ns: int = 0
    """For how long something could be compared with the count before."""


@dataclass(slots=True)
class Growth:
    """What all flows of one consultation have grown by since the slot began."""

    began_ns: int
    _looked_ns: int = field(init=False)
    _counted: dict[Line, _Counts] = field(default_factory=dict, repr=False)
    _pools: dict[FlowKey, _Pool] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Look from the beginning on."""
        self._looked_ns = self.began_ns

    def take(self, readings: Iterable[Reading], heard: Iterable[Heard], now_ns: int) -> None:
        """Take in what is counted by now; lines that are no longer named are forgotten.

        A line that is seen for the first time may have counted long before: it counts from now on.
        """
        before, self._counted = self._counted, {}
        passed_ns, self._looked_ns = now_ns - self._looked_ns, now_ns
        compared: set[FlowKey] = set()
        for flow, line, size_bytes, packets, lost, jitter_us in readings:
            now = self._counted[line] = _Counts(size_bytes, packets, lost)
            pool = self._pools.setdefault(flow, _Pool())
            then = before.get(line)
            if then is None:
                continue
            if flow not in compared:
                compared.add(flow)
                pool.passed_ns += passed_ns
            pool.size_bytes += max(0, now.size_bytes - then.size_bytes)
            pool.packets += max(0, now.packets - then.packets)
            pool.lost += max(0, now.lost - then.lost)
            if now.packets > then.packets:
                pool.jitter_us = max(pool.jitter_us, jitter_us)
        for flow, flawed_ms in heard:
            pool = self._pools.setdefault(flow, _Pool())
            pool.flawed_ms = (pool.flawed_ms or 0) + flawed_ms

    def turn(self, now_ns: int) -> dict[FlowKey, Row]:
        """End the slot: give what there is of each flow, and begin the next."""
        passed_ms = max(1, (now_ns - self.began_ns) // NS_PER_MS)
        rows = {flow: _row(flow, pool, passed_ms) for flow, pool in self._pools.items()}
        self.began_ns, self._pools = now_ns, {}
        return rows


def _row(flow: FlowKey, pool: _Pool, passed_ms: int) -> Row:
    flawed_percent = None
    if pool.flawed_ms is not None:
        flawed_percent = round(_HUNDRED * pool.flawed_ms / passed_ms)
    if not pool.passed_ns:
        return Row(flawed_percent=flawed_percent)
    # What is lost on the way here was never received; of what is sent it is a part.
    expected = pool.packets + (pool.lost if flow.direction == "from" else 0)
    return Row(
        kbps=round(pool.size_bytes * _BITS * NS_PER_MS / pool.passed_ns),
        lost_permille=round(1_000 * pool.lost / expected) if expected else None,
        jitter_ms=round(pool.jitter_us / US_PER_MS) if pool.packets else None,
        flawed_percent=flawed_percent,
    )
