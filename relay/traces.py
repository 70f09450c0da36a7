"""Forget where a failure was raised, once it has been dealt with. Pure."""

from __future__ import annotations


def forget_trace(failure: BaseException) -> None:
    """Let go of the frames that a failure was raised in, with everything in them.

    A task group's frame holds the failure whose trace holds that frame: such a ring stays, with
    all that a session or a connection had, until Python looks for rings, which is seldom.

    So does each failure that it came from, or came while it was dealt with.
    """
    waiting: list[BaseException | None] = [failure]
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        each.__traceback__ = None
        waiting += (each.__context__, each.__cause__)
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
