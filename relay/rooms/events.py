"""What a seat is told, one class per message of the protocol.

Pure data. `relay.seats.seat` and `relay.routing.bindings` emit them, `signalling` turns each into a
message (docs/protocol.md) without looking anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from relay.ids import Mid, ParticipantId, PublicationId
from relay.rooms.closings import Closing
from relay.rooms.leg_states import LegState
from relay.rooms.participant import ParticipantInfo
from relay.rooms.permissions import Kind, Source
from relay.rooms.standing_events import StandingEvent
from relay.rooms.track import TrackInfo
from relay.trouble import Cause, Stage


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Somebody came in."""

    participant: ParticipantInfo


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Somebody is gone, and their place with them."""

    participant: ParticipantId
    reason: LeaveReason


@dataclass(frozen=True, slots=True)
class ParticipantChanged:
    """Somebody's signalling was lost or is back, or they confer in private or no longer."""

    participant: ParticipantId
    connected: bool
    private: bool = False
    group: str | None = field(default=None, repr=False)
    """To themselves alone, the key of their private conversation; `""`: they confer no longer."""


@dataclass(frozen=True, slots=True)
class TrackPublished:
    """Somebody publishes a track."""

    participant: ParticipantId
    track: TrackInfo


@dataclass(frozen=True, slots=True)
class TrackUnpublished:
    """Somebody took a track back."""

    participant: ParticipantId
    track: PublicationId


@dataclass(frozen=True, slots=True)
class TrackMuted:
    """Somebody muted a track or unmuted it."""

    participant: ParticipantId
    track: PublicationId
    muted: bool


@dataclass(frozen=True, slots=True)
class SlotCarries:
    """What one slot carries; while its picture is paused, why.

    A paused slot stays bound, so that its picture comes back without being placed anew.
    """

    mid: Mid
    participant: ParticipantId
    track: PublicationId
    kind: Kind
    source: Source
    paused: PauseReason | None = None


@dataclass(frozen=True, slots=True)
class SlotIdle:
    """A slot that carries nothing; the reason is given where there would be something to carry."""

    mid: Mid
    reason: IdleReason | None = None


@dataclass(frozen=True, slots=True)
class SlotsChanged:
    """What all slots carry; each one replaces what was said before."""

    bindings: tuple[SlotCarries | SlotIdle, ...]


@dataclass(frozen=True, slots=True)
class MoreSlotsNeeded:
    """The participant should add receiving m-lines and offer again."""

    audio: int
    video: int


@dataclass(frozen=True, slots=True)
class RenegotiationNeeded:
    """The participant should offer again as things stand."""

    reason: RenegotiationReason


SOLE_RID: Final = ""
"""A track without simulcast has one encoding, which has no name."""


@dataclass(frozen=True, slots=True)
class EncodingChoice:
    """What a publisher should send of one encoding (W3C WebRTC, RTCRtpEncodingParameters).

    `rid` is `SOLE_RID` for a track whose only encoding has no name. `max_bps` is at least 1, `None`
    for no bound; `scale` divides width and height and is at least 1, `None` for what the publisher
    set out with.
    """

    rid: str
    active: bool
    max_bps: int | None = None
    scale: float | None = None


@dataclass(frozen=True, slots=True)
class EncodingsChosen:
    """What the participant should send of a track of theirs; what is left out stays as it is."""

    track: PublicationId
    encodings: tuple[EncodingChoice, ...]
    keeps: Kept | None = None
    """What of the picture is given up last where not all of it can be sent; `None` is as usual."""


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """The participant's own leg, as the relay sees it."""

    state: LegState
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class QualityChanged:
    """How a participant arrives at the relay, or how the relay arrives at them."""

    participant: ParticipantId
    direction: Direction
    verdict: Verdict
    loss_ratio: float
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class PictureSent:
    """What a participant is sent of one picture they subscribe to; nothing unless it is `sent`.

    What is `None` is not known, or not limited: all spatial, all temporal layers.
    """

    track: PublicationId
    state: PictureState
    rid: str | None = None
    """Of the encoding that is sent, where it has a name."""
    spatial: int | None = None
    """The highest spatial layer that is sent."""
    temporal: int | None = None
    width: int | None = None
    """In pixels, as its publisher says; of the encoding's layer that is sent."""
    height: int | None = None
    bps: int | None = None
    """What was sent of it, with RTP headers."""


@dataclass(frozen=True, slots=True)
class SubscriptionsChanged:
    """What a participant is sent of all pictures they subscribe to; it replaces what was said."""

    state: ReceiverState
    path_bps: int | None
    """What the path towards them is thought to carry; `None` until they have told."""
    pictures: tuple[PictureSent, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """Somebody is not heard or not seen, though they should be."""

    track: PublicationId
    publisher: ParticipantId
    source: Source
    receiver: ParticipantId | None
    """Who does not hear or see them; `None`: nobody does."""
    stage: Stage
    cause: Cause


@dataclass(frozen=True, slots=True)
class SilencesChanged:
    """All silences that concern the participant; each list replaces what was said before."""

    silences: tuple[Silence, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeakingChanged:
    """Somebody began to speak, or fell silent."""

    participant: ParticipantId
    speaking: bool


@dataclass(frozen=True, slots=True)
class MessageRefused:
    """A data message of this participant went nowhere."""

    code: str
    words: str
    action: str


LeaveReason = Literal["left", "expired", "room_closed", "draining", "ejected", "moved", "waiting"]
IdleReason = Literal["no_common_codec"]
PauseReason = Literal["low_rate", "no_room"]
"""The receiver's path carries too little for it beside sound, however small it is made; it would
carry it alone, and others take what there is."""
PictureState = Literal["sent", "low_rate", "no_room", "not_sent"]
"""Paused for one of the reasons above, or its publisher sends nothing of it that would fit."""
ReceiverState = Literal[
    "full", "reduced", "followed", "partly_paused", "video_paused", "audio_only"
]
"""As `relay.layers.state.State`."""
Kept = Literal["motion", "detail"]
RenegotiationReason = Literal["codec", "path"]
"""Another codec suits everybody; the path should be made anew, by an ICE restart."""
Direction = Literal["from", "towards"]
Verdict = Literal["good", "weak", "poor", "silent"]

SeatEvent = (
    ParticipantJoined
    | ParticipantLeft
    | ParticipantChanged
    | TrackPublished
    | TrackUnpublished
    | TrackMuted
    | SlotsChanged
    | MoreSlotsNeeded
    | RenegotiationNeeded
    | EncodingsChosen
    | ConnectionChanged
    | QualityChanged
    | SubscriptionsChanged
    | SilencesChanged
    | SpeakingChanged
    | MessageRefused
    | StandingEvent
    | Closing
)
