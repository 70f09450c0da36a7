"""Rooms, tokens and messages as they travel over the API.

Pure data. Called through `signalling.api.schemas`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, UnsetType, field

from relay.rooms.permissions import Right, Role, Source
from relay.rooms.settings import Priority
from signalling.api.schemas.parts import (
    Answer,
    Capacity,
    ConsultationName,
    Crowd,
    Cursor,
    Duration,
    Identity,
    Moment,
    Notice,
    Publishing,
    Request,
    RoomName,
)
from signalling.tokens import DEFAULT_TTL_S, MAX_LABEL_CHARS, MAX_LIFETIME_S, MAX_MOVE_TO


class Wishes(Request):
    """How a room is to be; what is null is as the relay's configuration says."""

    opens_at: Moment | UnsetType | None = UNSET
    """Nobody comes in before; null is at once."""
    closes_at: Moment | UnsetType | None = UNSET
    """The room closes then, whoever is in it; null is when you close it."""
    notice: Notice | UnsetType = UNSET
    waiting_room: bool | UnsetType | None = UNSET
    """Whether everybody who may not admit others waits to be admitted."""
    max_participants: Capacity | UnsetType | None = UNSET
    max_publishing: Publishing | UnsetType | None = UNSET
    max_waiting: Crowd | UnsetType | None = UNSET
    max_duration_s: Duration | UnsetType | None = UNSET
    priority: Priority | UnsetType | None = UNSET


class CreateRoom(Wishes):
    """A room to be."""

    id: RoomName | UnsetType = UNSET
    """Drawn by the relay where it is left out."""


class UpdateRoom(Wishes):
    """What to change of a room; what is left out stays, and null takes it back."""


class Room(Answer):
    """A room: created here, or open because a token opened it."""

    id: RoomName
    state: Literal["created", "open"]
    """`open` while somebody is in it or waits."""
    created_at: Moment | None
    """null where a token opened it."""
    opens_at: Moment | None
    closes_at: Moment | None
    notice: str
    waiting_room: bool
    max_participants: int
    max_publishing: int
    max_waiting: int
    max_duration_s: float
    priority: Priority
    consultation: ConsultationName | None
    """The present one; null while the room is not open."""
    participants: int
    """Those who are in."""
    waiting: int
    locked: bool
    ends_in_s: int | None


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
    rights: tuple[Right, ...] | None = None
    move_to: Annotated[tuple[RoomName, ...], Meta(max_length=MAX_MOVE_TO)] = ()
    """The rooms to which the bearer may take others."""
    waits: bool = False
    """Whether the bearer waits to be admitted, also where the room has no waiting room."""
    priority: Priority = Priority.NORMAL
    """Who comes first in the waiting room, and to the relay's last rooms."""


class CreateToken(Request):
    """Whom to invite."""

    identity: Identity
    role: Role
    grants: TokenGrants = field(default_factory=TokenGrants)
    label: Annotated[
        str,
        Meta(
            max_length=MAX_LABEL_CHARS,
            description="What those who admit read beside the bearer's place: an hour, not a name.",
        ),
    ] = ""
    ttl_s: Annotated[int, Meta(ge=1, le=MAX_LIFETIME_S)] = DEFAULT_TTL_S
    """How long the token may be used to join; who has joined stays."""
    once: bool = False
    """Whether it is good for the page alone that joins with it first: for a link that is sent."""


class Token(Answer):
    """An invitation, for one person: it is a secret."""

    token: str
    expires_at: Moment
    url: Annotated[str, Meta(description="The WebSocket that the SDK connects to.")]
    link: Annotated[str, Meta(description="Opens the relay's own consultation page.")]


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
