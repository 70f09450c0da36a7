"""When a webhook that was not heard is sent again, and when it is given up.

Pure: time and chance are arguments. Called by `signalling.webhooks.sender`.
"""

from __future__ import annotations

from typing import Final

GIVEN_UP_AFTER_S: Final = 24 * 3_600.0
"""A platform that is away for longer reads the API when it is back."""
FIRST_WAIT_S: Final = 2.0
FACTOR: Final = 2.5
MAX_WAIT_S: Final = 3_600.0
"""2 s, 5 s, 12 s, 31 s, 78 s, 3 min, 8 min, 20 min, 51 min, then every hour: 31 tries in a day."""
JITTER: Final = 0.2
"""Up and down: events of many rooms that failed together come back apart."""


def wait_s(failures: int, chance: float, *, asked_s: float | None = None) -> float:
    """Say how long to wait after so many failures.

    Args:
        failures: In a row, at least one.
        chance: From 0 to 1.
        asked_s: What the receiver's Retry-After said; heeded up to an hour, and never sooner than
            it would have been without it.

    """
    usual_s = min(MAX_WAIT_S, FIRST_WAIT_S * FACTOR ** min(failures - 1, 20))
    spread_s = usual_s * (1 + JITTER * (2 * chance - 1))
    return max(spread_s, min(asked_s or 0.0, MAX_WAIT_S))


def retry_after_s_untrusted(header: str | None) -> float | None:
    """Read a Retry-After in seconds; the form with a date, and nonsense, count as none."""
    if header is None or not (header.isascii() and header.isdigit()) or len(header) > _DIGITS:
        return None
    return float(header)


_DIGITS: Final = 9
