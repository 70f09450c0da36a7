"""The four directions of an m-line (RFC 3264 §6.1), always in the words of whoever wrote them."""

from __future__ import annotations

from typing import Final, Literal

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

DIRECTIONS: Final[dict[str, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "sendonly",
    "recvonly": "recvonly",
    "inactive": "inactive",
}

_REVERSED: Final[dict[Direction, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}


def reverse(direction: Direction) -> Direction:
    """Say the same from the other end."""
    return _REVERSED[direction]


def sends(direction: Direction) -> bool:
    """Tell whether whoever wrote it sends."""
    return direction in ("sendrecv", "sendonly")


def receives(direction: Direction) -> bool:
    """Tell whether whoever wrote it receives."""
    return direction in ("sendrecv", "recvonly")
