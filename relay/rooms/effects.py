"""What a moderator's command comes to, for those who carry it out.

Pure data. `relay.rooms.moderation` has changed the model when it hands one of these to
`relay.moderation.moderating`, which moves media and tells people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relay.ids import RoomId
from relay.rooms.conferring import Groups
from relay.rooms.participant import Participant
from relay.rooms.track import Publication

BackReason = Literal["sent_back", "handed_over"]
RoomChange = Literal["locked", "unlocked", "extended"]


@dataclass(frozen=True, slots=True)
class Admitted:
    """Somebody who waited is in the room."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class SentBack:
    """Somebody who was in the room waits."""

    participant: Participant
    reason: BackReason


@dataclass(frozen=True, slots=True)
class Moved:
    """Somebody is to go on in another room; the model has not changed yet."""

    participant: Participant
    room: RoomId


@dataclass(frozen=True, slots=True)
class Ejected:
    """Somebody is to be put out, and their tokens refused; the model has not changed yet."""

    participant: Participant


@dataclass(frozen=True, slots=True)
class HeldBack:
    """What a moderator lets out of somebody has changed."""

    participant: Participant
    changed: tuple[Publication, ...]
    """Their tracks which others now get, or no longer."""


@dataclass(frozen=True, slots=True)
class PrivateChanged:
    """Who confers in private has changed."""

    before: Groups


@dataclass(frozen=True, slots=True)
class NoticeChanged:
    """Those who wait are to read something else."""


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """The lock or the room's end has changed."""

    how: RoomChange


@dataclass(frozen=True, slots=True)
class RoomClosed:
    """The room is to be closed for everybody, and the tokens of before refused."""


Effect = (
    Admitted
    | SentBack
    | Moved
    | Ejected
    | HeldBack
    | PrivateChanged
    | NoticeChanged
    | RoomChanged
    | RoomClosed
)
