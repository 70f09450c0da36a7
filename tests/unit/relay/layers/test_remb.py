"""When a publisher is told its cap."""

from __future__ import annotations

from relay.layers.remb import RELEASED_BPS, START_US, Cap

TICK_US = 100_000


def test_not_in_the_first_two_seconds() -> None:
    cap = Cap(1_000_000)
    assert cap.say(500_000.0, 1_000_000 + START_US - 1) is None
    assert cap.say(500_000.0, 1_000_000 + START_US) == 500_000


def test_once_and_again_when_it_changes() -> None:
    cap = Cap(0)
    now_us = START_US
    assert cap.say(500_000.0, now_us) == 500_000
    assert cap.say(500_000.0, now_us + TICK_US) is None
    assert cap.say(490_000.0, now_us + TICK_US) is None, "hardly anything"
    assert cap.say(480_000.0, now_us + TICK_US) == 480_000
    assert cap.say(500_000.0, now_us + 2 * TICK_US) is None
    assert cap.say(505_000.0, now_us + 2 * TICK_US) == 505_000


def test_it_is_released_once_and_only_if_it_was_told() -> None:
    cap = Cap(0)
    assert cap.say(None, START_US) is None
    cap.say(500_000.0, START_US)
    assert cap.say(None, START_US + TICK_US) == RELEASED_BPS
    assert cap.say(None, START_US + 2 * TICK_US) is None


def test_a_cap_comes_back_after_a_release() -> None:
    cap = Cap(0)
    cap.say(500_000.0, START_US)
    cap.say(None, START_US + TICK_US)
    assert cap.say(500_000.0, START_US + 2 * TICK_US) == 500_000
