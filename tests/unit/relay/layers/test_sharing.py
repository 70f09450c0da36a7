"""The best encoding is made smaller where that is worth more to all who watch, and grows again."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from relay.layers.sharing import (
    LOWER_HOLD_US,
    REFUTED_US,
    SPARE_SHARE,
    STEP_TIMES,
    STEP_US,
    Made,
    Room,
    Sharing,
)

S = 1_000_000
MADE = Made(1_800_000.0, (0.4, 0.6), (213_000,))
"""640x360 in three temporal layers, and 320x180."""


def played(
    sharing: Sharing, rooms_bps: Sequence[float], begin_s: int, end_s: int, *, has_best: bool = True
) -> None:
    """Look once a second, as rounds do."""
    for now_s in range(begin_s, end_s):
        sharing.update([Room(bps, has_best) for bps in rooms_bps], MADE, now_s * S)


def test_what_two_can_have_is_made_once_it_has_been_so_for_a_while() -> None:
    sharing = Sharing()
    hold_s = LOWER_HOLD_US // S
    played(sharing, (1.0e6, 1.1e6), 0, hold_s, has_best=False)
    assert not sharing.is_limited, "a newcomer's rate doubles each second"
    played(sharing, (1.0e6, 1.1e6), hold_s, hold_s + 1, has_best=False)
    assert sharing.most_bps == pytest.approx(SPARE_SHARE * 1.0e6)


@pytest.mark.parametrize(
    "rooms_bps",
    [
        pytest.param((2.4e6, 2.5e6), id="both have all of it"),
        pytest.param((0.6e6, 2.5e6), id="one would lose what the other gains"),
        pytest.param((1.3e6, 2.5e6), id="one has half of the frames already"),
        pytest.param((0.3e6, 0.3e6), id="so little would be no better than the small picture"),
        pytest.param((-0.1e6, 0.0), id="nobody has room for anything"),
        pytest.param((1.0e6,), id="one alone has a limit of another kind"),
        pytest.param((), id="nobody watches"),
    ],
)
def test_it_stays_whole_where_less_is_worth_no_more(rooms_bps: Sequence[float]) -> None:
    sharing = Sharing()
    played(sharing, rooms_bps, 0, 60)
    assert not sharing.is_limited


def test_a_majority_is_worth_more_than_one() -> None:
    sharing = Sharing()
    played(sharing, (1.0e6, 1.0e6, 1.0e6, 5.0e6), 0, 10, has_best=False)
    assert sharing.most_bps == pytest.approx(SPARE_SHARE * 1.0e6)


def limited_to_1_mbps() -> Sharing:
    """Give one that two have, and where there is no room for more yet."""
    sharing = Sharing()
    played(sharing, (1.0e6 / SPARE_SHARE,) * 2, 0, 10)
    assert sharing.most_bps == pytest.approx(1.0e6)
    return sharing


def test_it_grows_by_steps_while_there_is_room_and_all_for_whom_it_is_made_have_it() -> None:
    sharing = limited_to_1_mbps()
    played(sharing, (1.2e6, 1.2e6), 10, 30)
    assert sharing.most_bps == pytest.approx(1.0e6), "an estimate that is pressed falls"
    played(sharing, (2.5e6, 2.5e6), 30, 40, has_best=False)
    assert sharing.most_bps == pytest.approx(1.0e6), "nobody has it yet"
    step_s = STEP_US // S
    played(sharing, (2.5e6, 2.5e6), 40, 40 + step_s)
    assert sharing.most_bps == pytest.approx(STEP_TIMES * 1.0e6)
    played(sharing, (2.5e6, 2.5e6), 40 + step_s, 40 + 6 * step_s)
    assert not sharing.is_limited


def test_a_step_that_was_too_much_is_taken_back_at_once_and_not_made_again_for_longer() -> None:
    sharing = limited_to_1_mbps()
    now_s = 20
    for failures in range(2):
        played(sharing, (2.5e6, 2.5e6), now_s, now_s + 1)
        assert sharing.most_bps == pytest.approx(STEP_TIMES * 1.0e6)
        played(sharing, (0.9e6, 0.9e6), now_s + 1, now_s + 2)
        assert sharing.most_bps == pytest.approx(1.0e6), "in the same round"
        refuted_s = (REFUTED_US << failures) // S
        played(sharing, (2.5e6, 2.5e6), now_s + 2, now_s + refuted_s)
        assert sharing.most_bps == pytest.approx(1.0e6)
        now_s += refuted_s + 2


def test_a_path_that_narrows_is_followed_with_those_who_share_it() -> None:
    sharing = limited_to_1_mbps()
    played(sharing, (0.55e6, 0.55e6), 10, 20, has_best=False)
    assert sharing.most_bps == pytest.approx(SPARE_SHARE * 0.55e6)


def test_who_is_left_alone_has_all_of_it() -> None:
    sharing = limited_to_1_mbps()
    played(sharing, (2.5e6,), 10, 11)
    assert not sharing.is_limited
