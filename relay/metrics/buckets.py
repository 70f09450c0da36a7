"""Where the histograms' buckets end, and why there."""

from __future__ import annotations

from typing import Final

# Bars: join to first packet <= 0.15 s of our own handling, click to picture <= 1 s and p95 <= 2 s.
JOIN_BUCKETS_S: Final = (0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0)
# An answer takes 3 ms of processor time, a handshake as much (measured, a browser's offer).
HANDLING_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0)
# A conversation is comfortable below 0.15 s one way and possible below 0.3 s (ITU-T G.114).
RTT_BUCKETS_S: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.6, 1.0, 2.0)
# Opus conceals 2 %, RED and NACK repair 10 %, nothing repairs 30 %.
LOSS_BUCKETS: Final = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
# Sound needs 0.05 Mbit/s, a small picture 0.15, one of 360 lines 0.5, one of 720 lines 1.2 to 2.5.
BANDWIDTH_BUCKETS_BPS: Final = (5e4, 1e5, 1.5e5, 3e5, 5e5, 8e5, 1.2e6, 1.8e6, 2.5e6, 4e6, 8e6)
# One peer may hold the loop 10 ms at most.
LAG_BUCKETS_S: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)
# The engine counts into these buckets itself; they are repeated here for the documentation.
FORWARD_BUCKETS_S: Final = (
    *(50e-6, 100e-6, 250e-6, 500e-6, 1e-3, 2e-3, 5e-3, 10e-3, 20e-3, 50e-3),
    # A host that takes the core away does so for tens to hundreds of milliseconds.
    *(100e-3, 200e-3, 500e-3, 1.0),
)
# A webhook is heard within a second, or after one of the waits of its backoff, up to a day.
WEBHOOK_BUCKETS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0, 600.0, 3_600.0)
