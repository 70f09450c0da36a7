"""How the relay says no, and how it says goodbye: one table of words and close codes.

No I/O. Words are for people in English; the SDK translates by code. Called by
`signalling.websocket.connection`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, cast, get_args

from relay.errors import InvalidOffer, PeerError, RelayError
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


@dataclass(frozen=True)
class Farewell:
    """What is said before a connection is closed, and the close code after it."""

    words: str
    action: str
    close_code: CloseCode

    def message(self, code: ClosingCode) -> Closing:
        """Put it into the protocol's form."""
        return Closing(code=code, words=self.words, action=self.action)


FAREWELLS: Final[Mapping[ClosingCode, Farewell]] = {
    "left": Farewell(
        "You have left the consultation.",
        "You can close this page.",
        CloseCode.LEFT,
    ),
    "replaced": Farewell(
        "This consultation has been reopened, in this window or another one.",
        "Continue there; to come back here, reload the page.",
        CloseCode.REPLACED,
    ),
    "taken_over": Farewell(
        "This consultation is being continued in another window or on another device.",
        "Continue there, or open your link again here.",
        CloseCode.REPLACED,
    ),
    "room_closed": Farewell(
        "The consultation has ended.",
        "You can close this page.",
        CloseCode.LEFT,
    ),
    "draining": Farewell(
        "The relay is being restarted.",
        "Wait a moment: the page connects again by itself.",
        CloseCode.DRAINING,
    ),
    "slow_consumer": Farewell(
        "Your connection is too slow to follow the consultation.",
        "The page connects again by itself; move closer to your Wi-Fi if it happens again.",
        CloseCode.SLOW_CONSUMER,
    ),
    "protocol_error": Farewell(
        "The relay did not understand this page.",
        "Reload the page; if it goes on, tell the service's operator.",
        CloseCode.PROTOCOL_ERROR,
    ),
}

ERROR_CODES: Final = frozenset(get_args(ErrorCode))


def error_reply(error: RelayError, request_id: int | None) -> Error:
    """Put an error of the relay into the protocol's form.

    A `PeerError` during a request is the fault of its session description.
    """
    code = InvalidOffer.code if isinstance(error, PeerError) else error.code
    assert code in ERROR_CODES, f"{code} is not one of the protocol's error codes"
    return Error(
        id=request_id,
        code=cast("ErrorCode", code),
        words=error.words,
        action=error.action,
        retry_after_s=error.retry_after_s,
    )
