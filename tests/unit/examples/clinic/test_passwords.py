"""Passwords are kept as what scrypt makes of them, and are told apart."""

from __future__ import annotations

import pytest

from examples.clinic import passwords


@pytest.fixture(autouse=True)
def cheap_passwords() -> None:
    """Here the cost is the point."""


def test_what_is_kept_says_how_it_was_made_and_not_the_password() -> None:
    kept = passwords.hashed("correct horse")
    assert kept.startswith("scrypt 32768 8 3 ")
    assert "correct horse" not in kept
    assert passwords.matches("correct horse", kept)
    assert not passwords.matches("correct horsf", kept)


def test_what_was_kept_at_another_cost_is_still_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as then:
        then.setattr(passwords, "COST", 16)
        kept = passwords.hashed("correct horse")
    assert passwords.matches("correct horse", kept)


def test_the_same_password_is_kept_differently_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 16)
    assert passwords.hashed("a") != passwords.hashed("a")


def test_a_letter_is_the_same_however_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 16)
    assert passwords.matches("cafe\u0301", passwords.hashed("caf\u00e9"))


def test_drawn_passwords_are_long_and_differ() -> None:
    drawn = {passwords.draw() for _ in range(100)}
    assert len(drawn) == 100
    assert {len(each) for each in drawn} == {16}
