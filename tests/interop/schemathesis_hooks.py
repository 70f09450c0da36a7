"""What schemathesis does to each request of `test_api`; loaded by its own process."""

from __future__ import annotations

import secrets
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
