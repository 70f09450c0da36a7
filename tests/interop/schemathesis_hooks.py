"""What schemathesis does to each request of `test_api`; loaded by its own process."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis


@schemathesis.hook
def map_headers(_context: object, headers: dict[str, Any] | None) -> dict[str, Any] | None:
    """Give each request an Idempotency-Key of its own, where it has a good one.

    Schemathesis repeats the simplest key for different requests, which the API rightly refuses;
    hardly anything else would then be tried.
    """
    key = (headers or {}).get("Idempotency-Key")
    if headers is not None and isinstance(key, str) and key.isascii() and key.isalnum():
        headers["Idempotency-Key"] = secrets.token_hex(16)
    return headers


@schemathesis.hook
def map_body(_context: object, body: Any) -> Any:
    """Let no room close during the run: the time of a response is asked for as `closes_at`, too."""
    if isinstance(body, dict) and _is_soon(body.get("closes_at")):
        return {**body, "closes_at": "2999-12-31T23:59:59Z"}
    return body


def _is_soon(moment: object) -> bool:
    if not isinstance(moment, str):
        return False
    try:
        left = datetime.fromisoformat(moment) - datetime.now(UTC)
    except (TypeError, ValueError):  # no moment, or one without a zone
        return False
    return timedelta() < left < timedelta(hours=1)
