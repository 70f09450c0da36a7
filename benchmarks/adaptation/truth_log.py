"""The emulator's own record of every packet: when it came, what became of it, when it left.

The layout is that of codecs/loadgen/src/emulator/record.rs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.harness.failure import BenchmarkFailed

MAGIC: Final = b"VVLINK01"
HEADER_BYTES: Final = 16

RECORD: Final = np.dtype(
    [
        ("came_ns", "<u8"),
        ("left_ns", "<u8"),
        ("queued_us", "<u4"),
        ("late_us", "<u4"),
        ("ssrc", "<u4"),
        ("timestamp", "<u4"),
        ("bytes", "<u2"),
        ("sequence", "<u2"),
        ("source_port", "<u2"),
        ("destination_port", "<u2"),
        ("verdict", "u1"),
        ("direction", "u1"),
        ("transport", "u1"),
        ("payload_type", "u1"),
        ("marker", "?"),
        ("is_copy", "?"),
        ("", "V2"),
    ]
)
NO_PAYLOAD_TYPE: Final = 255
"""Of what is no RTP."""

Records = npt.NDArray[np.void]


class Verdict(IntEnum):
    """What became of a packet."""

    DELIVERED = 0
    LOST = 1
    BLACKOUT = 2
    QUEUE_FULL = 3
    OVERFLOW = 4
    REFUSED = 5


_DIRECTIONS: Final[Mapping[str, int]] = {"down": 0, "up": 1}


@dataclass(frozen=True, slots=True)
class TruthLog:
    """A link's packets, in the order in which they left it or were dropped.

    Times are nanoseconds since the link began. `came_ns` is when the emulator took a packet in,
    `left_ns` when it handed it over or dropped it, `queued_us` how long it was in the queue, its
    own transmission included, `late_us` how much later than due it was handed over. `ssrc`,
    `timestamp`, `sequence`, `payload_type` and `marker` are those of (S)RTP; the payload type of
    everything else is `NO_PAYLOAD_TYPE`.
    """

    began_monotonic_ns: int
    """On the clock of `time.monotonic_ns`."""
    records: Records

    @classmethod
    def read(cls, path: Path) -> TruthLog:
        """Read a log.

        Raises:
            BenchmarkFailed: It is none, or it was cut off.

        """
        content = path.read_bytes()
        if len(content) < HEADER_BYTES or not content.startswith(MAGIC):
            raise BenchmarkFailed(f"{path} is no log of an emulated link")
        if (len(content) - HEADER_BYTES) % RECORD.itemsize:
            raise BenchmarkFailed(f"{path} ends in the middle of a record")
        began_ns = int.from_bytes(content[len(MAGIC) : HEADER_BYTES], "little")
        return cls(began_ns, np.frombuffer(content, RECORD, offset=HEADER_BYTES))

    def way(self, direction: str) -> Records:
        """Give the packets of one direction."""
        return self._where(self.records["direction"] == _DIRECTIONS[direction])

    def delivered(self, direction: str) -> Records:
        """Give the packets of one direction that arrived."""
        way = self.way(direction)
        found: Records = way[way["verdict"] == Verdict.DELIVERED]
        return found

    def delivered_bps(
        self, direction: str, *, bin_ms: float
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Give the rate of what arrived, in bins: the seconds they begin at, and bits a second."""
        arrived = self.delivered(direction)
        bin_ns = max(1, round(bin_ms * 1e6))
        places = (arrived["left_ns"] // bin_ns).astype(np.int64)
        bits = np.bincount(places, weights=8.0 * arrived["bytes"])
        return np.arange(len(bits)) * bin_ns / 1e9, bits * 1e9 / bin_ns

    def counts(self, direction: str) -> dict[str, int]:
        """Count one direction's packets by what became of them."""
        verdicts = self.way(direction)["verdict"]
        return {verdict.name.lower(): int((verdicts == verdict).sum()) for verdict in Verdict}

    def _where(self, chosen: Any) -> Records:
        found: Records = self.records[chosen]
        return found
