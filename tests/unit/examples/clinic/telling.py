"""Tells the clinic of things as its relay does, signed by the public library."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from standardwebhooks.webhooks import Webhook

from tests.unit.examples.clinic.conftest import WEBHOOK_SECRET

if TYPE_CHECKING:
    from tests.unit.examples.clinic.conftest import Clinic

HAPPENED = "2026-09-21T14:13:20Z"


def signed(body: str, event: str = "msg_1", *, ago: timedelta = timedelta()) -> dict[str, str]:
    """Sign as the relay does."""
    at = datetime.now(UTC) - ago
    return {
        "webhook-id": event,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(WEBHOOK_SECRET).sign(event, at, body),
    }


def body_of(kind: str, room: str, **about: Any) -> str:
    """Write what the relay would."""
    return json.dumps({"type": kind, "timestamp": HAPPENED, "data": {"room": room, **about}})


async def tell(clinic: Clinic, kind: str, room: str, **about: Any) -> int:
    """Tell the clinic that something has happened; give the answer's status."""
    body = body_of(kind, room, consultation="c-1", **about)
    async with clinic.client.post("/webhooks", data=body, headers=signed(body)) as answer:
        return answer.status
