"""Waits between tries: they grow, they spread, they end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signalling.webhooks.backoff import (
    JITTER,
    MAX_WAIT_S,
    retry_after_s_untrusted,
    wait_s,
)


@given(
    failures=st.integers(1, 10_000),
    chance=st.floats(0, 1),
    asked_s=st.none() | st.floats(0, 1e9),
)
def test_a_wait_is_bounded_whatever_is_asked(
    failures: int, chance: float, asked_s: float | None
) -> None:
    wait = wait_s(failures, chance, asked_s=asked_s)
    assert 1 <= wait <= MAX_WAIT_S * (1 + JITTER)
    assert wait >= min(asked_s or 0, MAX_WAIT_S)


def test_waits_grow_to_an_hour() -> None:
    waits = [wait_s(failures, 0.5) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert waits[0] == 2
    assert waits[-1] == 3_600


@given(st.text() | st.integers().map(str))
def test_a_retry_after_is_seconds_or_nothing(header: str) -> None:
    asked_s = retry_after_s_untrusted(header)
    assert asked_s is None or asked_s == int(header) >= 0


def test_a_date_is_no_number_of_seconds() -> None:
    assert retry_after_s_untrusted(None) is None
    assert retry_after_s_untrusted("Wed, 21 Oct 2026 07:28:00 GMT") is None
    assert retry_after_s_untrusted("²") is None
    assert retry_after_s_untrusted("120") == 120
