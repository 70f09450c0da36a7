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
    silence_s: float = 3.0  # without any the path is lost; what is sent again is so every 1 to 3 s


class Unread:
    """How long a peer that is there has taken nothing, though as much waits for it as may.

    Its acknowledgements prove that the path works. Of a time without any no more counts than one of
    them may take: a peer that is back after a long outage has its while to catch up.
    """

    def __init__(self, limits: SctpLimits) -> None:
        self._limits = limits
        self._unread_s: float | None = None
        self._known_s = 0.0

    def fill(self, now_s: float) -> None:
        """Count from now on, unless that is done already: there is no room for a message."""
        if self._unread_s is None:
            self._unread_s, self._known_s = 0.0, now_s

    def answer(self, now_s: float, *, has_taken: bool) -> None:
        """Take in an acknowledgement.

        Raises:
            Violation: It is there and reads nothing.

        """
        if has_taken:
            self._unread_s = None
        if self._unread_s is None:
            return
        self._unread_s += min(now_s - self._known_s, self._limits.silence_s)
        self._known_s = now_s
        if self._unread_s >= self._limits.unread_s:
            raise Violation("slow_consumer")


class Violation(Exception):  # noqa: N818 - it is not an error of ours
    """The peer did what no honest peer does."""

    def __init__(self, reason: str) -> None:
        """Say which bound was passed, one of a few short names."""
        super().__init__(reason)
        self.reason = reason
