"""How many files the process may have open: each WebSocket is one.

Called by `signalling.serve`, once at start.
"""

from __future__ import annotations

import resource
from typing import Final

import structlog

ENOUGH: Final = 20_000
"""For 10,000 seats, as many being resumed, the doorstep, and what the media plane opens."""

_log: Final = structlog.get_logger(__name__)


def raise_open_files_limit() -> int:
    """Raise the soft limit to the hard one, and warn where that is not enough; give the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < ENOUGH:
        _log.warning(
            "few files may be open; raise the limit (LimitNOFILE= in systemd, --ulimit nofile)",
            limit=hard,
            enough=ENOUGH,
        )
    return hard
