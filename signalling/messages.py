"""Every message of the WebSocket protocol, as types.

Field `type` is the tag. `docs/protocol.md` explains them in words; `docs/protocol.schema.json` is
generated from these types by `signalling.schema`. Pure: no I/O. What a client sends is refused when
it holds an unknown field, so that a misspelt `takeover` is not silently ignored; clients in turn
must ignore fields they do not know, so that the relay can grow (docs/protocol.md, "Versions").
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from msgspec import Meta, Struct

from relay.rooms.events import Direction, LeaveReason, RenegotiationReason, Verdict
from relay.rooms.participant import ParticipantInfo
from relay.rooms.permissions import Kind, Role, Source
from relay.rooms.track import TrackInfo

PROTOCOL_VERSION = 1
SUBPROTOCOL = "visavis.v1"


def _tag(class_name: str) -> str:
    """Turn `TrackMuted` into `track_muted`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


RequestId = Annotated[
    int,
    Meta(ge=0, le=2**53 - 1, description="Chosen by the client, returned in the reply."),
]
OpaqueId = Annotated[str, Meta(min_length=1, max_length=128)]
MidText = Annotated[str, Meta(pattern="^[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,32}$")]
"""An m-line's identification tag: a token of RFC 8859 §4, bounded."""
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
    "not_allowed",
    "room_full",
    "invalid_offer",
    "not_found",
    "conflict",
    "limit_reached",
    "overloaded",
    "internal",
]
ClosingCode = Literal[
    "replaced", "taken_over", "room_closed", "draining", "slow_consumer", "protocol_error"
]


class RoomInfo(Struct, frozen=True, kw_only=True):
    """The others in the room at this moment."""

    participants: tuple[ParticipantInfo, ...]


class SlotCount(Struct, frozen=True, kw_only=True):
    """How many receiving m-lines of each kind to offer."""

    audio: int
    video: int


class SlotBinding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one slot carries; `track` is null and the rest absent while it carries nothing."""

    mid: str
    track: str | None
    participant: str | None = None
    kind: Kind | None = None
    source: Source | None = None


class IceServer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry of `RTCConfiguration.iceServers` (W3C WebRTC §4.2.2)."""

    urls: tuple[str, ...]
    username: str | None = None
    credential: str | None = None


# Client → relay ------------------------------------------------------------------------------


class Request(
    Struct, tag=_tag, tag_field="type", frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What every message of a client has."""

    id: RequestId


class Join(Request, frozen=True):
    """Take a seat with a token; the first message, unless it is `resume`."""

    token: Annotated[str, Meta(min_length=1, max_length=8_192)]
    takeover: bool = False
    """Take the seat over from another live use of it."""
    client: Annotated[str, Meta(max_length=200)] = ""
    """The client's name and version; never logged."""


class Resume(Request, frozen=True):
    """Come back to a seat after a lost socket, without the token."""

    seat: OpaqueId
    secret: OpaqueId


class Offer(Request, frozen=True):
    """A session description to be answered."""

    sdp: Annotated[str, Meta(min_length=1)]
    fresh: bool
    """Whether it comes from a new RTCPeerConnection."""
    tracks: TrackSources


class Publish(Request, frozen=True):
    """Show what the named m-lines carry to the others."""

    tracks: TrackSources


class Unpublish(Request, frozen=True):
    """Withdraw a track."""

    track: OpaqueId


class Mute(Request, frozen=True):
    """Say that a track is muted, or no longer; a muted track is not forwarded."""

    track: OpaqueId
    muted: bool


class Subscribe(Request, frozen=True):
    """Ask for a track, or no longer."""

    track: OpaqueId
    wanted: bool


class Leave(Request, frozen=True):
    """Give the seat up."""


class Ping(Request, frozen=True):
    """Ask whether the relay still answers."""


ClientMessage = Join | Resume | Offer | Publish | Unpublish | Mute | Subscribe | Leave | Ping


# Relay → client ------------------------------------------------------------------------------


class RelaySide(Struct, tag=_tag, tag_field="type", frozen=True, kw_only=True, omit_defaults=True):
    """What every message of the relay has: its type."""


class Joined(RelaySide, frozen=True):
    """The reply to `join` and `resume`."""

    id: RequestId
    protocol: int
    resumed: bool
    seat: str
    secret: str
    participant: str
    role: Role
    room: RoomInfo
    ice_servers: tuple[IceServer, ...]
    keep_s: float
    slots: SlotCount


class Answer(RelaySide, frozen=True):
    """The reply to `offer`."""

    id: RequestId
    sdp: str


class Published(RelaySide, frozen=True):
    """The reply to `publish`."""

    id: RequestId
    tracks: tuple[TrackInfo, ...]


class Ok(RelaySide, frozen=True):
    """The reply to a request that has nothing else to say."""

    id: RequestId


class Pong(RelaySide, frozen=True):
    """The reply to `ping`."""

    id: RequestId


class Error(RelaySide, frozen=True):
    """A request could not be met; the connection lives unless a close follows."""

    code: ErrorCode
    words: str
    action: str
    id: RequestId | None = None
    """The request's, where it could be read."""
    retry_after_s: float | None = None


class ParticipantJoined(RelaySide, frozen=True):
    """Somebody took a seat."""

    participant: ParticipantInfo


class ParticipantLeft(RelaySide, frozen=True):
    """A seat was given up, or kept too long for nobody."""

    participant: str
    reason: LeaveReason


class ParticipantChanged(RelaySide, frozen=True):
    """Somebody's socket was lost, or came back; the seat is kept meanwhile."""

    participant: str
    connected: bool


class TrackPublished(RelaySide, frozen=True):
    """A track can be watched or heard."""

    participant: str
    track: TrackInfo


class TrackUnpublished(RelaySide, frozen=True):
    """A track is withdrawn."""

    participant: str
    track: str


class TrackMuted(RelaySide, frozen=True):
    """A track is muted, or no longer."""

    participant: str
    track: str
    muted: bool


class Slots(RelaySide, frozen=True):
    """What all slots carry: the whole state, each time it changes."""

    bindings: tuple[SlotBinding, ...]


class MoreSlots(RelaySide, frozen=True):
    """Add receiving m-lines and offer again."""

    audio: int
    video: int


class Renegotiate(RelaySide, frozen=True):
    """Offer again."""

    reason: RenegotiationReason


class Connection(RelaySide, frozen=True):
    """The receiver's leg as the relay sees it."""

    state: LegStateName
    reason: str | None = None


class Quality(RelaySide, frozen=True):
    """How well a participant's media travels, when that changes."""

    participant: str
    direction: Direction
    verdict: Verdict
    loss_ratio: float
    rtt_ms: float | None = None


class Speaking(RelaySide, frozen=True):
    """Somebody began or ceased to speak."""

    participant: str
    speaking: bool


class Closing(RelaySide, frozen=True):
    """The last message before the relay closes the connection."""

    code: ClosingCode
    words: str
    action: str


RelayMessage = (
    Joined
    | Answer
    | Published
    | Ok
    | Pong
    | Error
    | ParticipantJoined
    | ParticipantLeft
    | ParticipantChanged
    | TrackPublished
    | TrackUnpublished
    | TrackMuted
    | Slots
    | MoreSlots
    | Renegotiate
    | Connection
    | Quality
    | Speaking
    | Closing
)
