"""How fast test messages may leave, and how fast they came: one path, one direction, two seconds.

Pure: given the time. The sender keeps the path full and its queue short, so that next to nothing is
lost: what is on its way is bounded by what was acknowledged, and whoever acknowledges nothing is
sent five messages in all. signalling/client/check/flow.js does the same in the browser, and tests
hold both against the same emulated paths. Called by `relay.checks.traffic`.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from relay.units import NS_PER_MS, NS_PER_S, ns_of_seconds

MESSAGE_BYTES: Final = 1_000
"""One DATA chunk, which is one datagram."""
WIRE_BYTES: Final = 1_093
"""The same as links carry it: DATA chunk 16, SCTP 12 (RFC 9260 §3), DTLS with AES-GCM 37 (RFC 6347
§4.1, RFC 5288 §3), UDP 8, IPv4 20."""
DURATION_S: Final = 2.0
"""Of one direction."""
UNSETTLED_WINDOWS: Final = 2
"""The first half second, in which the sender still finds out, is not counted."""
WINDOW_NS: Final = 250 * NS_PER_MS
LEAST_WINDOWS: Final = 2
EXTREMES: Final = 4
"""With so many windows the best and the worst do not count: a stall, and what it held up."""

START_BYTES: Final = 5 * MESSAGE_BYTES
"""On its way before anything is acknowledged: 0.3 s of 150 kbit/s."""
QUEUE_NS: Final = 60 * NS_PER_MS
"""Beside one and a half round trips: so much of what the path carries may be on its way. Where the
path carries all of it, each round trip brings half as much again; where not, it stands in a queue,
of which the emulated links of the tests hold 0.3 s."""
SPARE_BYTES: Final = 2 * MESSAGE_BYTES
"""Beside that: acknowledgements come for several messages, and ticks are not always in time."""
RATED_NS: Final = 100 * NS_PER_MS
"""What was acknowledged in this time, or in a round trip where that is longer, tells the rate."""
LEAST_RATED: Final = 3
"""Acknowledgements; of a slow path they come seldom."""
LEAST_SPAN_NS: Final = 15 * NS_PER_MS
"""Between the first and the last of them: those that came together tell nothing."""
KEPT_NS: Final = NS_PER_S
"""The fastest that a path was seen to be counts for so long: over a long way acknowledgements come
in waves, with nothing between."""
LATE_NS: Final = 30 * NS_PER_MS
"""Of its pace a sender makes up for that much after a tick that was late."""

ACKNOWLEDGED_MESSAGES: Final = 4
ACKNOWLEDGED_NS: Final = 20 * NS_PER_MS
"""One acknowledgement for so many messages, or for the first after so long; fewer than
`START_BYTES`, or both ends would wait for each other."""


@dataclass(slots=True)
class Departures:
    """What a sender has sent and may send."""

    most_bps: int
    """As links carry it."""
    begun_ns: int
    sent_bytes: int = 0
    acknowledged_bytes: int = 0
    _credit_bytes: int = START_BYTES
    """What the pace lets leave now."""
    _credited_ns: int | None = None
    _marks: deque[tuple[int, int]] = field(default_factory=deque)
    """What had been sent when, of what is on its way."""
    _acknowledged: deque[tuple[int, int]] = field(default_factory=deque)
    """What had been acknowledged when, lately."""
    _least_rtt_ns: int = 0
    _rate_bytes_s: int = 0
    """The fastest that messages arrived lately; 0 while that is not known."""
    _rated_at_ns: int = 0

    def allowed(self, now_ns: int) -> int:
        """Say how many messages may leave now."""
        self._gain_credit(now_ns)
        lasting_ns = self._least_rtt_ns * 3 // 2 + QUEUE_NS
        carried_bytes = self._rate_bytes_s * lasting_ns // NS_PER_S
        under_way_bytes = max(START_BYTES, carried_bytes + SPARE_BYTES)
        room_bytes = self.acknowledged_bytes + under_way_bytes - self.sent_bytes
        return max(0, min(self._credit_bytes, room_bytes)) // MESSAGE_BYTES

    def note_sent(self, now_ns: int) -> None:
        """Take note that a message has left."""
        self.sent_bytes += MESSAGE_BYTES
        self._credit_bytes -= MESSAGE_BYTES
        self._marks.append((self.sent_bytes, now_ns))

    def note_acknowledged(self, total_bytes: int, now_ns: int) -> None:
        """Take the other end's word for what has come; what is old or made up is no news."""
        if not self.acknowledged_bytes < total_bytes <= self.sent_bytes:
            return
        self.acknowledged_bytes = total_bytes
        while self._marks and self._marks[0][0] <= total_bytes:
            rtt_ns = now_ns - self._marks.popleft()[1]
            self._least_rtt_ns = min(rtt_ns, self._least_rtt_ns or rtt_ns)
        self._acknowledged.append((total_bytes, now_ns))
        rated_ns = max(RATED_NS, self._least_rtt_ns * 6 // 5)
        while len(self._acknowledged) > LEAST_RATED and (
            now_ns - self._acknowledged[0][1] > rated_ns
        ):
            self._acknowledged.popleft()
        self._note_rate(now_ns)

    def _note_rate(self, now_ns: int) -> None:
        first_bytes, first_ns = self._acknowledged[0]
        last_bytes, last_ns = self._acknowledged[-1]
        if last_ns - first_ns < LEAST_SPAN_NS:
            return
        rate_bytes_s = (last_bytes - first_bytes) * NS_PER_S // (last_ns - first_ns)
        if rate_bytes_s >= self._rate_bytes_s or now_ns - self._rated_at_ns > KEPT_NS:
            self._rate_bytes_s = min(rate_bytes_s, self._most_bytes_s)
            self._rated_at_ns = now_ns

    @property
    def _most_bytes_s(self) -> int:
        return self.most_bps * MESSAGE_BYTES // (8 * WIRE_BYTES)

    def _gain_credit(self, now_ns: int) -> None:
        """Let no more leave than twice what arrives: after a rest it would all stand in a queue."""
        pace_bytes_s = self._most_bytes_s
        if self._rate_bytes_s:
            pace_bytes_s = min(pace_bytes_s, 2 * self._rate_bytes_s)
        since_ns = now_ns - (self.begun_ns if self._credited_ns is None else self._credited_ns)
        self._credited_ns = now_ns
        most_bytes = max(START_BYTES, pace_bytes_s * LATE_NS // NS_PER_S)
        gained_bytes = pace_bytes_s * since_ns // NS_PER_S
        self._credit_bytes = min(most_bytes, self._credit_bytes + gained_bytes)


@dataclass(slots=True)
class Arrivals:
    """What has come, by windows since the first of it."""

    received_bytes: int = 0
    begun_ns: int | None = None
    _windows: list[int] = field(default_factory=list)
    _acknowledged_bytes: int = 0
    _acknowledged_ns: int = 0

    def note(self, size_bytes: int, now_ns: int) -> bool:
        """Take note of a message; whether to acknowledge all that has come."""
        if self.begun_ns is None:
            self.begun_ns = now_ns
        window = (now_ns - self.begun_ns) // WINDOW_NS
        self._windows.extend([0] * (window + 1 - len(self._windows)))
        self._windows[window] += size_bytes
        self.received_bytes += size_bytes
        waiting_bytes = self.received_bytes - self._acknowledged_bytes
        if (
            waiting_bytes < ACKNOWLEDGED_MESSAGES * MESSAGE_BYTES
            and now_ns - self._acknowledged_ns < ACKNOWLEDGED_NS
        ):
            return False
        self._acknowledged_bytes, self._acknowledged_ns = self.received_bytes, now_ns
        return True

    def is_over(self, now_ns: int) -> bool:
        """Whether it has gone on for as long as it is measured."""
        return self.begun_ns is not None and now_ns - self.begun_ns >= ns_of_seconds(DURATION_S)

    def kbps(self, now_ns: int) -> int | None:
        """Give what the path carried, as links carry it; `None` where too little came to tell."""
        if self.begun_ns is None:
            return None
        whole = min((now_ns - self.begun_ns) // WINDOW_NS, _MOST_WINDOWS)
        settled = self._windows[UNSETTLED_WINDOWS:whole]
        settled += [0] * (whole - UNSETTLED_WINDOWS - len(settled))
        if len(settled) < LEAST_WINDOWS or not any(settled):
            return None
        if len(settled) >= EXTREMES:
            settled = sorted(settled)[1:-1]
        bits = 8 * sum(settled) * WIRE_BYTES // MESSAGE_BYTES
        return bits * NS_PER_MS // (len(settled) * WINDOW_NS)


_MOST_WINDOWS: Final = ns_of_seconds(DURATION_S) // WINDOW_NS
