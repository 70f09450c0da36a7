"""What the relay sends: one struct per message.

Pure. Clients ignore fields and messages they do not know, so both may be added.
"""

from __future__ import annotations

from msgspec import Struct

from relay.rooms.effects import BackReason
from relay.rooms.events import Direction, Kept, LeaveReason, RenegotiationReason, Verdict
from relay.rooms.participant import ParticipantInfo, WaitingInfo
from relay.rooms.permissions import Right, Role, Source
from relay.rooms.standing import Standing
from relay.rooms.track import TrackInfo
from signalling.messages.parts import (
    ClosingCode,
    EncodingChoice,
    ErrorCode,
    IceServer,
    LegStateName,
    RequestId,
    RoomInfo,
    SlotBinding,
    SlotCount,
    tag_of,
)


class RelaySide(
    Struct, tag=tag_of, tag_field="type", frozen=True, kw_only=True, omit_defaults=True
):
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
    tracks: tuple[TrackInfo, ...]
    """The participant's own, as the others know them: whoever comes back may find them muted."""
    room: RoomInfo
    ice_servers: tuple[IceServer, ...]
    keep_s: float
    slots: SlotCount
    standing: Standing = Standing.ADMITTED
    """Whether the participant is in the room, or waits: then there is nothing to negotiate yet."""
    rights: tuple[Right, ...] = ()
    """What the participant may do with the others and the room."""
    private: bool = False
    """Whether the participant confers in private just now."""


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
    """Somebody's socket was lost or came back, or they confer in private or no longer.

    It is told to everybody, and of conferring to whoever does it, too.
    """

    participant: str
    connected: bool
    private: bool = False


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


class Encodings(RelaySide, frozen=True):
    """Send these encodings of one of your tracks; those not named stay as they are."""

    track: str
    encodings: tuple[EncodingChoice, ...]
    keeps: Kept | None = None
    """What of the picture to give up last."""


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


class Waiting(RelaySide, frozen=True):
    """The participant waits: told at the join, and whenever their place or the notice changes."""

    place: int
    """1 for whoever is next."""
    notice: str = ""
    """Plain text of the moderators for those who wait."""
    reason: BackReason | None = None
    """Why, where they were in the room before: what their connection carried has ended."""


class Admitted(RelaySide, frozen=True):
    """The participant has been let in, and may offer."""

    room: RoomInfo


class Moved(RelaySide, frozen=True):
    """The participant goes on in another room, under another id."""

    participant: str
    room: RoomInfo
    standing: Standing = Standing.ADMITTED
    tracks: tuple[TrackInfo, ...] = ()
    """One's own, by the ids they have there."""
    keeps_leg: bool = False
    """Whether the leg goes on; otherwise whoever is in the room offers afresh."""


class Relocate(RelaySide, frozen=True):
    """Open a second connection, whose offer names the ticket; `moved` says when to go over."""

    ticket: str


class WaitingRoom(RelaySide, frozen=True):
    """Who waits, by their places, for those who may admit: the whole state, when it changes."""

    people: tuple[WaitingInfo, ...]
    """The first fifty."""
    total: int
    notice: str = ""


class HeldBack(RelaySide, frozen=True):
    """What moderators let nobody have of the participant: the whole state, when it changes."""

    sources: tuple[Source, ...]


class RoomChanged(RelaySide, frozen=True):
    """The room was locked, unlocked or extended."""

    locked: bool
    ends_in_s: int | None = None


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
    | Encodings
    | Connection
    | Quality
    | Speaking
    | Waiting
    | Admitted
    | Moved
    | Relocate
    | WaitingRoom
    | HeldBack
    | RoomChanged
    | Closing
)
