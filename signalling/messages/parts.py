"""What messages of both directions are made of.

Pure. Called by `signalling.messages` only, which is where others import from.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from relay.charts.facts import Transport
from relay.rooms.events import IdleReason, PauseReason, PictureState
from relay.rooms.participant import ParticipantInfo
from relay.rooms.permissions import Kind, Source
from relay.trouble import Cause, Stage

PROTOCOL_VERSION = 1
SUBPROTOCOL = "visavis.v1"


def tag_of(class_name: str) -> str:
    """Turn `TrackMuted` into `track_muted`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


RequestId = Annotated[
    int,
    Meta(ge=0, le=2**53 - 1, description="Chosen by the client, returned in the reply."),
]
OpaqueId = Annotated[str, Meta(min_length=1, max_length=128)]
MidText = Annotated[str, Meta(pattern="^[A-Za-z0-9_-]{1,16}$")]
"""An m-line's identification tag, within what packets can carry (RFC 8285 §4.2)."""
TrackSources = Annotated[
    dict[MidText, Source],
    Meta(max_length=32, description="What each sending m-line carries, by its mid."),
]
LegStateName = Literal["connecting", "connected", "interrupted", "failed"]
ErrorCode = Literal[
    "invalid_message",
    "too_large",
    "too_deep",
    "unknown_type",
    "not_joined",
    "already_joined",
    "token_invalid",
    "token_expired",
    "unknown_room",
    "seat_taken",
    "seat_unknown",
    "wrong_secret",
    "link_used",
    "ejected",
    "not_allowed",
    "not_admitted",
    "room_full",
    "invalid_offer",
    "not_found",
    "conflict",
    "room_locked",
    "limit_reached",
    "overloaded",
    "internal",
]
ClosingCode = Literal[
    "replaced",
    "taken_over",
    "room_closed",
    "draining",
    "slow_consumer",
    "ejected",
    "protocol_error",
]


class RelaySide(
    Struct, tag=tag_of, tag_field="type", frozen=True, kw_only=True, omit_defaults=True
):
    """What every message of the relay has: its type."""


class RoomInfo(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The others in the room at this moment, and how it stands."""

    participants: tuple[ParticipantInfo, ...]
    locked: bool = False
    ends_in_s: int | None = None
    """When it closes by itself, unless it is extended."""


class SlotCount(Struct, frozen=True, kw_only=True):
    """How many receiving m-lines of each kind to offer."""

    audio: int
    video: int


class SlotBinding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one slot carries; `track` is null and the rest absent while it carries nothing.

    `reason` says why not, where there would be something to carry. `paused` says why the picture of
    a bound slot is not sent just now.
    """

    mid: str
    track: str | None
    participant: str | None = None
    kind: Kind | None = None
    source: Source | None = None
    reason: IdleReason | None = None
    paused: PauseReason | None = None


class Silence(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One track that somebody should hear or see, and does not."""

    track: str
    publisher: str
    source: Source
    stage: Stage
    cause: Cause
    receiver: str | None = None
    """Who does not; absent: nobody does."""


class EncodingChoice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What to send of one encoding (W3C WebRTC, RTCRtpEncodingParameters).

    `max_bitrate_bps` absent is no bound, `scale` absent what the client set out with.
    """

    rid: str
    active: bool
    max_bitrate_bps: Annotated[int, Meta(ge=1)] | None = None
    scale: Annotated[float, Meta(ge=1)] | None = None
    """By how much width and height are divided."""


class PictureSent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is sent of one picture; the rest is absent unless it is `sent`.

    `rid` absent is an encoding without a name. A layer absent is all of them. `width` and `height`
    are absent where the publisher does not say them, `kbps` until it has been measured.
    """

    track: str
    state: PictureState
    rid: str | None = None
    spatial_layer: int | None = None
    temporal_layer: int | None = None
    width: int | None = None
    height: int | None = None
    kbps: int | None = None


class Network(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """By which way media go, as the browser says; through TURN, the way that leads there."""

    transport: Transport
    relayed: bool
    ip: Literal[4, 6] | None = None
    """The family of addresses."""


class Received(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has become of one track since the word before."""

    made_up_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0
    """Of sound, what the player made up."""
    frozen_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0
    """For how long the picture stood still."""


class Stood(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a page last stood still: seconds passed, and no timer of it ran."""

    began_ms_ago: Annotated[int, Meta(ge=0, le=86_400_000)]
    ended_ms_ago: Annotated[int, Meta(ge=0, le=86_400_000)]


class IceServer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of `RTCConfiguration.iceServers` (W3C WebRTC §4.2.2)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None
