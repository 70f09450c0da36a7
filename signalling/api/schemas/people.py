"""The people in rooms, what is done to them and what is known of them, as it travels over the API.

Pure data. Called through `signalling.api.schemas`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from relay.precall import CheckResult
from relay.rooms.events import Verdict
from relay.rooms.permissions import Kind, Role, Source
from relay.rooms.settings import MAX_DURATION_S
from relay.rooms.standing import Standing
from relay.trouble import Cause, Stage
from signalling.api.schemas.parts import (
    Answer,
    ConsultationName,
    Cursor,
    Identity,
    ParticipantName,
    Request,
    RoomName,
)
from signalling.tokens import MAX_TOKEN_BYTES


class Track(Answer):
    """What somebody publishes."""

    id: str
    kind: Kind
    source: Source
    muted: bool


class Path(Answer):
    """How media travels in one direction; null figures could not be judged yet."""

    verdict: Verdict
    loss_ratio: float | None
    rtt_ms: float | None


class Quality(Answer):
    """How somebody is heard and seen (`from`), and hears and sees (`towards`)."""

    from_: Path = field(name="from")
    towards: Path


class PrecallCheck(Answer):
    """What somebody's own check before the consultation came to (docs/precall.md)."""

    age_s: int
    """Since the relay was told of it."""
    result: CheckResult


class Participant(Answer):
    """Somebody in a room."""

    identity: str
    participant: ParticipantName
    role: Role
    standing: Standing
    place: int | None
    """In the waiting room: 1 is next; null for whoever is in."""
    connected: bool
    """Whether their page is connected; a place is kept for two minutes."""
    here_s: int
    """Since they came to the room or its waiting room."""
    media: Literal["none", "connecting", "connected", "interrupted"]
    speaking: bool
    tracks: tuple[Track, ...]
    held_back: tuple[Source, ...]
    """What a moderator has muted."""
    private: bool
    """Whether they confer: nothing they send reaches anybody outside that conversation."""
    quality: Quality | None
    """null for whoever waits: they have no media either way."""
    precall: PrecallCheck | None
    """null where the relay knows of none."""


class ParticipantList(Answer):
    """A page of the people in a room, by participant."""

    participants: tuple[Participant, ...]
    next_cursor: Cursor | None


class ParticipantQuality(Answer):
    """How somebody's sound and picture travel."""

    identity: str
    participant: ParticipantName
    role: Role
    quality: Quality


class Silence(Answer):
    """Somebody is not heard or not seen, though they should be (docs/silence.md)."""

    identity: str
    """Theirs."""
    participant: ParticipantName
    source: Source
    receiver: ParticipantName | None
    """Who does not hear or see them; null: nobody does."""
    receiver_identity: str | None
    stage: Stage
    """How far it comes."""
    cause: Cause
    """What is most likely behind it."""


class RoomQuality(Answer):
    """How everybody's sound and picture travel just now, and who is not heard or seen."""

    room: RoomName
    consultation: ConsultationName | None
    participants: tuple[ParticipantQuality, ...]
    silences: tuple[Silence, ...]


class InParticipant(Request):
    """A path that names somebody in a room by your pseudonym."""

    room: RoomName
    identity: Identity


class Mute(Request):
    """What of somebody to mute, or to let out again."""

    sources: Annotated[tuple[Source, ...], Meta(min_length=1, max_length=3)] = (Source.MICROPHONE,)


class Move(Request):
    """Where somebody is to go on."""

    to: RoomName


class SendOn(Request):
    """The other relay on which somebody is to go on."""

    url: Annotated[str, Meta(min_length=1, max_length=2_048)]
    """Of its WebSocket: one that `signalling.relays` names."""
    token: Annotated[str, Meta(min_length=1, max_length=MAX_TOKEN_BYTES)]
    """For their seat there, from that relay or signed with a key of its."""


class HandOver(Request):
    """Who leaves the room to whom, and whom they bring in with that."""

    actor: Identity
    """Who is in charge now; they go to the waiting room."""
    to: Identity
    """Who takes over; they may admit others, and wait or are in."""
    patient: Identity | None = None
    """Who is let in with them; null where they are in already."""


class Extend(Request):
    """How much later the room is to end."""

    duration_s: Annotated[float, Meta(gt=0, le=MAX_DURATION_S)]


class Confer(Request):
    """Who is to confer apart from the others."""

    members: Annotated[tuple[Identity, ...], Meta(min_length=1, max_length=10)]
