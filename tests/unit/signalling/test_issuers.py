"""Tokens of a backend whose clock is ahead, after their bearer was put out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Ejected, UnknownRoom
from relay.ids import RoomId
from relay.rooms.ejections import Ejections
from relay.units import ns_of_seconds
from signalling.issuers import AHEAD_S, IssuerClocks
from signalling.tokens import LEEWAY_S, verify_untrusted
from tests.unit.signalling.test_tokens import KEYS, NOW_S, OTHER_SECRET, claims, signed

ROOM = RoomId("room-1")


def token(issued_s: float, name: str, ahead_s: float = 0.0) -> str:
    """Sign a token by a clock that is ahead."""
    return signed(claims(iat=NOW_S + issued_s + ahead_s, nbf=NOW_S, exp=NOW_S + 3_600, jti=name))


@pytest.mark.parametrize("everybody", [False, True], ids=["put out", "room closed"])
@pytest.mark.parametrize("after_s", [1, 30, 49, 300])
def test_an_old_token_of_a_clock_that_is_ahead_is_refused_for_good(
    *, everybody: bool, after_s: int
) -> None:
    ejections, clocks = Ejections(), IssuerClocks()
    verify_untrusted(token(0, "first", ahead_s=50), KEYS, NOW_S, clocks)
    identity = None if everybody else "patient-1"
    ejections.note(ROOM, identity, ns_of_seconds(20), token="first")
    now_s = 20 + after_s
    old = verify_untrusted(token(10, "second", ahead_s=50), KEYS, NOW_S + now_s, clocks)
    with pytest.raises(UnknownRoom if everybody else Ejected):
        ejections.require_good(old, ns_of_seconds(now_s))
    fresh = verify_untrusted(token(32, "third", ahead_s=50), KEYS, NOW_S + 90, clocks)
    ejections.require_good(fresh, ns_of_seconds(90))


def test_a_clock_that_is_right_has_new_links_accepted_at_once() -> None:
    ejections, clocks = Ejections(), IssuerClocks()
    other = signed(claims(iss="key-2", iat=NOW_S + 50), kid="key-2", secret=OTHER_SECRET)
    verify_untrusted(other, KEYS, NOW_S, clocks)
    ejections.note(ROOM, "patient-1", ns_of_seconds(20), token="first")
    fresh = verify_untrusted(token(20.5, "second"), KEYS, NOW_S + 21, clocks)
    ejections.require_good(fresh, ns_of_seconds(21))


@given(
    ahead_s=st.floats(AHEAD_S * 1.01, LEEWAY_S),
    issued_s=st.floats(0, 1_000),
    later_s=st.floats(0, 1_000),
    seen=st.booleans(),
)
def test_no_token_counts_as_younger_than_it_is(
    *, ahead_s: float, issued_s: float, later_s: float, seen: bool
) -> None:
    clocks = IssuerClocks()
    if seen:
        clocks.age_s("issuer", -ahead_s, LEEWAY_S)
    said_s = later_s - ahead_s
    age_s = clocks.age_s("issuer", said_s, LEEWAY_S)
    if seen or said_s < -AHEAD_S:
        assert age_s >= later_s - 1e-6
    assert age_s <= later_s + LEEWAY_S
    assert IssuerClocks().age_s("another", issued_s, LEEWAY_S) == issued_s
