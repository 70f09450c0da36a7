"""One flow's slots, six bytes each: rate, loss, jitter, and how much of it was flawed.

Pure. Thousands of consultations are charted at once, so a figure is no finer than a reader needs:
kbit/s, thousandths lost, whole milliseconds, hundredths made up or frozen. Called by
`relay.charts.chart`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Final, NamedTuple

_FORM: Final = Struct("<HHBB")
ROW_BYTES: Final = _FORM.size

_NO_16: Final = 0xFFFF
_NO_8: Final = 0xFF
_UNKNOWN: Final = _FORM.pack(_NO_16, _NO_16, _NO_8, _NO_8)
_WHOLE: Final = 1_000
"""Thousandths."""
_HUNDRED: Final = 100

_QUICKLY: Final = 1
"""zlib's level: rows of a calm consultation are much alike, and better ones gain little."""


class Row(NamedTuple):
    """One slot of one flow; what is `None` could not be measured."""

    kbps: int | None = None
    lost_permille: int | None = None
    jitter_ms: int | None = None
    """The longest that was told in it."""
    flawed_percent: int | None = None
    """Of its time: sound that was made up, or a picture that stood still, as the receiver says."""


NOTHING: Final = Row()


@dataclass(slots=True)
class Rows:
    """The slots of one flow, from its first on."""

    first: int
    """The number of its first slot."""
    count: int = 0
    """How many it has, from its first on."""
    _packed: bytearray = field(default_factory=bytearray, repr=False)
    _frozen: bytes = field(default=b"", repr=False)

    @property
    def end(self) -> int:
        """The number of the slot after its last."""
        return self.first + self.count

    @property
    def size_bytes(self) -> int:
        """What its slots take of memory."""
        return len(self._packed) + len(self._frozen)

    def put(self, slot: int, row: Row) -> None:
        """Add a slot behind the last; those left out between are unknown."""
        assert slot >= self.end, "slots come in order"
        self._packed += _UNKNOWN * (slot - self.end)
        self._packed += _pack(row)
        self.count = slot + 1 - self.first

    def halve(self) -> None:
        """Join each two slots, by even numbers, into one twice as long."""
        whole = list(self)
        if self.first % 2:
            whole.insert(0, NOTHING)
        if len(whole) % 2:
            whole.append(NOTHING)
        joined = bytearray()
        for one, other in zip(whole[::2], whole[1::2], strict=True):
            joined += _pack(_joined(one, other))
        self._packed = joined
        self.first //= 2
        self.count = len(whole) // 2

    def freeze(self) -> None:
        """Take less memory from now on; nothing is put in any more."""
        self._frozen = zlib.compress(bytes(self._packed), _QUICKLY)
        self._packed = bytearray()

    def __iter__(self) -> Iterator[Row]:
        """Give every slot, from the first on."""
        packed = zlib.decompress(self._frozen) if self._frozen else bytes(self._packed)
        for kbps, lost, jitter, flawed in _FORM.iter_unpack(packed):
            yield Row(
                None if kbps == _NO_16 else kbps,
                None if lost == _NO_16 else lost,
                None if jitter == _NO_8 else jitter,
                None if flawed == _NO_8 else flawed,
            )


def _pack(row: Row) -> bytes:
    return _FORM.pack(
        _NO_16 if row.kbps is None else min(max(0, row.kbps), _NO_16 - 1),
        _NO_16 if row.lost_permille is None else min(max(0, row.lost_permille), _WHOLE),
        _NO_8 if row.jitter_ms is None else min(max(0, row.jitter_ms), _NO_8 - 1),
        _NO_8 if row.flawed_percent is None else min(max(0, row.flawed_percent), _HUNDRED),
    )


def _joined(one: Row, other: Row) -> Row:
    return Row(
        _mean(one.kbps, other.kbps),
        _mean(one.lost_permille, other.lost_permille),
        _most(one.jitter_ms, other.jitter_ms),
        _mean(one.flawed_percent, other.flawed_percent),
    )


def _mean(one: int | None, other: int | None) -> int | None:
    known = [each for each in (one, other) if each is not None]
    return round(sum(known) / len(known)) if known else None


def _most(one: int | None, other: int | None) -> int | None:
    return max((each for each in (one, other) if each is not None), default=None)
