"""What one peer may make the relay hold in its data channels. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SctpLimits:
    """What one peer may make the relay hold; inbound all in all below 1 MiB."""

    window_bytes: int = 256 * 1024  # announced; an honest peer has no more in flight
    held_bytes: int = 512 * 1024  # past the window and in spite of it: abort
    held_chunks: int = 512  # a message of 64 KiB is 57 of a browser's fragments
    misordered_chunks: int = 256  # so that a SACK with as many gaps fits a packet
    ahead_tsns: int = 4_096  # beyond the last in order; no honest window reaches so far
    dropped_in_a_row: int = 2_048  # without one chunk of progress: abort
    streams: int = 16
    message_bytes: int = 64 * 1024
    label_bytes: int = 256
    queued_bytes: int = 384 * 1024  # messages received and not yet taken by the session
    queued_messages: int = 1_024
    buffered_bytes: int = 1024 * 1024  # messages sent and not yet acknowledged
    buffered_messages: int = 1_024  # aiortc walks all of them for each acknowledgement
    unread_s: float = 10.0  # full, with acknowledgements that acknowledge nothing: abort


class Violation(Exception):  # noqa: N818 - it is not an error of ours
    """The peer did what no honest peer does."""

    def __init__(self, reason: str) -> None:
        """Say which bound was passed, one of a few short names."""
        super().__init__(reason)
        self.reason = reason
