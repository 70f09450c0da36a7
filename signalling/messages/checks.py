"""What whoever checks devices and network says to the relay before a consultation, and hears.

Pure. A small protocol beside that of a seat, on a WebSocket of its own (`GET /v1/check`):
docs/precall.md explains it, `signalling.check_schema` gives its JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from relay.precall import CheckResult, PathKind
from relay.rooms.events import Direction
from signalling.messages.from_client import Ping, Request
from signalling.messages.from_relay import Answer, Error, Ok, Pong
from signalling.messages.parts import IceServer, OpaqueId, RelaySide, RequestId

CHECK_SUBPROTOCOL: Final = "visavis-check.v1"


class Begin(Request, frozen=True):
    """Say whose check it is: with a token, or with a seat and its secret."""

    token: Annotated[str, Meta(min_length=1, max_length=8_192)] | None = None
    seat: OpaqueId | None = None
    secret: OpaqueId | None = None
    holder: Annotated[str, Meta(max_length=128)] = ""
    """As that of a seat's `join`, where the token is good for one page."""


class TryPath(Request, frozen=True):
    """Offer a connection with a data channel; the client leaves out candidates of other ways."""

    path: PathKind
    sdp: Annotated[str, Meta(min_length=1)]


class DropPath(Request, frozen=True):
    """Give a connection up; one that there is not is no matter."""

    path: PathKind


class Measure(Request, frozen=True):
    """Measure one direction of a connection that is up; answered when it is over."""

    path: PathKind
    direction: Direction
    """`from`: the client sends, once it is told `0` over the channel. `towards`: the relay does."""


class Conclude(Request, frozen=True):
    """Say what all of it came to; again, where the person has answered something since."""

    result: CheckResult


CheckRequest = Begin | TryPath | DropPath | Measure | Conclude | Ping


class Hello(RelaySide, frozen=True):
    """The first message, before anything was asked."""

    unix_ms: int
    """The relay's clock."""


class Begun(RelaySide, frozen=True):
    """The reply to `begin`."""

    id: RequestId
    ice_servers: tuple[IceServer, ...]
    max_kbps: int
    """Up to which rate is measured."""
    duration_s: float
    """How long one direction is measured."""


class Measured(RelaySide, frozen=True):
    """The reply to `measure`."""

    id: RequestId
    received_bytes: int
    """Of `towards`, what the client acknowledged."""
    duration_ms: int
    kbps: int | None = None
    """Of `from`, as links carry it; absent where too little came to tell. Of `towards` the client
    knows."""


CheckReply = Hello | Begun | Answer | Measured | Ok | Pong | Error
