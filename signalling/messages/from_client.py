"""What a client sends: one struct per message.

Pure. A field that is not described is refused, so that a misspelt `takeover` is not ignored.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct, field

from relay.rooms.track import Mark as MarkedAs
from relay.trouble import Playing, Sending
from signalling.messages.moderating import Command
from signalling.messages.parts import (
    Network,
    OpaqueId,
    Received,
    RequestId,
    Stood,
    TrackSources,
    tag_of,
)

MOST_TRACKS = 32
"""More than the slots a client may offer."""


class Request(
    Struct, tag=tag_of, tag_field="type", frozen=True, kw_only=True, forbid_unknown_fields=True
):
    """What every message of a client has."""

    id: RequestId


class Join(Request, frozen=True):
    """Take a seat with a token; the first message, unless it is `resume`."""

    token: Annotated[str, Meta(min_length=1, max_length=8_192)]
    takeover: bool = False
    """Take the seat over from another live use of it."""
    confers: Annotated[str, Meta(max_length=128)] = ""
    """The key of the private conversation that its person is in, as last told; empty: none."""
    holder: Annotated[str, Meta(max_length=128)] = ""
    """What the page drew for itself, where the token is good for one page: it comes back by it."""
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
    ticket: OpaqueId | None = None
    """Of `relocate`, whose second connection this is; the first goes on meanwhile."""


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


class Mark(Request, frozen=True):
    """Say what of one's own picture is given up last; null leaves it to the relay again."""

    track: OpaqueId
    keeps: MarkedAs | None


class Subscribe(Request, frozen=True):
    """Ask for a track, or no longer."""

    track: OpaqueId
    wanted: bool


class Moderate(Request, frozen=True):
    """Do something with the others or with the room."""

    command: Command


class Health(Request, frozen=True):
    """Say how one's own devices and players do; each replaces the last, so that one can be lost."""

    sending: Annotated[dict[OpaqueId, Sending], Meta(max_length=MOST_TRACKS)]
    """Of each own track, by its id."""
    playing: Annotated[dict[OpaqueId, Playing], Meta(max_length=MOST_TRACKS)]
    """Of each track of others that a slot carries, by its id."""
    received: Annotated[dict[OpaqueId, Received], Meta(max_length=MOST_TRACKS)] = field(
        default_factory=dict
    )
    """Of each of those that was flawed since the word before."""
    network: Network | None = None
    """By which way it came; null is as before."""
    stood: Stood | None = None
    """When the page stood still, where it did since the word before."""


class Leave(Request, frozen=True):
    """Give the seat up."""


class Ping(Request, frozen=True):
    """Ask whether the relay still answers."""


ClientMessage = (
    Join
    | Resume
    | Offer
    | Publish
    | Unpublish
    | Mute
    | Mark
    | Subscribe
    | Moderate
    | Health
    | Leave
    | Ping
)
