"""What a role may do in a room, and how a token narrows it.

Pure. A token can only take rights away from its role: a leaked or careless token never gives an
observer a camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from relay.ids import RoomId
from relay.rooms.settings import Priority


class Role(StrEnum):
    """Who somebody is in a consultation."""

    PRACTITIONER = "practitioner"
    PATIENT = "patient"
    CARER = "carer"
    INTERPRETER = "interpreter"
    EXPERT = "expert"
    ASSISTANT = "assistant"
    DEVICE = "device"
    OBSERVER = "observer"

    @property
    def plural(self) -> str:
        """How a data message addresses everybody of this role."""
        return f"{self.value}s"


class Kind(StrEnum):
    """What a track is made of."""

    AUDIO = "audio"
    VIDEO = "video"


class Source(StrEnum):
    """Where a track comes from."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"

    @property
    def kind(self) -> Kind:
        """A microphone gives sound, everything else a picture."""
        return Kind.AUDIO if self is Source.MICROPHONE else Kind.VIDEO


class Right(StrEnum):
    """What somebody may do with the others and with the room."""

    ADMIT = "admit"
    """See who waits, let them in, send them back, hand over, and say what those who wait read."""
    MODERATE = "moderate"
    """Mute and eject others, lock, extend and close the room, open a private conversation."""
    MOVE = "move"
    """Take others to the rooms that the token names."""
    CONFER = "confer"
    """Take part in a conversation that the others do not hear."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How somebody comes in."""

    waits: bool = False
    """Whether they wait to be admitted, also where the room has no waiting room."""
    priority: Priority = Priority.NORMAL
    label: str = field(default="", repr=False)
    """What those who may admit read beside their place, as the embedder wrote it."""
    age_s: float = 0.0
    """How long ago their token was issued."""
    token: str = field(default="", repr=False)
    """The token's own id."""
    once: bool = False
    """Whether it is good for the page alone that joins with it first."""
    holder: str = field(default="", repr=False)
    """What the page drew for itself that joins: by it, it is known again."""
    group: str = field(default="", repr=False)
    """The key of the private conversation that they say they took part in."""


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token says."""

    room: RoomId = field(repr=False)
    identity: str = field(repr=False)
    role: Role
    publish: frozenset[Source]
    subscribe: bool
    data: bool
    open_room: bool
    rights: frozenset[Right] = frozenset()
    move_to: frozenset[RoomId] = field(default=frozenset(), repr=False)
    """The rooms to which the bearer may take others."""
    arrival: Arrival = Arrival()


@dataclass(frozen=True, slots=True)
class Permissions:
    """What somebody may do: what their role permits and their token has not taken away."""

    publish: frozenset[Source]
    subscribe: bool
    data: bool
    rights: frozenset[Right] = frozenset()
    move_to: frozenset[RoomId] = field(default=frozenset(), repr=False)


_FACE_AND_VOICE: Final = frozenset({Source.MICROPHONE, Source.CAMERA})
_EVERYTHING: Final = frozenset(Source)
_ALL_RIGHTS: Final = frozenset(Right)
_COLLEAGUE: Final = frozenset({Right.CONFER})

BY_ROLE: Final[Mapping[Role, Permissions]] = {
    Role.PRACTITIONER: Permissions(_EVERYTHING, subscribe=True, data=True, rights=_ALL_RIGHTS),
    Role.PATIENT: Permissions(_EVERYTHING, subscribe=True, data=True),
    Role.CARER: Permissions(_FACE_AND_VOICE, subscribe=True, data=True),
    Role.INTERPRETER: Permissions(_FACE_AND_VOICE, subscribe=True, data=True, rights=_COLLEAGUE),
    Role.EXPERT: Permissions(_EVERYTHING, subscribe=True, data=True, rights=_COLLEAGUE),
    Role.ASSISTANT: Permissions(_EVERYTHING, subscribe=True, data=True, rights=_ALL_RIGHTS),
    # A booth's stethoscope is a microphone, its otoscope a camera; it looks at nobody.
    Role.DEVICE: Permissions(_FACE_AND_VOICE, subscribe=False, data=True),
    Role.OBSERVER: Permissions(frozenset(), subscribe=True, data=False),
}


def permissions_of(grant: Grant) -> Permissions:
    """Give what the role and the token permit both."""
    role = BY_ROLE[grant.role]
    return Permissions(
        publish=role.publish & grant.publish,
        subscribe=role.subscribe and grant.subscribe,
        data=role.data and grant.data,
        rights=role.rights & grant.rights,
        move_to=grant.move_to,
    )
