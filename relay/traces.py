"""Forget where a failure was raised, once it has been dealt with. Pure."""

from __future__ import annotations


def forget_trace(failure: BaseException) -> None:
    """Let go of the frames that a failure was raised in, with everything in them.

    A task group's frame holds the failure whose trace holds that frame: such a ring stays, with
    all that a session or a connection had, until Python looks for rings, which is seldom.
    """
    failure.__traceback__ = None
    if failure.__context__ is not None:
        forget_trace(failure.__context__)
    if isinstance(failure, BaseExceptionGroup):
        for each in failure.exceptions:
            forget_trace(each)
