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


@dataclass(frozen=True, slots=True)
class Permissions:
    """What somebody may do: what their role permits and their token has not taken away."""

    publish: frozenset[Source]
    subscribe: bool
    data: bool


_EVERYTHING: Final = Permissions(publish=frozenset(Source), subscribe=True, data=True)
_FACE_AND_VOICE: Final = Permissions(
    publish=frozenset({Source.MICROPHONE, Source.CAMERA}), subscribe=True, data=True
)

BY_ROLE: Final[Mapping[Role, Permissions]] = {
    Role.PRACTITIONER: _EVERYTHING,
    Role.PATIENT: _EVERYTHING,
    Role.CARER: _FACE_AND_VOICE,
    Role.INTERPRETER: _FACE_AND_VOICE,
    Role.EXPERT: _EVERYTHING,
    Role.ASSISTANT: _EVERYTHING,
    # A booth's stethoscope is a microphone, its otoscope a camera; it looks at nobody.
    Role.DEVICE: Permissions(
        publish=frozenset({Source.MICROPHONE, Source.CAMERA}), subscribe=False, data=True
    ),
    Role.OBSERVER: Permissions(publish=frozenset(), subscribe=True, data=False),
}


def permissions_of(grant: Grant) -> Permissions:
    """Give what the role and the token permit both."""
    role = BY_ROLE[grant.role]
    return Permissions(
        publish=role.publish & grant.publish,
        subscribe=role.subscribe and grant.subscribe,
        data=role.data and grant.data,
    )
