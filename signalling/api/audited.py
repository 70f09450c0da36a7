"""What the audit says of a request: which rooms and whom it names, as digests.

Pure. Called by `signalling.api.endpoint`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from signalling.api import schemas as s
from signalling.audit import Entry, opaque


def entry_of(
    arguments: Mapping[str, object], *, at: datetime, by: str, did: str, outcome: str, request: str
) -> Entry:
    """Write down a request.

    Args:
        arguments: What it was read as: `path`, and `body` where there is one.
        at: When it was answered.
        by: The id of its key.
        did: The operation's.
        outcome: `done`, or the code of the refusal.
        request: Its own id.

    """
    path, body = arguments["path"], arguments.get("body")
    room = getattr(path, "room", None) or getattr(body, "id", None)
    identity = getattr(path, "identity", None) or getattr(body, "identity", None)
    return Entry(
        at=at,
        by=by,
        did=did,
        outcome=outcome,
        request=request,
        room=opaque(room) if isinstance(room, str) else None,
        identity=opaque(identity) if isinstance(identity, str) else None,
        people=_people_of(body),
        to=opaque(body.to) if isinstance(body, s.Move) else None,
        detail=getattr(path, "consultation", None),
    )


def _people_of(body: object) -> tuple[str, ...] | None:
    """Give whom a body names where it names several, in its order."""
    if isinstance(body, s.HandOver):
        named = (body.actor, body.to, body.patient)
        return tuple(opaque(each) for each in named if each is not None)
    if isinstance(body, s.Confer):
        return tuple(map(opaque, body.members))
    return None
