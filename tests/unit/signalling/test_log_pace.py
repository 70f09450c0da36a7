from __future__ import annotations

from signalling.log_pace import LogPace


def test_one_line_a_second_speaks_of_all_since_the_last() -> None:
    pace = LogPace()
    assert [pace.times("expired", now_s) for now_s in (5.0, 5.1, 5.9)] == [1, 0, 0]
    assert pace.times("expired", 6.0) == 3
    assert pace.times("expired", 60.0) == 1


def test_each_reason_has_its_own_line() -> None:
    pace = LogPace()
    assert pace.times("expired", 5.0) == 1
    assert pace.times("malformed", 5.0) == 1
