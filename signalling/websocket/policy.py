"""The times and sizes every connection obeys.

Pure data. Made by `signalling.app` from the configuration.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """The times and sizes a connection obeys."""

    join_timeout_s: float
    max_message_bytes: int
    keep_s: float
    ping_s: float = 5.0
    silence_s: float = 12.5
    """Two pings unanswered, and half of another: then a half-open connection is noticed."""
    waiting_ping_s: float = 20.0
    """In the waiting room: nobody there is heard or seen, and there may be ten thousand."""
    waiting_silence_s: float = 35.0
    """The same there."""
    unread_s: float = 10.0
    """How long a client may leave a ping or a write unread before it is a slow consumer."""
    flush_s: float = 1.0
    """For what is queued when a connection ends: a relay that stops has 5 s in all."""
    burst: int = 100
    """Messages at once: a page that joins sends about ten."""
    messages_per_s: float = 20.0
    offer_burst: int = 5
    """Offers at once: an offer costs some milliseconds; joining takes one or two."""
    offers_per_s: float = 1.0
    health_burst: int = 10
    """Words on a client's own health at once; it has news when something changes."""
    health_per_s: float = 2.0
