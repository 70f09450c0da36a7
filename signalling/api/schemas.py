"""What travels over the HTTP API, as types: bodies are checked by them and documented from them.

Pure data; times are RFC 3339 in UTC, durations in seconds. Called by `signalling.api.operations`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

from relay.rooms.events import Verdict
from relay.rooms.permissions import Kind, Role, Source
from signalling.tokens import DEFAULT_TTL_S, MAX_IDENTITY_CHARS, MAX_LIFETIME_S, ROOM_NAME

DEFAULT_PAGE: Final = 50
MAX_PAGE: Final = 200
MAX_PARTICIPANTS: Final = 100

RoomName = Annotated[
    str,
    Meta(pattern=ROOM_NAME, description="A room's name: opaque, never a person's or an illness's."),
]
Identity = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=MAX_IDENTITY_CHARS,
        description="A pseudonym of yours for a person. The others in the room never see it.",
    ),
]
ConsultationName = Annotated[
    str,
    Meta(
        pattern=r"^c-[0-9a-f]{32}\Z",
        description="One opening of a room, from its first participant to its last.",
    ),
]
ParticipantName = Annotated[
    str, Meta(description="What the others in the room, and the SDK, know a participant by.")
]
Moment = Annotated[datetime, Meta(tz=True)]
Cursor = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z0-9_.-]+\Z",
        description="The `next_cursor` of the page before.",
    ),
]
Capacity = Annotated[
    int,
    Meta(
        ge=1,
        le=MAX_PARTICIPANTS,
        description="At most so many participants; never more than the relay's own limit.",
    ),
]


class Request(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a platform sends: a field that is not known is an error, not a wish."""


class Answer(Struct, kw_only=True):
    """What a platform gets: later versions may add fields."""


class Nothing(Request):
    """A path or a query without parameters."""


class InRoom(Request):
    """A path that names a room."""

    room: RoomName


class InConsultation(Request):
    """A path that names a consultation."""

    consultation: ConsultationName


class Page(Request):
    """Which part of a list."""

    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: Cursor | None = None


class CreateRoom(Request):
    """A room to be."""

    id: RoomName | UnsetType = UNSET
    """Drawn by the relay where it is left out."""
    opens_at: Moment | None = None
    """Nobody comes in before; null is at once."""
    closes_at: Moment | None = None
    """The room closes then, whoever is in it; null is when you close it."""
    max_participants: Capacity | None = None


class UpdateRoom(Request):
    """What to change of a room; what is left out stays, and null takes it back."""

    opens_at: Moment | UnsetType | None = UNSET
    closes_at: Moment | UnsetType | None = UNSET
    max_participants: Capacity | UnsetType | None = UNSET


class Room(Answer):
    """A room: created here, or open because a token opened it."""

    id: RoomName
    state: Literal["created", "open"]
    """`open` while somebody is in it."""
    created_at: Moment | None
    """null where a token opened it."""
    opens_at: Moment | None
    closes_at: Moment | None
    max_participants: int | None
    consultation: ConsultationName | None
    """The present one; null while nobody is in."""
    participants: int


class RoomList(Answer):
    """A page of rooms, by name."""

    rooms: tuple[Room, ...]
    next_cursor: Cursor | None


class TokenGrants(Request):
    """What the bearer may do, never more than the role permits; what is left out is as the role."""

    publish: tuple[Source, ...] | None = None
    subscribe: bool = True
    data: bool = True
    open_room: bool = False
    """Whether the bearer may be the first to come into a room that was not created here."""


class CreateToken(Request):
    """Whom to invite."""

    identity: Identity
    role: Role
    grants: TokenGrants = field(default_factory=TokenGrants)
    ttl_s: Annotated[int, Meta(ge=1, le=MAX_LIFETIME_S)] = DEFAULT_TTL_S
    """How long the token may be used to join; who has joined stays."""


class Token(Answer):
    """An invitation, for one person: it is a secret."""

    token: str
    expires_at: Moment
    url: Annotated[str, Meta(description="The WebSocket that the SDK connects to.")]
    link: Annotated[str, Meta(description="Opens the relay's own consultation page.")]


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


class Participant(Answer):
    """Somebody in a room."""

    identity: str
    participant: ParticipantName
    role: Role
    connected: bool
    """Whether their page is connected; a place is kept for two minutes."""
    media: Literal["none", "connecting", "connected", "interrupted"]
    present_s: float
    speaking: bool
    tracks: tuple[Track, ...]
    quality: Quality


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


class RoomQuality(Answer):
    """How everybody's sound and picture travel just now."""

    room: RoomName
    consultation: ConsultationName | None
    participants: tuple[ParticipantQuality, ...]


class SendMessage(Request):
    """A message of the platform, for the pages of those addressed."""

    to: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=128,
            description="`all`, a role in the plural (`practitioners`), or a participant.",
        ),
    ]
    type: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=64,
            pattern=r"^(?!relay\.)",
            description="Yours to choose; those that begin with `relay.` are the relay's.",
        ),
    ]
    body: Any = None


class Sent(Answer):
    """To how many the message went, or goes as soon as they are connected."""

    recipients: int


class Attendance(Answer):
    """Somebody's time in a consultation."""

    identity: str
    participant: ParticipantName
    role: Role
    joined_at: Moment
    left_at: Moment | None
    reason: str | None
    """Why they left: left, expired, room_closed or draining; null while they are there."""


class Incident(Answer):
    """Something that happened in a consultation."""

    at: Moment
    type: str
    participant: ParticipantName | None
    direction: Literal["from", "towards"] | None
    reason: str | None


class Report(Answer):
    """What is known of a consultation: who was there, when, and how it went."""

    consultation: ConsultationName
    room: RoomName
    opened_at: Moment
    closed_at: Moment | None
    participants: tuple[Attendance, ...]
    incidents: tuple[Incident, ...]
    left_out: int
    """How many more incidents and stays there were than are kept."""
