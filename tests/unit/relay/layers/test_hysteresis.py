"""Down at once, up when it is sure."""

from __future__ import annotations

import pytest

from relay.layers.hysteresis import (
    FAILED_US,
    HOLD_US,
    LASTED_US,
    MARGIN,
    MOST_REFUTED_DOUBLINGS,
    PATIENCE_US,
    PAUSE_BPS,
    REFUTED_SHARE,
    REFUTED_US,
    RESUME_HOLD_US,
    ROOM_SHARE,
    SPREAD_US,
    Lowest,
    Restraint,
)

TICK_US = 100_000
SECOND_US = 1_000_000


def follow(
    restraint: Restraint, rate_bps: float, rise_bps: float, begin_us: int, long_us: int
) -> int | None:
    """Give when the budget rises, while nothing that is held speaks against it."""
    for now_us in range(begin_us, begin_us + long_us, TICK_US):
        restraint.note(rate_bps, rise_bps, now_us)
        if restraint.rises(rate_bps, rise_bps, now_us):
            return now_us
    return None


def test_a_first_rate_is_spent_with_a_margin() -> None:
    restraint = Restraint.begin(1_150_000.0, 0)
    assert restraint.budget_bps == pytest.approx(1_000_000.0)
    assert not restraint.paused
    assert Restraint.begin(PAUSE_BPS - 1.0, 0).paused


def test_a_fall_acts_in_the_same_tick() -> None:
    restraint = Restraint.begin(1_150_000.0, 0)
    restraint.note(999_999.0, 2e6, TICK_US)
    assert restraint.falls(999_999.0, 1_000_000.0, TICK_US)
    assert restraint.budget_bps <= 999_999.0


def test_a_rate_above_what_is_sent_changes_nothing() -> None:
    restraint = Restraint.begin(1_150_000.0, 0)
    restraint.note(1_000_000.0, 2e6, TICK_US)
    assert not restraint.falls(1_000_000.0, 1_000_000.0, TICK_US)
    assert not restraint.rises(1_000_000.0, 2e6, TICK_US)


def test_the_first_fall_spends_all_and_another_soon_leaves_room() -> None:
    restraint = Restraint.begin(1_200_000.0, 0)
    restraint.note(1_000_000.0, 2e6, PATIENCE_US)
    assert restraint.falls(1_000_000.0, 1_040_000.0, PATIENCE_US)
    assert restraint.budget_bps == 1_000_000.0
    restraint.note(900_000.0, 2e6, PATIENCE_US + TICK_US)
    assert restraint.falls(900_000.0, 950_000.0, PATIENCE_US + TICK_US)
    assert restraint.budget_bps == pytest.approx(ROOM_SHARE * 900_000.0)


def test_another_link_is_used_after_half_a_second() -> None:
    restraint = Restraint.begin(300_000.0, 0)
    rise_bps = restraint.rise_at(500_000.0)
    assert follow(restraint, 1_000_000.0, rise_bps, TICK_US, 10 * SECOND_US) == TICK_US + HOLD_US
    assert restraint.budget_bps == pytest.approx(1_000_000.0 / MARGIN)


def test_a_rate_that_does_not_last_raises_nothing() -> None:
    restraint = Restraint.begin(300_000.0, 0)
    rise_bps = restraint.rise_at(500_000.0)
    for tick in range(1, 600):
        rate_bps = 300_000.0 if tick % 5 == 0 else 1_000_000.0
        restraint.note(rate_bps, rise_bps, tick * TICK_US)
        assert not restraint.rises(rate_bps, rise_bps, tick * TICK_US)


def test_a_little_more_waits_for_a_minute_since_the_last_change() -> None:
    restraint = Restraint.begin(1_000_000.0, 0)
    rise_bps = restraint.rise_at(950_000.0)
    rose_us = follow(restraint, 1_150_000.0, rise_bps, TICK_US, 2 * PATIENCE_US)
    assert rose_us is not None
    assert PATIENCE_US <= rose_us <= PATIENCE_US + HOLD_US


def test_a_climb_that_is_over_does_not_count_against_where_it_led() -> None:
    restraint = Restraint.begin(520_000.0, 0)
    rise_bps = restraint.rise_at(550_000.0)
    assert follow(restraint, 690_000.0, rise_bps, TICK_US, 3 * TICK_US) is None
    rose_us = follow(restraint, 800_000.0, rise_bps, 4 * TICK_US, 5 * SECOND_US)
    assert rose_us is not None
    assert rose_us <= 4 * TICK_US + 2 * HOLD_US


def test_a_rise_that_failed_has_the_next_ones_wait_longer_up_to_a_limit() -> None:
    restraint = Restraint.begin(150_000.0, 0)
    now_us, waits_us = 0, []
    for _ in range(8):
        # Far below for a while, so that it is another link each time.
        now_us += 30 * SECOND_US
        restraint.note(100_000.0, 1e9, now_us)
        begin_us = now_us + TICK_US
        rose_us = follow(restraint, 1_000_000.0, 500_000.0, begin_us, 60 * SECOND_US)
        assert rose_us is not None
        waits_us.append(rose_us - begin_us)
        now_us = rose_us + FAILED_US - TICK_US
        restraint.note(200_000.0, 1e9, now_us)
        assert restraint.falls(200_000.0, 800_000.0, now_us)
    assert waits_us == [HOLD_US << min(failures, 4) for failures in range(8)]


def test_a_rise_that_lasted_forgets_earlier_failures() -> None:
    restraint = Restraint(500_000.0, paused=False, _changed_us=0, _failures=3)
    restraint.note(100_000.0, 1e9, SECOND_US)
    rose_us = follow(restraint, 1_000_000.0, 500_000.0, 2 * SECOND_US, 60 * SECOND_US)
    assert rose_us is not None
    restraint.note(300_000.0, 1e9, rose_us + 61 * SECOND_US)
    assert restraint.falls(300_000.0, 800_000.0, rose_us + 61 * SECOND_US)
    assert restraint._failures == 0


def test_pictures_pause_below_the_threshold_whatever_they_cost() -> None:
    restraint = Restraint.begin(300_000.0, -2 * PATIENCE_US)
    restraint.note(PAUSE_BPS - 1.0, 1e9, 0)
    assert restraint.falls(PAUSE_BPS - 1.0, 60_000.0, 0)
    assert restraint.paused
    assert not restraint.falls(PAUSE_BPS - 2.0, 0.0, TICK_US), "once"
    assert restraint.rise_at(60_000.0) > MARGIN * PAUSE_BPS


def test_a_second_fall_near_the_threshold_pauses_so_that_no_third_follows() -> None:
    restraint = Restraint.begin(200_000.0, 0)
    restraint.note(135_000.0, 1e9, TICK_US)
    assert restraint.falls(135_000.0, 150_000.0, TICK_US)
    assert restraint.paused


def test_a_budget_is_never_more_than_the_rate() -> None:
    restraint = Restraint.begin(1_000_000.0, 0)
    restraint.note(500_000.0, 1e9, TICK_US)
    assert restraint.budget_bps == 500_000.0
    restraint.grant(800_000.0)
    assert restraint.budget_bps == pytest.approx(800_000.0 / MARGIN)


def test_pictures_come_back_after_two_seconds_of_what_permits_it() -> None:
    restraint = Restraint.begin(80_000.0, 0)
    rise_bps = restraint.rise_at(60_000.0)
    for second in range(5):
        begin_us = second * SECOND_US
        assert follow(restraint, 300_000.0, rise_bps, begin_us, SECOND_US - TICK_US) is None
        assert follow(restraint, 80_000.0, rise_bps, begin_us + SECOND_US - TICK_US, 1) is None
    begin_us = 5 * SECOND_US
    rose_us = follow(restraint, 300_000.0, rise_bps, begin_us, 9 * SECOND_US)
    assert rose_us == begin_us + RESUME_HOLD_US
    assert not restraint.paused


def test_nothing_is_granted_while_pictures_pause() -> None:
    restraint = Restraint.begin(100_000.0, 0)
    before_bps = restraint.budget_bps
    restraint.grant(1_000_000.0)
    assert restraint.budget_bps == before_bps


def test_the_lowest_is_that_of_one_to_two_windows() -> None:
    lowest = Lowest(100.0, 100.0, 0)
    for second in range(1, 25):
        lowest.note(200.0, second * SECOND_US)
        assert lowest.bps == (100.0 if second < 20 else 200.0)


def test_after_a_fall_it_is_the_fall_from_which_another_link_has_to_rise() -> None:
    restraint = Restraint.begin(300_000.0, 0)
    assert follow(restraint, 1_150_000.0, 500_000.0, TICK_US, SECOND_US) is not None
    restraint.note(900_000.0, 2e6, 2 * SECOND_US)
    assert restraint.falls(900_000.0, 1_000_000.0, 2 * SECOND_US)
    rise_bps = restraint.rise_at(950_000.0)
    assert follow(restraint, 1_150_000.0, rise_bps, 2 * SECOND_US, 20 * SECOND_US) is None


def failed_at(held_bps: float, begun_us: int = 0) -> tuple[Restraint, int]:
    """Give one whose rise to so much failed after a second, and when that was."""
    restraint = Restraint.begin(100_000.0, begun_us)
    rise_bps = restraint.rise_at(held_bps)
    rose_us = follow(restraint, 2_300_000.0, rise_bps, TICK_US, 10 * SECOND_US)
    assert rose_us is not None
    fallen_us = rose_us + SECOND_US
    restraint.note(0.4 * held_bps, 1e9, fallen_us)
    assert restraint.falls(0.4 * held_bps, held_bps, fallen_us)
    return restraint, fallen_us


def test_what_has_just_failed_is_tried_again_after_waits_that_grow_whatever_is_promised() -> None:
    restraint, fallen_us = failed_at(1_700_000.0)
    rise_bps = restraint.rise_at(1_700_000.0)
    for further in range(6):
        rose_us = follow(restraint, 2_300_000.0, rise_bps, fallen_us + TICK_US, 600 * SECOND_US)
        assert rose_us is not None
        least_us = REFUTED_US << min(further, MOST_REFUTED_DOUBLINGS)
        # And up to eight seconds in which it has to last by then.
        assert least_us <= rose_us - fallen_us <= least_us + SPREAD_US + 10 * SECOND_US
        fallen_us = rose_us + SECOND_US
        restraint.note(680_000.0, 1e9, fallen_us)
        assert restraint.falls(680_000.0, 1_700_000.0, fallen_us)


def test_what_has_lasted_is_refuted_no_more() -> None:
    restraint, fallen_us = failed_at(1_700_000.0)
    rise_bps = restraint.rise_at(1_700_000.0)
    rose_us = follow(restraint, 2_300_000.0, rise_bps, fallen_us + TICK_US, 60 * SECOND_US)
    assert rose_us is not None
    fallen_us = rose_us + LASTED_US
    restraint.note(680_000.0, 1e9, fallen_us)
    assert restraint.falls(680_000.0, 1_700_000.0, fallen_us)
    rose_us = follow(restraint, 2_300_000.0, rise_bps, fallen_us + TICK_US, 60 * SECOND_US)
    assert rose_us == fallen_us + TICK_US + HOLD_US


def test_clearly_less_than_what_has_failed_is_tried_at_once_and_no_more_than_that() -> None:
    restraint, fallen_us = failed_at(1_700_000.0)
    rise_bps = restraint.rise_at(1_100_000.0)
    rose_us = follow(restraint, 2_300_000.0, rise_bps, fallen_us + TICK_US, 10 * SECOND_US)
    assert rose_us == fallen_us + TICK_US + 2 * HOLD_US
    assert restraint.budget_bps == pytest.approx(REFUTED_SHARE * 1_700_000.0)


def test_two_that_fell_together_do_not_try_again_together() -> None:
    tries_us = []
    for begun_us in (0, 70_000):
        restraint, fallen_us = failed_at(1_700_000.0, begun_us)
        rise_bps = restraint.rise_at(1_700_000.0)
        tried_us = follow(restraint, 2_300_000.0, rise_bps, fallen_us, 600 * SECOND_US)
        assert tried_us is not None
        tries_us.append(tried_us)
    assert abs(tries_us[0] - tries_us[1]) >= 2 * SECOND_US


def test_a_paused_picture_comes_back_whatever_has_failed() -> None:
    restraint, fallen_us = failed_at(150_000.0)
    assert restraint.paused
    rise_bps = restraint.rise_at(150_000.0)
    begin_us = fallen_us + TICK_US
    assert follow(restraint, 300_000.0, rise_bps, begin_us, 10 * SECOND_US) is not None
    assert not restraint.paused


def test_after_a_failed_rise_a_picture_yet_to_be_made_may_count_on_what_was_found() -> None:
    restraint = Restraint.begin(300_000.0, 0)
    rise_bps = restraint.rise_at(500_000.0)
    rose_us = follow(restraint, 1_150_000.0, rise_bps, TICK_US, 10 * SECOND_US)
    assert rose_us is not None
    assert restraint.room_bps(1_150_000.0, rose_us) == pytest.approx(1_000_000.0)
    fell_us = rose_us + SECOND_US
    restraint.note(400_000.0, rise_bps, fell_us)
    assert restraint.falls(400_000.0, 1_000_000.0, fell_us)
    restraint.find(700_000.0)
    restraint.find(2_000_000.0)
    soon_us = fell_us + REFUTED_US - TICK_US
    assert restraint.room_bps(2_300_000.0, soon_us) == pytest.approx(ROOM_SHARE * 700_000.0)
    later_us = fell_us + REFUTED_US + SPREAD_US
    assert restraint.room_bps(2_300_000.0, later_us) == pytest.approx(2_000_000.0)


def test_a_paused_receiver_has_room_for_nothing() -> None:
    assert Restraint.begin(PAUSE_BPS - 1.0, 0).room_bps(2_300_000.0, SECOND_US) == 0.0


def test_who_is_made_a_smaller_picture_has_it_without_patience_once_a_minute() -> None:
    restraint = Restraint.begin(1_000_000.0, 0)
    rise_bps = restraint.rise_at(850_000.0)
    assert follow(restraint, 1_000_000.0, rise_bps, TICK_US, 10 * SECOND_US) is None
    restraint.welcome(10 * SECOND_US)
    rose_us = follow(restraint, 1_000_000.0, rise_bps, 10 * SECOND_US, 5 * SECOND_US)
    assert rose_us is not None
    rise_bps = restraint.rise_at(865_000.0)
    restraint.welcome(rose_us + SECOND_US)
    assert follow(restraint, 1_000_000.0, rise_bps, rose_us, 20 * SECOND_US) is None
