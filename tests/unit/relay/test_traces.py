"""What was raised on the way to a failure holds nothing once that has been dealt with."""

from __future__ import annotations

from contextlib import suppress

from relay.traces import forget_trace


def raise_in_vain(failure: BaseException, cause: BaseException | None = None) -> None:
    """Raise a failure and catch it, so that it has a trace."""
    with suppress(BaseException):
        raise failure from cause
    assert failure.__traceback__ is not None


def test_whatever_a_failure_came_from_is_let_go_of() -> None:
    cause, part, before = KeyError(), RuntimeError(), OSError()
    for each in (cause, before):
        raise_in_vain(each)
    raise_in_vain(part, cause)
    whole = ExceptionGroup("several", [part, ValueError()])
    raise_in_vain(whole)
    whole.__context__ = before
    before.__context__ = whole  # a ring of them ends, too
    forget_trace(whole)
    for failure in (whole, part, cause, before):
        assert failure.__traceback__ is None
