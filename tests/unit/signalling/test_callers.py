from __future__ import annotations

import pytest

from signalling.callers import Failures, caller_at


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_ipv6_network_is_one_caller(address: str, caller: str) -> None:
    assert caller_at(address) == caller


def test_ten_failures_a_minute_are_answered_and_the_eleventh_is_told_to_wait() -> None:
    failures = Failures()
    assert all(failures.note("192.0.2.1", float(second)) is None for second in range(10))
    refused = failures.note("192.0.2.1", 20.0)
    assert refused is not None
    assert refused.code == "limit_reached"
    assert refused.retry_after_s == 40.0
    assert failures.note("192.0.2.2", 20.0) is None
    assert failures.note("192.0.2.1", 60.0) is None


def test_addresses_are_remembered_in_bounded_number() -> None:
    failures = Failures(max_per_minute=1, max_addresses=2)
    for address in ("a", "b", "c"):
        assert failures.note(address, 0.0) is None
    assert failures.note("a", 1.0) is None
    assert failures.note("c", 1.0) is not None
