"""Which layers the relay sends down a link, and when it chose them, from what it wrote. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple


class Chosen(NamedTuple):
    """What a slot sends from a moment on."""

    at_ns: int
    """Monotonic."""
    place: int
    """Whose slot it is: the place in the order in which legs were prepared."""
    slot: int
    encoding: int
    """0 is the best; -1 whichever is the best alive, until somebody has chosen."""
    spatial: int
    temporal: int
    paused: bool


def relay_layers(lines: Iterable[str], receiving: Collection[int]) -> list[Chosen]:
    """Give every change of what slots send to those behind the link.

    Args:
        lines: Of the relay's file; the last may be cut off.
        receiving: Whose slots are meant: places in the order in which legs were prepared.

    Returns:
        What is new, in order; what is said again is not.

    """
    prepared: list[int] = []
    known: dict[int, Chosen] = {}
    found: list[Chosen] = []
    for line in lines:
        if not line.endswith("\n"):
            break
        at, leg, *told = line.split()
        if not told:
            prepared.append(int(leg))
        if not told or told[0] not in {"layer", "paused"}:
            continue
        slot, *figures = map(int, told[1:])
        place = prepared.index(int(leg))
        before = known.get(slot) or Chosen(0, place, slot, -1, -1, -1, paused=False)
        if told[0] == "layer":
            encoding, spatial, temporal = figures
            after = before._replace(encoding=encoding, spatial=spatial, temporal=temporal)
        else:
            after = before._replace(paused=bool(figures[0]))
        if after != before:
            known[slot] = after._replace(at_ns=int(at))
            if place in receiving:
                found.append(known[slot])
    return found
