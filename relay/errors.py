"""Everything that goes wrong, by whose fault it is.

```
RelayError                 code · words · action · retry_after_s
├─ ConfigurationError      the operator's file cannot be used       → the process does not start
├─ CallerError             the request cannot be met                → error reply; the session lives
│  ├─ InvalidRequest       invalid_message
│  │  ├─ TooLarge          too_large
│  │  ├─ TooDeep           too_deep
│  │  ├─ UnknownType       unknown_type
│  │  └─ InvalidOffer      invalid_offer
│  ├─ NotAuthenticated     token_invalid
│  │  ├─ TokenExpired      token_expired
│  │  ├─ NotJoined         not_joined
│  │  ├─ SeatUnknown       seat_unknown
│  │  ├─ WrongSecret       wrong_secret
│  │  ├─ LinkUsed          link_used
│  │  └─ Ejected           ejected
│  ├─ NotAllowed           not_allowed
│  │  └─ NotAdmitted       not_admitted
│  ├─ NotFound             not_found
│  │  └─ UnknownRoom       unknown_room
│  ├─ Conflict             conflict
│  │  ├─ AlreadyJoined     already_joined
│  │  ├─ SeatTaken         seat_taken
│  │  └─ RoomLocked        room_locked
│  └─ LimitReached         limit_reached
│     └─ RoomFull          room_full
├─ PeerError               the remote broke a protocol              → its leg closes, nobody notices
│  ├─ Malformed            malformed
│  ├─ NegotiationFailed    negotiation_failed
│  ├─ HandshakeFailed      handshake_failed
│  ├─ WentSilent           went_silent
│  └─ ConsentLost          consent_lost
└─ ServerError             we, or what we depend on, failed         → internal; alert, bounded retry
   ├─ EngineFailed         internal
   └─ Overloaded           overloaded
```

Imports nothing of ours. `code` is stable and for programs; `words` is a sentence for a person;
`action` is what they can do about it. A `PeerError` also carries a `reason` from a small fixed
vocabulary, which is a metric label, so it never holds anything the network sent. Broken invariants
are bugs and are asserted, not raised as these.
"""

# ruff: noqa: N818 - the names say what happened, and the tree above says that they are errors

from __future__ import annotations

from typing import ClassVar


class RelayError(Exception):
    """Any failure the relay can explain."""

    code: ClassVar[str] = "internal"
    default_words: ClassVar[str] = "Something went wrong in the relay."
    default_action: ClassVar[str] = "Try again in a moment; if it goes on, tell the operator."

    def __init__(
        self,
        words: str | None = None,
        *,
        action: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        """Explain the failure.

        Args:
            words: A sentence for a person, without anybody's name or address; the class has one.
            action: What that person can do; the class has one.
            retry_after_s: When a further try may succeed; `None` where time changes nothing.

        """
        self.words = words or self.default_words
        self.action = action or self.default_action
        self.retry_after_s = retry_after_s
        super().__init__(self.words)


class ConfigurationError(RelayError):
    """The operator's configuration cannot be used; the words name the key."""

    code = "invalid_configuration"
    default_words = "The configuration cannot be used."
    default_action = (
        "Correct the file; deploy/visavis.sample.toml shows every key with its default."
    )


class CallerError(RelayError):
    """The request cannot be met; the session lives on."""


class InvalidRequest(CallerError):
    """The request is not what the protocol describes."""

    code = "invalid_message"
    default_words = "The message is not one the protocol describes."
    default_action = "Compare the message with docs/protocol.md."


class TooLarge(InvalidRequest):
    """The message is larger than the limit."""

    code = "too_large"
    default_words = "The message is too large."
    default_action = "Send less in one message; docs/protocol.md says how much is taken."


class TooDeep(InvalidRequest):
    """The message is nested deeper than the limit."""

    code = "too_deep"
    default_words = "The message is nested too deeply."
    default_action = "Nest at most 32 levels."


class UnknownType(InvalidRequest):
    """The message's type is not one of the protocol's."""

    code = "unknown_type"
    default_words = "The message's type is unknown."
    default_action = "Use a type of docs/protocol.md, or update the relay."


class InvalidOffer(InvalidRequest):
    """The session description cannot be answered."""

    code = "invalid_offer"
    default_words = "The session description cannot be answered."
    default_action = "Offer again from an unmodified browser or a current version of the SDK."


class NotAuthenticated(CallerError):
    """The caller has not shown who they are; the code says the token was refused, and never why."""

    code = "token_invalid"
    default_words = "This link is not valid."
    default_action = "Ask for a new link."


class TokenExpired(NotAuthenticated):
    """The token was good, and its time is over."""

    code = "token_expired"
    default_words = "This link has expired."


class NotJoined(NotAuthenticated):
    """A request came before `join` or `resume`."""

    code = "not_joined"
    default_words = "Nothing can be done before joining."
    default_action = "Send join or resume first."


class SeatUnknown(NotAuthenticated):
    """The seat does not exist, or is no longer kept."""

    code = "seat_unknown"
    default_words = "Your place in the room is no longer kept."
    default_action = "Join again with a valid link."


class WrongSecret(NotAuthenticated):
    """The resume secret is not the seat's."""

    code = "wrong_secret"
    default_words = "Your place in the room could not be recognised."
    default_action = SeatUnknown.default_action


class LinkUsed(NotAuthenticated):
    """The token is good for one page, and another has used it."""

    code = "link_used"
    default_words = "This link works once, and it has been used."
    default_action = "Go on where it was opened first, or ask for a new link."


class Ejected(NotAuthenticated):
    """A moderator has put this identity out; the token was issued before that."""

    code = "ejected"
    default_words = "You have been removed from this consultation."
    default_action = "If you think this is a mistake, contact the practice for a new link."


class NotAllowed(CallerError):
    """The caller's role or grant does not permit this."""

    code = "not_allowed"
    default_words = "Your role in this room does not permit this."
    default_action = "Ask the person who invited you for a link that permits it."


class NotAdmitted(NotAllowed):
    """The caller is in the waiting room, where there is no sound and no picture."""

    code = "not_admitted"
    default_words = "You are in the waiting room."
    default_action = "Wait until you are let in; nothing else is needed."


class NotFound(CallerError):
    """What the request names does not exist for this caller."""

    code = "not_found"
    default_words = "What was asked for does not exist."
    default_action = "Check the identifier; it may have ended meanwhile."


class UnknownRoom(NotFound):
    """The room is not open and this grant may not open it."""

    code = "unknown_room"
    default_words = "This room is not open."
    default_action = "Check the link, or wait until the room has been opened."


class Conflict(CallerError):
    """The request contradicts the present state."""

    code = "conflict"
    default_words = "This cannot be done in the present state."
    default_action = "Read the room's state again, then retry."


class AlreadyJoined(Conflict):
    """A second `join` on one connection."""

    code = "already_joined"
    default_words = "This connection has already joined."
    default_action = "Leave first, or open another connection."


class SeatTaken(Conflict):
    """The identity is live elsewhere and the join did not ask to take over."""

    code = "seat_taken"
    default_words = "This link is already in use in another window or on another device."
    default_action = "Close the other window, or choose to continue here."


class RoomLocked(Conflict):
    """A moderator lets nobody else come."""

    code = "room_locked"
    default_words = "This consultation is closed to newcomers."
    default_action = "Ask the person who invited you to unlock it, then open your link again."


class LimitReached(CallerError):
    """A limit of the relay or the room."""

    code = "limit_reached"
    default_words = "A limit has been reached."
    default_action = "End something else first, or ask the operator to raise the limit."


class RoomFull(LimitReached):
    """The room has as many participants as it may have."""

    code = "room_full"
    default_words = "The room is full."
    default_action = "Wait until somebody has left."


class PeerError(RelayError):
    """The remote broke a protocol: its leg closes with a reason and nobody else notices."""

    code = "peer_failed"
    default_words = "The connection for sound and image failed."
    default_action = "The page connects again by itself; if it does not, reload it."

    def __init__(self, reason: str, words: str | None = None) -> None:
        """Explain the failure.

        Args:
            reason: One of a small fixed vocabulary (a metric label), never the network's words.
            words: A sentence for a person; the class has a default.

        """
        self.reason = reason
        super().__init__(words)


class Malformed(PeerError):
    """Bytes that no parser of ours accepts."""

    code = "malformed"


class NegotiationFailed(PeerError):
    """Both sides speak, but have nothing in common."""

    code = "negotiation_failed"
    default_words = "This device and the relay have no common way to carry sound and image."
    default_action = "Use a current browser."


class HandshakeFailed(PeerError):
    """DTLS did not finish, or the certificate is not the one announced."""

    code = "handshake_failed"
    default_words = "The encrypted connection could not be set up."


class WentSilent(PeerError):
    """Nothing arrived for longer than the protocol allows."""

    code = "went_silent"


class ConsentLost(PeerError):
    """No authenticated connectivity check for 30 s (RFC 7675 §5.1)."""

    code = "consent_lost"
    default_words = "The network path to this device was lost."


class ServerError(RelayError):
    """We, or what we depend on, failed."""


class EngineFailed(ServerError):
    """The packet path stopped or refused a command."""


class Overloaded(ServerError):
    """There is more work than may be queued."""

    code = "overloaded"
    default_words = "The relay is busy."
    default_action = "Try again in a few seconds."
