"""Many receivers' estimators side by side, with arrays for samples, bursts and rates.

For simulations in virtual time (`benchmarks/adaptation`); the packet path keeps an estimator beside
each leg and passes nothing of it through Python. No policy: that is `codecs/congestion`.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from relay import engine

Rows = NDArray[np.void]
Floats = NDArray[np.float64]

LOST: Final = -(1 << 63)
"""`arrival_us` of a packet which the receiver says did not arrive."""

NO_CLUSTER: Final = 0
"""`cluster` of a packet that is part of no probe."""

SAMPLE: Final = np.dtype(
    [
        ("receiver", "u4"),  # what `Estimator.admit` gave
        ("cluster", "u4"),  # of the probe during which it left, media or padding; or NO_CLUSTER
        ("feedback", "u8"),  # counts a receiver's feedbacks as they came
        ("feedback_us", "u8"),  # when that feedback reached the relay; the relay's clock
        ("sequence", "u8"),  # transport-wide, unwrapped
        ("sent_us", "u8"),  # the relay's clock
        ("arrival_us", "i8"),  # the receiver's clock, unwrapped; or LOST
        ("size_bytes", "u4"),  # as on the wire, with IP and UDP headers
    ]
)

PROBE: Final = np.dtype(
    [
        ("receiver", "u4"),
        ("cluster", "u4"),  # marks all that leaves while the burst lasts, media too
        ("rate_bps", "u8"),  # at which its padding leaves
        ("packets", "u4"),
        ("packet_bytes", "u4"),
    ]
)


class Estimator:
    """Receivers' paths; a receiver's feedback changes its own and nobody else's."""

    def __init__(self) -> None:
        self._paths = engine.Estimator()

    def admit(self) -> int:
        """Begin to estimate a receiver's path, and give the index under which it is known."""
        return self._paths.admit()

    def update(self, delivered: Rows, now_us: int) -> Rows:
        """Take in a tick's feedback, and give the bursts to send.

        Args:
            delivered: Rows of `SAMPLE`, by receiver, feedback and sequence; strangers' are dropped.
            now_us: The relay's clock.

        Returns:
            Rows of `PROBE`. What every receiver may be sent is in `rates_bps`.

        """
        assert delivered.dtype == SAMPLE, "columns are found by their place"
        told = np.ascontiguousarray(delivered).view(np.uint8).data
        return np.frombuffer(self._paths.update(told, now_us), dtype=PROBE)

    @property
    def rates_bps(self) -> Floats:
        """What each receiver may be sent, by index."""
        return np.frombuffer(self._paths.rates_bps(), dtype=np.uint64).astype(np.float64)
