"""What a token says about moderating, waiting and urgency."""

from __future__ import annotations

import pytest

from relay.rooms.permissions import Arrival, Right
from relay.rooms.settings import Priority
from signalling.tokens import LEEWAY_S, MAX_LIFETIME_S, Reason, TokenRefused, verify_untrusted
from tests.unit.signalling.test_tokens import KEYS, NOW_S, claims, signed


def test_a_token_says_how_its_bearer_comes_in() -> None:
    token = signed(
        claims(
            label="10:15",
            once=True,
            iat=NOW_S - 20,
            grants={
                "rights": ["admit"],
                "move_to": ["room-2"],
                "waits": True,
                "priority": "urgent",
            },
        )
    )
    grant = verify_untrusted(token, KEYS, NOW_S)
    assert grant.rights == {Right.ADMIT}
    assert grant.move_to == {"room-2"}
    assert grant.arrival == Arrival(
        waits=True,
        priority=Priority.URGENT,
        label="10:15",
        age_s=20.0,
        token="one",
        once=True,
    )


@pytest.mark.parametrize(
    ("times", "age_s"),
    [
        ({"nbf": NOW_S - 40}, 40.0),
        ({"nbf": NOW_S - 40, "iat": NOW_S - 0.5}, 0.5),
        ({"iat": NOW_S + 3_600}, 0.0),
        ({"iat": -1e300}, float(MAX_LIFETIME_S + LEEWAY_S)),
    ],
    ids=["from nbf", "from iat", "a clock that is ahead", "nonsense"],
)
def test_a_tokens_age_is_bounded(times: dict[str, float], age_s: float) -> None:
    assert verify_untrusted(signed(claims(**times)), KEYS, NOW_S).arrival.age_s == age_s


@pytest.mark.parametrize(
    "grants",
    [
        {"rights": ["rule"]},
        {"rights": "admit"},
        {"move_to": ["room"] * 17},
        {"move_to": ["a b"]},
        {"waits": "yes"},
        {"priority": "highest"},
    ],
    ids=str,
)
def test_grants_that_are_none_are_refused(grants: dict[str, object]) -> None:
    with pytest.raises(TokenRefused) as refused:
        verify_untrusted(signed(claims(grants=grants)), KEYS, NOW_S)
    assert refused.value.reason is Reason.WRONG_CLAIMS
