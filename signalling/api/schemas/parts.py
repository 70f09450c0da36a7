"""Names, limits and bases that the API's types share.

Pure data. Called by its siblings.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from relay.rooms.settings import MAX_DURATION_S, MAX_NOTICE_CHARS, MAX_PUBLISHING
from signalling.tokens import MAX_IDENTITY_CHARS, ROOM_NAME

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
Notice = Annotated[
    str,
    Meta(
        max_length=MAX_NOTICE_CHARS,
        description="What those who wait read: plain text, without names.",
    ),
]
Publishing = Annotated[
    int, Meta(ge=1, le=MAX_PUBLISHING, description="At most so many with microphone or camera.")
]
Crowd = Annotated[int, Meta(ge=0, le=10_000, description="At most so many in the waiting room.")]
Duration = Annotated[
    float,
    Meta(gt=0, le=MAX_DURATION_S, description="Seconds from the first participant on."),
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


class Page(Request):
    """Which part of a list."""

    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE)] = DEFAULT_PAGE
    cursor: Cursor | None = None
