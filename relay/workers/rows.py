"""What the engine is told and tells in rows: the types that both sides of its door name.

Tuples, as they come: there are tens of thousands a second, of which a few columns are read. What
each column says, and in which unit, stands in `relay/_engine.pyi`. Pure vocabulary.
"""

from __future__ import annotations

from typing import Final, TypeAlias

EngineCodec: TypeAlias = tuple[int, str, int]
"""Payload type, codec name, payload type of retransmissions or -1."""

TrackReport: TypeAlias = tuple[int, int, int, int, int, int, int, int, list[tuple[int, int, int]]]
SlotReport: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int, int]
StillTrack: TypeAlias = tuple[int, int, int, bool]
StillSlot: TypeAlias = tuple[int, int, int]
Layer: TypeAlias = tuple[int, int, int, int, int, list[int]]

UNKNOWN: Final = -1
"""In a slot's row: nothing feeds it, its subscriber has not reported, its round trip is unknown."""
