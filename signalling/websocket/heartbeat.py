"""When a client is pinged, and whether it reads.

Pure: the time is an argument. A ping proves two things: that what was sent before it was read, and
that a client that says nothing is there. A client that talks, and was sent nothing but pongs, has
to prove neither. Called by `signalling.websocket.sending`.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from signalling.websocket.policy import Policy

_QUIET_PINGS: Final = 1.2
"""Clients say `ping` every `ping_s` themselves; timers of hidden pages are up to a second late."""

_PROOF_PINGS: Final = 12
"""Once a minute everybody is asked: who only pings may not read the pongs."""


class Heartbeat:
    """What one client has yet to prove."""

    def __init__(self, policy: Policy, now_s: float) -> None:
        self._policy = policy
        self._heard_s = self._asked_s = now_s
        self._excused_until_s = 0.0
        self._has_to_read = False
        self._unanswered: deque[tuple[bytes, float]] = deque()

    def note_frame(self, now_s: float) -> None:
        """Take note of any frame of the client."""
        self._heard_s = now_s

    def note_message(self) -> None:
        """Take note of a message to the client, of which it is to be seen that it is read."""
        self._has_to_read = True

    def note_ping(self, payload: bytes, now_s: float) -> None:
        """Take note of a ping to the client: it covers everything before it."""
        if now_s >= self._excused_until_s:
            self._unanswered.append((payload, now_s))
            self._asked_s, self._has_to_read = now_s, False

    def note_pong(self, payload: bytes) -> None:
        """Take a pong; it answers its ping and all before it, or none."""
        if any(payload == asked for asked, _ in self._unanswered):
            while self._unanswered.popleft()[0] != payload:
                pass

    def excuse(self, until_s: float) -> None:
        """Expect no pongs: it is the relay that does not read, for the client asks too fast."""
        self._has_to_read = self._has_to_read or bool(self._unanswered)
        self._unanswered.clear()
        self._excused_until_s = until_s

    def leaves_unread(self, now_s: float) -> bool:
        """Whether a ping has been left unread for too long."""
        if not self._unanswered:
            return False
        # Half a period of grace: the ping of two periods ago is that old, give or take a moment.
        age_s = now_s - self._unanswered[0][1]
        return age_s + self._policy.ping_s / 2 >= self._policy.unread_s

    def wants_ping(self, now_s: float) -> bool:
        """Whether the client is to be pinged now; while a ping is unanswered, again."""
        return (
            self._has_to_read
            or bool(self._unanswered)
            or now_s - self._heard_s >= self._quiet_s
            or now_s - self._asked_s >= _PROOF_PINGS * self._policy.ping_s
        )

    def rest_s(self, now_s: float) -> float:
        """How long nothing need be asked again: until the client has been quiet, or a period."""
        quiet_in_s = self._heard_s + self._quiet_s - now_s
        return min(quiet_in_s, self._policy.ping_s) if quiet_in_s > 0 else self._policy.ping_s

    @property
    def _quiet_s(self) -> float:
        return _QUIET_PINGS * self._policy.ping_s
