"""How often an API key may ask: a bucket of tokens for each key.

Pure: the clock is an argument. Called by `signalling.api.endpoint`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from signalling.api.errors import TooManyRequests

MINUTE_S: Final = 60.0
BURST_SHARE: Final = 0.25
"""Of a minute's requests, those that may come at once: a wave of invitations, say."""


@dataclass(slots=True)
class Rates:
    """One bucket for each key; keys are the operator's, so their number is theirs."""

    per_minute: int
    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def take(self, api_key: str, now_s: float) -> None:
        """Take one request of a key's.

        Raises:
            TooManyRequests: With the time until there is one again.

        """
        burst = max(1.0, self.per_minute * BURST_SHARE)
        bucket = self._buckets.setdefault(api_key, _Bucket(burst, now_s))
        per_s = self.per_minute / MINUTE_S
        bucket.tokens = min(burst, bucket.tokens + (now_s - bucket.at_s) * per_s)
        bucket.at_s = now_s
        if bucket.tokens < 1:
            raise TooManyRequests(retry_after_s=(1 - bucket.tokens) / per_s)
        bucket.tokens -= 1


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float
