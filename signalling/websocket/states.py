"""The life of a connection, as a table.

Pure. `docs/protocol.md` shows the drawing made from this table (a test compares them);
`signalling.websocket.connection` obeys it. What is not in the table is refused and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from relay.errors import AlreadyJoined, CallerError, Conflict, NotJoined


class State(StrEnum):
    """Where a connection is in its life."""

    AWAITING_JOIN = "awaiting_join"
    """Open, and nobody's: it has `join_timeout_s` to become somebody's."""
    JOINING = "joining"
    """A token or a secret is being checked."""
    JOINED = "joined"
    """It speaks for one seat, and never for another."""
    CLOSING = "closing"
    """The reason has been said; what is queued is being sent."""
    CLOSED = "closed"


class Input(StrEnum):
    """What happens to a connection: a message of the client, an outcome, or an end."""

    JOIN = "join"
    RESUME = "resume"
    OFFER = "offer"
    PUBLISH = "publish"
    UNPUBLISH = "unpublish"
    MUTE = "mute"
    MARK = "mark"
    SUBSCRIBE = "subscribe"
    MODERATE = "moderate"
    HEALTH = "health"
    LEAVE = "leave"
    PING = "ping"

    SEATED = "seated"
    """The relay gave the seat."""
    REFUSED = "refused"
    """The relay did not; the client may try otherwise."""

    TOKEN_REFUSED = "token refused"  # noqa: S105 - the name of an input
    JOIN_TIMEOUT = "join timeout"
    SEAT_ENDED = "seat ended"
    """Replaced, taken over, removed, or the room closed."""
    DRAINING = "draining"
    """The relay is being stopped."""
    SLOW_CONSUMER = "slow consumer"
    PROTOCOL_ERROR = "protocol error"
    SOCKET_LOST = "socket lost"
    FLUSHED = "flushed"
    """The last message and the close frame are sent, or their time is over."""


REQUESTS: Final = frozenset(
    {
        Input.JOIN,
        Input.RESUME,
        Input.OFFER,
        Input.PUBLISH,
        Input.UNPUBLISH,
        Input.MUTE,
        Input.MARK,
        Input.SUBSCRIBE,
        Input.MODERATE,
        Input.HEALTH,
        Input.LEAVE,
        Input.PING,
    }
)
"""The inputs that are messages of the client; their values are the messages' types."""

_ALWAYS_POSSIBLE: Final = (
    Input.DRAINING,
    Input.SLOW_CONSUMER,
    Input.PROTOCOL_ERROR,
    Input.SOCKET_LOST,
)

TABLE: Final[Mapping[tuple[State, Input], State]] = {
    (State.AWAITING_JOIN, Input.JOIN): State.JOINING,
    (State.AWAITING_JOIN, Input.RESUME): State.JOINING,
    (State.AWAITING_JOIN, Input.PING): State.AWAITING_JOIN,
    (State.AWAITING_JOIN, Input.LEAVE): State.CLOSING,
    (State.AWAITING_JOIN, Input.JOIN_TIMEOUT): State.CLOSING,
    **{(State.AWAITING_JOIN, end): State.CLOSING for end in _ALWAYS_POSSIBLE},
    (State.JOINING, Input.SEATED): State.JOINED,
    (State.JOINING, Input.REFUSED): State.AWAITING_JOIN,
    (State.JOINING, Input.TOKEN_REFUSED): State.CLOSING,
    (State.JOINING, Input.JOIN_TIMEOUT): State.CLOSING,
    **{(State.JOINING, end): State.CLOSING for end in _ALWAYS_POSSIBLE},
    (State.JOINED, Input.OFFER): State.JOINED,
    (State.JOINED, Input.PUBLISH): State.JOINED,
    (State.JOINED, Input.UNPUBLISH): State.JOINED,
    (State.JOINED, Input.MUTE): State.JOINED,
    (State.JOINED, Input.MARK): State.JOINED,
    (State.JOINED, Input.SUBSCRIBE): State.JOINED,
    (State.JOINED, Input.MODERATE): State.JOINED,
    (State.JOINED, Input.HEALTH): State.JOINED,
    (State.JOINED, Input.PING): State.JOINED,
    (State.JOINED, Input.LEAVE): State.CLOSING,
    (State.JOINED, Input.SEAT_ENDED): State.CLOSING,
    **{(State.JOINED, end): State.CLOSING for end in _ALWAYS_POSSIBLE},
    (State.CLOSING, Input.SOCKET_LOST): State.CLOSING,
    (State.CLOSING, Input.FLUSHED): State.CLOSED,
}


def state_after(state: State, happening: Input) -> State:
    """Give the state that follows.

    Raises:
        CallerError: A client asked for something out of turn; the state stays.

    """
    following = TABLE.get((state, happening))
    if following is not None:
        return following
    assert happening in REQUESTS, f"{happening} cannot happen while {state}"
    raise _out_of_turn(state, happening)


def _out_of_turn(state: State, request: Input) -> CallerError:
    match state:
        case State.AWAITING_JOIN:
            return NotJoined()
        case State.JOINED:
            return AlreadyJoined()
        case State.JOINING | State.CLOSING | State.CLOSED:
            return Conflict(f"A {request} is not possible while the connection is {state}.")


def drawing() -> str:
    """Draw the table as a Mermaid state diagram, arrows between the same states joined into one."""
    arrows: dict[tuple[State, State], list[Input]] = {}
    for (state, happening), following in TABLE.items():
        arrows.setdefault((state, following), []).append(happening)
    lines = [f"    [*] --> {State.AWAITING_JOIN}"]
    lines += [
        f"    {state} --> {following}: {', '.join(happenings)}"
        for (state, following), happenings in arrows.items()
    ]
    lines.append(f"    {State.CLOSED} --> [*]")
    return "\n".join(["stateDiagram-v2", *lines])
