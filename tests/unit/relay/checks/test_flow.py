"""The sender and the receiver of a measurement, over paths of which everything is known."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.checks.flow import (
    MESSAGE_BYTES,
    START_BYTES,
    WINDOW_NS,
    WIRE_BYTES,
    Arrivals,
    Departures,
)
from relay.units import NS_PER_MS, NS_PER_S

MOST_BPS = 3_000_000
TICK_NS = 10 * NS_PER_MS
QUEUE_NS = 300 * NS_PER_MS
"""A message that would wait longer is dropped."""
GIVEN_UP_NS = 5 * NS_PER_S


@dataclass
class Path:
    """A rate, a queue, and half a round trip each way; time passes by milliseconds."""

    rate_bps: int
    rtt_ms: int
    departures: Departures = field(default_factory=lambda: Departures(MOST_BPS, 0))
    arrivals: Arrivals = field(default_factory=Arrivals)
    dropped: int = 0
    now_ns: int = 0
    _free_ns: int = 0
    _coming: deque[int] = field(default_factory=deque)
    _going_back: deque[tuple[int, int]] = field(default_factory=deque)

    def run(self) -> int | None:
        """Measure, and give the rate that was found."""
        while not self.arrivals.is_over(self.now_ns) and self.now_ns < GIVEN_UP_NS:
            self.now_ns += NS_PER_MS
            self._deliver()
            if self.now_ns % TICK_NS == 0:
                for _ in range(self.departures.allowed(self.now_ns)):
                    self._send()
        return self.arrivals.kbps(self.now_ns)

    def _deliver(self) -> None:
        while self._going_back and self._going_back[0][0] <= self.now_ns:
            self.departures.note_acknowledged(self._going_back.popleft()[1], self.now_ns)
        while self._coming and self._coming[0] <= self.now_ns:
            came_ns = self._coming.popleft()
            if self.arrivals.note(MESSAGE_BYTES, came_ns):
                back_ns = came_ns + self.rtt_ms * NS_PER_MS // 2
                self._going_back.append((back_ns, self.arrivals.received_bytes))

    def _send(self) -> None:
        self.departures.note_sent(self.now_ns)
        begins_ns = max(self._free_ns, self.now_ns)
        if begins_ns - self.now_ns > QUEUE_NS:
            self.dropped += 1
            return
        self._free_ns = begins_ns + 8 * WIRE_BYTES * NS_PER_S // self.rate_bps
        self._coming.append(self._free_ns + self.rtt_ms * NS_PER_MS // 2)


@pytest.mark.parametrize("rtt_ms", [10, 40, 120])
@pytest.mark.parametrize("rate_bps", [300_000, 500_000, 1_000_000, 2_000_000])
def test_a_narrow_path_is_measured_and_loses_nothing(rate_bps: int, rtt_ms: int) -> None:
    path = Path(rate_bps, rtt_ms)
    assert path.run() == pytest.approx(rate_bps / 1_000, rel=0.12)
    assert path.dropped == 0


def test_a_long_way_is_no_narrow_one() -> None:
    found = Path(100_000_000, 300).run()
    assert found is not None
    assert found >= 900


@pytest.mark.parametrize("rtt_ms", [10, 40, 120])
def test_a_wide_path_is_measured_up_to_the_most_that_may_be_sent(rtt_ms: int) -> None:
    path = Path(100_000_000, rtt_ms)
    assert path.run() == pytest.approx(MOST_BPS / 1_000, rel=0.1)
    assert path.departures.sent_bytes <= 1.1 * 2.5 * MOST_BPS / 8


def test_the_narrowest_of_paths_is_told_apart_from_none() -> None:
    found = Path(150_000, 40).run()
    assert found is not None
    assert 100 <= found <= 200


def test_whoever_acknowledges_nothing_is_sent_five_messages_in_all() -> None:
    departures = Departures(MOST_BPS, 0)
    for now_ns in range(0, 3 * NS_PER_S, TICK_NS):
        for _ in range(departures.allowed(now_ns)):
            departures.note_sent(now_ns)
    assert departures.sent_bytes == START_BYTES


@given(st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 10**8)), max_size=40))
def test_made_up_acknowledgements_let_no_more_leave_than_the_pace(
    said: list[tuple[int, int]],
) -> None:
    departures = Departures(MOST_BPS, 0)
    now_ns = 0
    for total_bytes, passed_ns in said:
        now_ns += passed_ns
        departures.note_acknowledged(total_bytes, now_ns)
        for _ in range(departures.allowed(now_ns)):
            departures.note_sent(now_ns)
        assert departures.acknowledged_bytes <= departures.sent_bytes
    assert departures.sent_bytes <= START_BYTES + MOST_BPS * now_ns / (8 * NS_PER_S)


def test_a_stall_and_the_burst_after_it_do_not_count() -> None:
    arrivals = Arrivals()
    for window in range(8):
        messages = {4: 0, 5: 40}.get(window, 20)
        for _ in range(messages):
            arrivals.note(MESSAGE_BYTES, window * WINDOW_NS + 1)
    assert arrivals.kbps(8 * WINDOW_NS + 1) == 20 * WIRE_BYTES * 8 * 4 // 1_000


def test_too_little_tells_nothing() -> None:
    arrivals = Arrivals()
    assert arrivals.kbps(NS_PER_S) is None
    assert not arrivals.is_over(NS_PER_S)
    assert arrivals.note(MESSAGE_BYTES, NS_PER_S), "the first is acknowledged at once"
    assert arrivals.kbps(NS_PER_S + 3 * WINDOW_NS) is None
    assert arrivals.kbps(NS_PER_S + 8 * WINDOW_NS) is None, "nothing came after the beginning"
