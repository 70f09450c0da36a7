"""What a webhook says: one happening, as JSON.

Pure. The types are documented in docs/webhooks.md. Called by `signalling.webhooks.teller`.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Struct

from relay.rooms.happenings import Happening
from relay.rooms.permissions import Role
from signalling.webhooks.outbox import Event

ID_BYTES: Final = 16


class Data(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What it is about; what does not apply is left out."""

    room: str
    consultation: str
    participant: str | None = None
    identity: str | None = None
    role: Role | None = None
    reason: str | None = None
    direction: Literal["from", "towards"] | None = None


class Payload(Struct, frozen=True, kw_only=True):
    """The body of a webhook (Standard Webhooks, "Payload structure")."""

    type: str
    timestamp: datetime
    data: Data


def event_of(happening: Happening, at: datetime) -> Event:
    """Write a happening down as it is told."""
    who = happening.who
    payload = Payload(
        type=happening.type.value,
        timestamp=at,
        data=Data(
            room=happening.room,
            consultation=happening.consultation,
            participant=None if who is None else who.participant,
            identity=None if who is None else who.identity,
            role=None if who is None else who.role,
            reason=happening.reason,
            direction=happening.direction,
        ),
    )
    return Event(
        id=f"msg_{secrets.token_hex(ID_BYTES)}",
        room=happening.room,
        body=msgspec.json.encode(payload),
        happened_unix_s=at.timestamp(),
    )
