"""When a room ends: by its duration or at its hour, whichever is sooner, and told before."""

from __future__ import annotations

import pytest

from relay.errors import Conflict
from relay.rooms.ending import NEVER_NS, Ending
from relay.units import NS_PER_S, ns_of_seconds

NOW_NS = 7 * NS_PER_S


@pytest.mark.parametrize(
    ("ends_in_s", "closes_in_s", "left_s"),
    [(None, None, None), (60, None, 60), (None, 50, 50), (60, 50, 50), (60, 70, 60), (0, 70, 0)],
)
def test_the_sooner_end_is_told(
    ends_in_s: int | None, closes_in_s: float | None, left_s: int | None
) -> None:
    ending = Ending(NEVER_NS if ends_in_s is None else NOW_NS + ns_of_seconds(ends_in_s))
    ending.close_in(closes_in_s, NOW_NS)
    assert ending.left_s(NOW_NS) == left_s


def test_an_hour_that_comes_first_is_not_extended() -> None:
    ending = Ending(NOW_NS + ns_of_seconds(60))
    ending.close_in(90, NOW_NS)
    ending.extend(60, NOW_NS)
    assert ending.left_s(NOW_NS) == 90
    with pytest.raises(Conflict):
        ending.extend(60, NOW_NS)
    ending.close_in(None, NOW_NS)
    ending.extend(60, NOW_NS)
    assert ending.left_s(NOW_NS) == 180


def test_what_is_over_has_nothing_left() -> None:
    assert Ending(NOW_NS).left_s(NOW_NS + NS_PER_S) == 0


def test_an_hour_is_taken_back() -> None:
    ending = Ending()
    ending.close_in(30, NOW_NS)
    assert ending.is_to_be_told(NOW_NS)
    ending.close_in(None, NOW_NS)
    assert ending.left_s(NOW_NS) is None
    assert not ending.is_to_be_told(NOW_NS)
