"""Whoever guesses has to wait, and nobody else."""

from __future__ import annotations

from examples.clinic.attempts import REMEMBERED, WITHIN_S, Attempts


def test_a_few_wrong_tries_are_nothing() -> None:
    attempts = Attempts(allowed=3)
    for now_s in (0.0, 1.0):
        attempts.failed("somebody", now_s)
    assert attempts.wait_s("somebody", 2.0) == 0


def test_after_too_many_one_waits_until_the_first_is_a_quarter_of_an_hour_old() -> None:
    attempts = Attempts(allowed=3)
    for now_s in (0.0, 10.0, 20.0):
        attempts.failed("somebody", now_s)
    assert attempts.wait_s("somebody", 30.0) == WITHIN_S - 30.0
    assert attempts.wait_s("somebody else", 30.0) == 0
    assert attempts.wait_s("somebody", WITHIN_S) == 0
    attempts.failed("somebody", WITHIN_S)
    assert attempts.wait_s("somebody", WITHIN_S) == 10.0, "the second is the first now"


def test_whoever_gets_it_right_begins_anew() -> None:
    attempts = Attempts(allowed=1)
    attempts.failed("somebody", 0.0)
    attempts.succeeded("somebody")
    assert attempts.wait_s("somebody", 0.0) == 0


def test_a_try_that_was_not_wrong_is_taken_back_and_no_other() -> None:
    attempts = Attempts(allowed=2)
    attempts.failed("somebody", 0.0)
    attempts.failed("somebody", 1.0)
    attempts.forgive("somebody", 1.0)
    attempts.forgive("somebody", 1.0)
    attempts.forgive("somebody else", 1.0)
    assert attempts.wait_s("somebody", 1.0) == 0
    attempts.failed("somebody", 2.0)
    assert attempts.wait_s("somebody", 2.0) == WITHIN_S - 2.0


def test_so_many_are_remembered_and_no_more() -> None:
    attempts = Attempts(allowed=1)
    for number in range(REMEMBERED + 1):
        attempts.failed(str(number), 0.0)
    assert attempts.wait_s("0", 0.0) == 0, "forgotten"
    assert attempts.wait_s("1", 0.0) == WITHIN_S
    assert attempts.wait_s(str(REMEMBERED), 0.0) == WITHIN_S
