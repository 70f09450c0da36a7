"""What the kernel makes of the socket buffers that the engine asks for (socket(7)).

Pure. The engine asks for half of what is configured, rounded down; the kernel doubles what it is
asked for, up to twice its limit, and reports the doubled size (`codecs/engine/src/sockets/mod.rs`).
Used by `relay.service` and `signalling.doctor.buffers`.
"""

from __future__ import annotations


def requested_bytes(configured_bytes: int) -> int:
    """Give what the kernel is asked for, which is also the least limit that grants all of it."""
    return configured_bytes // 2


def full_bytes(configured_bytes: int) -> int:
    """Give what the kernel reports where nothing is capped: one byte less than an odd size."""
    return 2 * requested_bytes(configured_bytes)
