"""What a webhook says: one occurrence, as JSON.

Pure. The types are documented in docs/webhooks.md. Called by `signalling.webhooks.teller`.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import Raw, Struct

from relay.precall import CheckResult
from relay.rooms.events import Direction
from relay.rooms.permissions import Role, Source
from relay.trouble import Stage
from signalling.consultations import REPORT_READY, Document, Occurrence
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
    direction: Direction | None = None
    source: Source | None = None
    stage: Stage | None = None
    receiver: str | None = None
    receiver_identity: str | None = None
    precall: CheckResult | None = None
    report: str | None = None
    """Where the API gives it; left out where it is not kept."""
    kept_until: datetime | None = None
    document: Raw | None = None
    """The report itself."""
    lacks: Literal["courses", "document"] | None = None
    """What of it is too large to be carried."""


class Payload(Struct, frozen=True, kw_only=True):
    """The body of a webhook (Standard Webhooks, "Payload structure")."""

    type: str
    timestamp: datetime
    data: Data


def event_of(occurrence: Occurrence, document: Document | None = None) -> Event:
    """Write an occurrence down as it is told, and the report that it is about, if that is given."""
    silence = occurrence.silence
    payload = Payload(
        type=occurrence.type,
        timestamp=occurrence.at,
        data=Data(
            room=occurrence.room,
            consultation=occurrence.consultation,
            participant=occurrence.participant,
            identity=occurrence.identity,
            role=occurrence.role,
            reason=occurrence.reason,
            direction=occurrence.direction,
            source=None if silence is None else silence.source,
            stage=None if silence is None else silence.stage,
            receiver=None if silence is None else silence.receiver,
            receiver_identity=occurrence.receiver_identity,
            precall=occurrence.precall,
            report=_report_of(occurrence),
            kept_until=occurrence.kept_until,
            document=None if document is None or not document.text else Raw(document.text),
            lacks=None if document is None else document.lacks,
        ),
    )
    return Event(
        id=f"msg_{secrets.token_hex(ID_BYTES)}",
        room=occurrence.room,
        body=msgspec.json.encode(payload),
        happened_unix_s=occurrence.at.timestamp(),
    )


def _report_of(occurrence: Occurrence) -> str | None:
    """Say where the API gives the report that is ready."""
    if occurrence.type != REPORT_READY or occurrence.kept_until is None:
        return None
    return f"/v1/consultations/{occurrence.consultation}/report"
