"""How many slots a load needs when a start that finds none is lost (Erlang B).

Pure. Loads are in erlangs: consultations that would run at once if nobody were refused.
"""

from __future__ import annotations

from typing import Final

_HALVINGS: Final = 60
"""Of an interval, until it is as narrow as a double can tell."""


def blocking(slots: int, load_erlang: float) -> float:
    """Give the probability that a start finds all slots taken.

    By the recursion 1/B(n) = 1 + n/A · 1/B(n-1), which neither overflows nor cancels.

    Args:
        slots: At least 0.
        load_erlang: Above 0.

    """
    inverse = 1.0
    for n in range(1, slots + 1):
        inverse = 1.0 + inverse * n / load_erlang
    return 1.0 / inverse


def slots_for(load_erlang: float, allowed: float) -> int:
    """Give the smallest number of slots that blocks at most `allowed` of the starts.

    Args:
        load_erlang: Above 0.
        allowed: Above 0, at most 1.

    """
    slots, inverse = 0, 1.0
    while inverse * allowed < 1.0:
        slots += 1
        inverse = 1.0 + inverse * slots / load_erlang
    return slots


def load_for(slots: int, allowed: float) -> float:
    """Give the largest load, in erlangs, of which so many slots block at most `allowed`.

    Args:
        slots: At least 1.
        allowed: Above 0, at most 0.5, so that the load is below twice the slots.

    """
    low, high = 0.0, 2.0 * slots
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if blocking(slots, middle) <= allowed else (low, middle)
    return low
