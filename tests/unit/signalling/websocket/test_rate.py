from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signalling.websocket.rate import Allowance


def test_a_burst_is_served_at_once_and_more_has_to_wait() -> None:
    allowance = Allowance(burst=3, per_s=2.0)
    assert [allowance.delay_s(100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 0.5, 1.0]


def test_waiting_restores_the_allowance_up_to_the_burst() -> None:
    allowance = Allowance(burst=3, per_s=2.0)
    for _ in range(3):
        allowance.delay_s(100.0)
    assert allowance.delay_s(100.5) == 0.0
    assert allowance.delay_s(100.5) == 0.5
    assert [allowance.delay_s(1_000.0) for _ in range(4)] == [0.0, 0.0, 0.0, 0.5]


@given(st.lists(st.floats(min_value=0.0, max_value=2.0), max_size=200))
def test_whoever_waits_as_told_is_never_served_faster_than_the_rate(pauses_s: list[float]) -> None:
    allowance = Allowance(burst=5, per_s=10.0)
    now_s, served_s = 0.0, []
    for pause_s in pauses_s:
        now_s += pause_s
        now_s += allowance.delay_s(now_s)
        served_s.append(now_s)
    for first, last in zip(served_s, served_s[7:], strict=False):
        # Eight requests span at least what the rate gives beyond the burst.
        assert last - first >= 2 / 10.0 - 1e-9
