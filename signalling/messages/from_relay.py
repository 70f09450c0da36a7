"""What the relay sends: one struct per message.

Pure. Clients ignore fields and messages they do not know, so both may be added.
"""

from __future__ import annotations

from relay.rooms.events import (
    Direction,
    Kept,
    LeaveReason,
    ReceiverState,
    RenegotiationReason,
    Verdict,
)
from relay.rooms.participant import ParticipantInfo
from relay.rooms.permissions import Right, Role
from relay.rooms.standing import Standing
from relay.rooms.track import TrackInfo
from signalling.messages.parts import (
    ClosingCode,
    EncodingChoice,
    ErrorCode,
    IceServer,
    LegStateName,
    PictureSent,
    RelaySide,
    RequestId,
    RoomInfo,
    Silence,
    SlotBinding,
    SlotCount,
)
from signalling.messages.standing import StandingMessage


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
    group: str = ""
    """The key of that conversation: to be said in `confers` when joining anew."""


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
    group: str | None = None
    """To themselves alone: the key of their private conversation, empty when it is over."""


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


class IceServers(RelaySide, frozen=True):
    """Use these from the next ICE restart and the next leg on, in place of those of `joined`."""

    ice_servers: tuple[IceServer, ...]


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


class Subscriptions(RelaySide, frozen=True):
    """What the receiver is sent of all pictures: the whole state, each time it moves by a step."""

    state: ReceiverState
    pictures: tuple[PictureSent, ...]
    path_kbps: int | None = None
    """What the path towards the receiver is thought to carry, once they have told."""


class Silences(RelaySide, frozen=True):
    """Who is not heard or seen though they should be: all that concerns the receiver of this."""

    silences: tuple[Silence, ...]


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
    | IceServers
    | Encodings
    | Connection
    | Quality
    | Subscriptions
    | Silences
    | Speaking
    | StandingMessage
    | Closing
)
