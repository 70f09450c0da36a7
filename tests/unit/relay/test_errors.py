"""The tree of errors, as drawn and as it is."""

from __future__ import annotations

import re

import pytest

from relay import errors
from relay.errors import CallerError, PeerError, RelayError, ServerError


def every(error: type[RelayError]) -> list[type[RelayError]]:
    return [error, *(below for each in error.__subclasses__() for below in every(each))]


@pytest.mark.parametrize("error", every(RelayError)[1:], ids=lambda error: error.__name__)
def test_every_error_has_a_code_a_sentence_and_advice(error: type[RelayError]) -> None:
    raised = error("timeout") if issubclass(error, PeerError) else error()
    words = raised.words if issubclass(error, PeerError) else str(raised)
    assert re.fullmatch(r"[a-z_]+", raised.code)
    assert re.fullmatch(r"[A-Z].*[.]", words)
    assert re.fullmatch(r"[A-Z].*[.]", raised.action)
    if isinstance(raised, PeerError):
        assert raised.reason == "timeout"


def test_an_error_can_say_more_precisely_what_happened() -> None:
    raised = errors.Overloaded("Full.", action="Wait.", retry_after_s=3)
    assert (raised.words, raised.action, raised.retry_after_s) == ("Full.", "Wait.", 3)


def test_the_drawing_shows_every_error_under_its_parent() -> None:
    drawing = (errors.__doc__ or "").split("```")[1]
    drawn = re.findall(r"^([│ ]*)[├└]─ (\w+) +(\S+)", drawing, re.MULTILINE)
    # Signalling's own, which extend the tree, are drawn nowhere: they are of one page each.
    ours = {each for each in every(RelayError)[1:] if each.__module__ == errors.__name__}
    assert {name for _, name, _ in drawn} == {error.__name__ for error in ours}
    leaves = {name: code for indent, name, code in drawn if indent}
    for error in every(RelayError):
        if error.__name__ in leaves:
            assert leaves[error.__name__] == error.code


def test_codes_tell_errors_of_callers_apart() -> None:
    codes = [error.code for error in every(CallerError)[1:]]
    assert len(codes) == len(set(codes))
    assert issubclass(errors.Overloaded, ServerError)
