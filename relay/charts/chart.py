"""One consultation's chart: slots that tile its time, and what was noted beside them.

Slots are five seconds long. When a chart would grow past its bound, each two of them become one
twice as long, so that hours take no more memory than the first of them. Pure: times are handed in.
Made and read by whoever reports on consultations, filled by `relay.monitoring.charting`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.charts.cuts import Cuts
from relay.charts.facts import Adapted, Checked, Network, Passed
from relay.charts.growth import FlowKey, Growth, Heard, Reading
from relay.charts.rows import Row, Rows
from relay.precall import CheckResult
from relay.units import NS_PER_S

SLOT_S: Final = 5
"""What somebody remembers of a moment ("it stopped when I showed the prescription"), and short
enough that a cut of some seconds is not lost in an average."""

MAX_FIGURES_BYTES: Final = 65_536
"""Of all slots of a chart: two people's, both ways, for nearly two hours of five-second slots."""

MAX_SLOTS: Final = 1_440
"""Two hours of five seconds: a page of figures that somebody can still leaf through."""

MAX_FLOWS: Final = 64
"""Whoever leaves and comes again comes under another name: four flows each, of 16 comings."""

MAX_NOTES: Final = 200
"""Of each kind: a path that changes every minute for three hours."""

_LOOK_NS: Final = SLOT_S * NS_PER_S


@dataclass(slots=True)
class Chart:
    """One consultation's."""

    began_ns: int
    slot_s: int = SLOT_S
    count: int = 0
    """How many slots are over."""
    flows: dict[FlowKey, Rows] = field(default_factory=dict, repr=False)
    cuts: Cuts = field(default_factory=Cuts)
    passed: list[Passed] = field(default_factory=list)
    adapted: list[Adapted] = field(default_factory=list)
    checked: list[Checked] = field(default_factory=list)
    is_frozen: bool = False
    """Whether it is over."""
    is_full: bool = False
    """Whether there were more flows than are charted."""
    _left_out: int = 0
    _growth: Growth = field(init=False, repr=False)
    _looked: int = -1
    """How many times five seconds had passed at the last look; before the first, -1."""
    _size_bytes: int = 0
    _ways: dict[str, Network] = field(default_factory=dict, repr=False)
    _states: dict[str, str] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Begin the first slot."""
        self._growth = Growth(self.began_ns)

    @property
    def left_out(self) -> int:
        """How much more there was to note than is kept."""
        return self._left_out + self.cuts.left_out + self.is_full

    @property
    def size_bytes(self) -> int:
        """What the slots take of memory."""
        return sum(rows.size_bytes for rows in self.flows.values())

    def is_due(self, now_ns: int) -> bool:
        """Whether figures should be read: once in five seconds, however long a slot is by now."""
        return not self.is_frozen and (now_ns - self.began_ns) // _LOOK_NS > self._looked

    def look(self, readings: Iterable[Reading], heard: Iterable[Heard], now_ns: int) -> None:
        """Take in what is counted by now, and end what slots are over.

        Args:
            readings: Of every line there is.
            heard: What clients have said since the last look.
            now_ns: When, monotonic; never before the last look.

        """
        assert not self.is_frozen, "it is over"
        self._looked = (now_ns - self.began_ns) // _LOOK_NS
        self._growth.take(readings, heard, now_ns)
        self._end_slots(now_ns)

    def went_by(self, who: str, network: Network, now_ns: int) -> None:
        """Note by which way somebody's media go, where that is new."""
        if self._ways.get(who) == network:
            return
        self._ways[who] = network
        if self._has_room(len(self.passed)):
            self.passed.append(Passed(who, now_ns, network))

    def was_sent(self, who: str, state: str, now_ns: int) -> None:
        """Note how much somebody is sent of what they subscribe to, where that is new."""
        if self._states.get(who, "full") == state:
            return
        self._states[who] = state
        if self._has_room(len(self.adapted)):
            self.adapted.append(Adapted(who, now_ns, state))

    def was_checked(self, who: str, result: CheckResult, now_ns: int) -> None:
        """Note what somebody's check before the consultation came to, where that is new."""
        latest = next((each for each in reversed(self.checked) if each.participant == who), None)
        if latest is not None and latest.result == result:
            return
        if self._has_room(len(self.checked)):
            self.checked.append(Checked(who, now_ns, result))

    def freeze(self, now_ns: int) -> None:
        """End it, and take less memory from now on. The last slot ends with the consultation."""
        if self.is_frozen:
            return
        self._end_slots(now_ns)
        if now_ns > self._over_ns():
            self._put(self._growth.turn(now_ns))
        for who in list(self.cuts.now):
            self.cuts.gone(who, now_ns)
        for rows in self.flows.values():
            rows.freeze()
        self._growth = Growth(now_ns)
        self._ways, self._states = {}, {}
        self.is_frozen = True

    def _over_ns(self) -> int:
        """When the slots that are over ended."""
        return self.began_ns + self.count * self.slot_s * NS_PER_S

    def _end_slots(self, now_ns: int) -> None:
        """End the slot that goes on, and those that nobody looked at, which were as it was."""
        if now_ns - self._over_ns() < self.slot_s * NS_PER_S:
            return
        grown = self._growth.turn(now_ns)
        while now_ns - self._over_ns() >= self.slot_s * NS_PER_S:
            self._put(grown)
            # Only slots that are there in pairs can be joined.
            while self._is_too_much() and self.count % 2 == 0:
                self._halve()

    def _put(self, grown: Mapping[FlowKey, Row]) -> None:
        for flow, row in grown.items():
            rows = self.flows.get(flow)
            if rows is None:
                if len(self.flows) >= MAX_FLOWS:
                    self.is_full = True
                    continue
                rows = self.flows[flow] = Rows(self.count)
            before_bytes = rows.size_bytes
            rows.put(self.count, row)
            self._size_bytes += rows.size_bytes - before_bytes
        self.count += 1

    def _is_too_much(self) -> bool:
        return self.count > MAX_SLOTS or self._size_bytes > MAX_FIGURES_BYTES

    def _halve(self) -> None:
        for rows in self.flows.values():
            rows.halve()
        self.slot_s *= 2
        self.count //= 2
        self._size_bytes = self.size_bytes

    def _has_room(self, kept: int) -> bool:
        """Whether one more note of a kind may be kept; counts it where not."""
        self._left_out += kept >= MAX_NOTES
        return kept < MAX_NOTES
