from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from relay.messages.pace import BURST, PER_S, MessagePace
from relay.units import ns_of_seconds

SECOND_NS = ns_of_seconds(1.0)


def test_a_burst_passes_and_then_twenty_a_second() -> None:
    pace = MessagePace()
    assert [pace.admits(SECOND_NS) for _ in range(BURST + 5)] == [True] * BURST + [False] * 5
    later = [pace.admits(2 * SECOND_NS) for _ in range(25)]
    assert later == [True] * 20 + [False] * 5


def test_silence_earns_a_burst_and_no_more() -> None:
    pace = MessagePace()
    admitted = [pace.admits(1_000 * SECOND_NS) for _ in range(2 * BURST)]
    assert sum(admitted) == BURST


def test_a_refusal_is_said_once_a_second() -> None:
    pace = MessagePace()
    said = [pace.is_worth_saying(SECOND_NS + tenth * SECOND_NS // 10) for tenth in range(11)]
    assert said == [True] + [False] * 9 + [True]


@given(st.lists(st.integers(min_value=0, max_value=SECOND_NS), max_size=400))
def test_no_span_holds_more_than_a_burst_and_its_rate(pauses_ns: list[int]) -> None:
    pace, now_ns, admitted = MessagePace(), 0, 0
    for pause_ns in pauses_ns:
        now_ns += pause_ns
        admitted += pace.admits(now_ns)
        assert admitted <= BURST + now_ns / SECOND_NS * PER_S + 1
