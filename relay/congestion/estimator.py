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
Integers = NDArray[np.int64]

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

STANDING: Final = np.dtype(
    [
        ("rate_bps", "u8"),  # what may be sent: media, retransmissions and padding, with headers
        ("estimate_bps", "u8"),  # what the path is thought to carry; more while a queue empties
        ("wait_ms", "f8"),  # how long the last packets waited on the way
        ("round_trip_us", "u8"),
        ("usage", "i1"),  # by the slope of the delay: under -1, normal 0, over 1
        ("limited", "?"),  # less was sent than may be
    ]
)


class Estimator:
    """Receivers' paths; a receiver's feedback changes its own and nobody else's."""

    def __init__(self) -> None:
        self._paths = engine.Estimator()

    def admit(self) -> int:
        """Begin to estimate a receiver's path, and give the index under which it is known."""
        return self._paths.admit()

    def release(self, receiver: int) -> None:
        """Forget a receiver; its index may become another's."""
        self._paths.release(receiver)

    def report_untrusted(self, receiver: int, remb_bps: int, now_us: int) -> None:
        """Take a receiver's own estimate (REMB): a cap, and all there is without feedback."""
        self._paths.report_untrusted(receiver, remb_bps, now_us)

    def limit_use(self, receiver: int, useful_bps: int) -> None:
        """Say above which rate nobody needs to know whether the path carries it."""
        self._paths.limit_use(receiver, useful_bps)

    def update(self, delivered: Rows, now_us: int, last_sent_us: Integers | None = None) -> Rows:
        """Take in a tick's feedback, and give the bursts to send.

        Args:
            delivered: Rows of `SAMPLE`, by receiver, feedback and sequence; strangers' are dropped.
            now_us: The relay's clock.
            last_sent_us: By receiver: when it was sent anything; without, always.

        Returns:
            Rows of `PROBE`. What every receiver may be sent is in `rates_bps`.

        """
        assert delivered.dtype == SAMPLE, "columns are found by their place"
        told = np.ascontiguousarray(delivered).view(np.uint8).data
        sent_us = None if last_sent_us is None else last_sent_us.tolist()
        return np.frombuffer(self._paths.update(told, now_us, sent_us), dtype=PROBE)

    @property
    def rates_bps(self) -> Floats:
        """What each receiver may be sent, by index; 0 for places nobody holds."""
        return np.frombuffer(self._paths.rates_bps(), dtype=np.uint64).astype(np.float64)

    @property
    def standing(self) -> Rows:
        """How each receiver stands, by index: rows of `STANDING`; 0 for places nobody holds."""
        return np.frombuffer(self._paths.standing(), dtype=STANDING)
