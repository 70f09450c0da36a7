"""Names of things, typed so that two of them cannot be swapped.

Imports nothing of ours; everything may import it. Identifiers that leave the process are opaque
and random (128 bits: they cannot be enumerated); those shared with the engine are small integers.
"""

from __future__ import annotations

import secrets
from typing import NewType

RoomId = NewType("RoomId", str)
"""A room's name as the token gives it."""

ParticipantId = NewType("ParticipantId", str)
"""What the others in the room know a participant by: random, never the token's identity."""

ConsultationId = NewType("ConsultationId", str)
"""One opening of a room, from its first participant to its last: random, new each time."""

SeatId = NewType("SeatId", str)
"""A participant's place in a room; survives lost sockets and legs."""

PublicationId = NewType("PublicationId", str)
"""A published track as people know it; unlike the engine's `TrackId` it survives a reload."""

WorkerIndex = NewType("WorkerIndex", int)
"""One of the engine's worker threads; a room lives on one."""

LegId = NewType("LegId", int)
"""One transport (ICE + DTLS + SRTP) in the engine; u32, never reused."""

TrackId = NewType("TrackId", int)
"""One published track of one leg in the engine; u32, never reused, 0 means none."""

SlotId = NewType("SlotId", int)
"""One sending m-line of one leg in the engine; u32, never reused."""

Mid = NewType("Mid", str)
"""An m-line's identification tag (RFC 8843 §15) within one leg."""

_RANDOM_BYTES = 16  # 128 bits: what cannot be guessed cannot be enumerated
_SECRET_BYTES = 32  # a resume secret replaces a token, so it is as strong as a token's key


def new_participant_id() -> ParticipantId:
    """Draw a participant's public name."""
    return ParticipantId(f"p-{secrets.token_hex(_RANDOM_BYTES)}")


def new_consultation_id() -> ConsultationId:
    """Draw the name of one opening of a room."""
    return ConsultationId(f"c-{secrets.token_hex(_RANDOM_BYTES)}")


def new_seat_id() -> SeatId:
    """Draw a seat's name; knowing it is not enough to take the seat."""
    return SeatId(f"s-{secrets.token_hex(_RANDOM_BYTES)}")


def new_publication_id() -> PublicationId:
    """Draw a published track's public name."""
    return PublicationId(f"t-{secrets.token_hex(_RANDOM_BYTES)}")


def new_ticket() -> str:
    """Draw what the offer of a relocation's leg has to name."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def new_resume_secret() -> str:
    """Draw the secret with which a seat is resumed."""
    return secrets.token_urlsafe(_SECRET_BYTES)


def new_group() -> str:
    """Draw what those who confer in private know their conversation by; nobody else does."""
    return secrets.token_urlsafe(_RANDOM_BYTES)
