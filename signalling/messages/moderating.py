"""What a moderator's client asks: one struct per command, inside the message `moderate`.

Pure. `do` is the tag. `relay.rooms.moderation` says what each command does and to whom it is open.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from relay.rooms.permissions import Source
from relay.rooms.settings import MAX_DURATION_S, MAX_NOTICE_CHARS
from signalling.messages.parts import OpaqueId


class CommandOf(Struct, tag_field="do", frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every command has: its name."""


class Admit(CommandOf, frozen=True, tag="admit"):
    """Let somebody in who waits."""

    participant: OpaqueId


class SendBack(CommandOf, frozen=True, tag="send_back"):
    """Have somebody wait again."""

    participant: OpaqueId


class HandOver(CommandOf, frozen=True, tag="hand_over"):
    """Leave the room to somebody and stand aside; a patient who waits may come in with them."""

    to: OpaqueId
    patient: OpaqueId | None = None


class Move(CommandOf, frozen=True, tag="move"):
    """Have somebody go on in another room, which the token of whoever asks has to name."""

    participant: OpaqueId
    room: Annotated[str, Meta(min_length=1, max_length=128)]


class Eject(CommandOf, frozen=True, tag="eject"):
    """Put somebody out; their token is refused from then on."""

    participant: OpaqueId


class MuteOne(CommandOf, frozen=True, tag="mute"):
    """Let nothing of somebody's sources out, or let them out again."""

    participant: OpaqueId
    muted: bool
    sources: Annotated[tuple[Source, ...], Meta(max_length=8)] = (Source.MICROPHONE,)


class MuteAll(CommandOf, frozen=True, tag="mute_all"):
    """Mute the microphones of all who may not moderate, or let them out again."""

    muted: bool


class Confer(CommandOf, frozen=True, tag="confer"):
    """Let some speak, show and write to one another only; nobody named ends it."""

    members: Annotated[tuple[OpaqueId, ...], Meta(max_length=32)]


class Lock(CommandOf, frozen=True, tag="lock"):
    """Let nobody else come, or let them come again."""

    locked: bool


class Notice(CommandOf, frozen=True, tag="notice"):
    """Say what those who wait are to read."""

    text: Annotated[str, Meta(max_length=MAX_NOTICE_CHARS)]


class Extend(CommandOf, frozen=True, tag="extend"):
    """Have the room end later."""

    seconds: Annotated[float, Meta(gt=0, le=MAX_DURATION_S)]


class CloseRoom(CommandOf, frozen=True, tag="close"):
    """End the room for everybody."""


Command = (
    Admit
    | SendBack
    | HandOver
    | Move
    | Eject
    | MuteOne
    | MuteAll
    | Confer
    | Lock
    | Notice
    | Extend
    | CloseRoom
)
