"""How the relay says no, and how it says goodbye.

No I/O. Words are for people, in English; the SDK translates by code. Called by
`signalling.websocket.connection` and `signalling.websocket.events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, cast, get_args

from relay.errors import InvalidOffer, PeerError, RelayError, ServerError
from relay.rooms.closings import closing
from signalling.messages import Closing, ClosingCode, Error, ErrorCode


class CloseCode(IntEnum):
    """Why a connection was closed (RFC 6455 §7.4; 4000 and above are ours)."""

    LEFT = 1000
    DRAINING = 1001
    TOO_LARGE = 1009
    SLOW_CONSUMER = 1013
    TOKEN_REFUSED = 4001
    REPLACED = 4002
    PROTOCOL_ERROR = 4003
    NO_JOIN = 4004
    EJECTED = 4005


CLOSE_CODES: Final[Mapping[ClosingCode, CloseCode]] = {
    "replaced": CloseCode.REPLACED,
    "taken_over": CloseCode.REPLACED,
    "room_closed": CloseCode.LEFT,
    "draining": CloseCode.DRAINING,
    "slow_consumer": CloseCode.SLOW_CONSUMER,
    "ejected": CloseCode.EJECTED,
    "protocol_error": CloseCode.PROTOCOL_ERROR,
}

_ERROR_CODES: Final = frozenset(get_args(ErrorCode))


def farewell(code: ClosingCode) -> Closing:
    """Say why a connection is about to be closed."""
    if code == "protocol_error":
        # The only one that is between the socket and us: the media plane never says it.
        return Closing(
            code=code,
            words="The relay did not understand this page.",
            action="Reload the page; if it goes on, tell the service's operator.",
        )
    event = closing(code)
    return Closing(code=code, words=event.words, action=event.action)


def error_reply(error: RelayError, request_id: int | None) -> Error:
    """Put an error of the relay into the protocol's form.

    A `PeerError` during a request is the fault of its session description.
    """
    code = InvalidOffer.code if isinstance(error, PeerError) else error.code
    return Error(
        id=request_id,
        code=protocol_code(code),
        words=error.words,
        action=error.action,
        retry_after_s=error.retry_after_s,
    )


def protocol_code(code: str) -> ErrorCode:
    """Give a code of the protocol for one of the relay's: `internal` where it has none."""
    return cast("ErrorCode", code if code in _ERROR_CODES else ServerError.code)
