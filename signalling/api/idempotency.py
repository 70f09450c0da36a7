"""Requests that came before: a retry gets the answer of the first try, and does nothing again.

Kept is what was done, and a refusal that the request itself is the reason for. What only the state
of the moment refuses was not done, and may be a moment later. Pure: the clock is an argument.
Bounded for each API key, so that whoever floods forgets their own requests only. In memory: after a
restart of the relay a retry is a first try. Called by `signalling.api.endpoint`
(draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Final

from relay.errors import CallerError, InvalidRequest, NotAllowed
from signalling.api.errors import (
    IdempotencyKeyReused,
    InvalidBody,
    StillInProgress,
    Unprocessable,
)

KEPT_S: Final = 24 * 3_600.0
MAX_PER_KEY: Final = 10_000
"""For each API key: a request every nine seconds, all day."""
MAX_BYTES_PER_KEY: Final = 16 * 1_048_576
"""Of kept answers: some 1.6 kB each, which is twice a minted token with its link."""
RETRY_AFTER_S: Final = 1.0


_FINAL: Final = (InvalidRequest, NotAllowed, Unprocessable)
"""Whose reason is the request. A full room, a locked one, or one that is not there may change."""


def is_final(refusal: CallerError) -> bool:
    """Whether the same request would be refused again whatever others do meanwhile."""
    return isinstance(refusal, _FINAL) and refusal.retry_after_s is None


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What the first try was answered with."""

    status: int
    content_type: str
    body: bytes = field(repr=False)
    policy: str | None = None
    """Of a page: its Content-Security-Policy."""


@dataclass(slots=True)
class _Attempt:
    fingerprint: bytes
    begun_s: float
    answer: KeptAnswer | None = None


@dataclass(slots=True)
class _Drawer:
    """One API key's requests, oldest first."""

    attempts: OrderedDict[str, _Attempt] = field(default_factory=OrderedDict)
    held_bytes: int = 0


@dataclass(slots=True)
class Idempotency:
    """All kept answers."""

    kept_s: float = KEPT_S
    max_per_key: int = MAX_PER_KEY
    max_bytes_per_key: int = MAX_BYTES_PER_KEY
    _drawers: dict[str, _Drawer] = field(default_factory=dict)

    def begin(self, api_key: str, key: str, fingerprint: bytes, now_s: float) -> KeptAnswer | None:
        """Take a request, or give the answer that its first try got.

        Args:
            api_key: Whose request it is: two platforms may draw the same key.
            key: The Idempotency-Key.
            fingerprint: Of everything that was asked for.
            now_s: Monotonic time.

        Raises:
            IdempotencyKeyReused: The key belongs to another request.
            StillInProgress: The first try is not answered yet.

        """
        drawer = self._drawers.setdefault(api_key, _Drawer())
        self._forget_old(drawer, now_s)
        attempt = drawer.attempts.get(key)
        if attempt is None:
            drawer.attempts[key] = _Attempt(fingerprint, now_s)
            self._make_room(drawer)
            return None
        if attempt.fingerprint != fingerprint:
            raise IdempotencyKeyReused
        if attempt.answer is None:
            raise StillInProgress(retry_after_s=RETRY_AFTER_S)
        return attempt.answer

    def finish(self, api_key: str, key: str, answer: KeptAnswer) -> None:
        """Keep the answer of a request that was begun."""
        drawer = self._drawers[api_key]
        attempt = drawer.attempts.get(key)
        if attempt is None:
            return  # so many came since that it had to make room
        attempt.answer = answer
        drawer.held_bytes += len(answer.body)
        self._make_room(drawer)

    def abandon(self, api_key: str, key: str) -> None:
        """Forget a request that was begun and did nothing: a retry is a first try."""
        self._drop(self._drawers[api_key], key)

    def _forget_old(self, drawer: _Drawer, now_s: float) -> None:
        while drawer.attempts:
            key, oldest = next(iter(drawer.attempts.items()))
            if now_s - oldest.begun_s < self.kept_s:
                return
            self._drop(drawer, key)

    def _make_room(self, drawer: _Drawer) -> None:
        while len(drawer.attempts) > self.max_per_key or drawer.held_bytes > self.max_bytes_per_key:
            self._drop(drawer, next(iter(drawer.attempts)))

    @staticmethod
    def _drop(drawer: _Drawer, key: str) -> None:
        attempt = drawer.attempts.pop(key, None)
        if attempt is not None and attempt.answer is not None:
            drawer.held_bytes -= len(attempt.answer.body)


def idempotency_key_untrusted(header: str | None) -> str | None:
    """Read an Idempotency-Key: a structured string, or the bare text that many clients send.

    Raises:
        InvalidBody: It is not 1 to 255 visible characters.

    """
    if header is None:
        return None
    match = _KEY.fullmatch(header)
    if match is None:
        raise InvalidBody("The Idempotency-Key is not 1 to 255 visible ASCII characters.")
    return match["quoted"] or match["bare"]


_KEY: Final = re.compile(
    r'"(?P<quoted>[\x21\x23-\x5b\x5d-\x7e]{1,255})"|(?P<bare>[\x21\x23-\x5b\x5d-\x7e]{1,255})'
)
