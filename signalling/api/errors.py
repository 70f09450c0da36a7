"""What goes wrong between a platform and the API, besides what goes wrong in the relay.

Each extends the relay's own tree (`relay.errors`): a stable code, what is wrong, what to do about
it, and by its class whose fault it is. `signalling.api.problem` gives each its status.
"""

# ruff: noqa: N818 - the names say what happened, as in relay.errors

from __future__ import annotations

from relay.errors import (
    CallerError,
    Conflict,
    InvalidRequest,
    LimitReached,
    NotAllowed,
    NotAuthenticated,
    NotFound,
)


class KeyRefused(NotAuthenticated):
    """No API key came, or none that the relay knows; never says which."""

    code = "key_refused"
    default_words = "The request carries no API key that this relay accepts."
    default_action = (
        "Send `Authorization: Bearer` and a key; the relay's operator makes one with "
        "`visavis key create`."
    )


class ScopeMissing(NotAllowed):
    """The key is good, and not for this."""

    code = "scope_missing"
    default_words = "This API key may not do that."
    default_action = "Use another key, or ask the relay's operator for one with the scope."


class TooManyRequests(LimitReached):
    """The key asks more often than it may, or too many wrong keys came from one address."""

    code = "too_many_requests"
    default_words = "This API key has made too many requests."
    default_action = "Wait as long as Retry-After says, then go on more slowly."


class InvalidBody(InvalidRequest):
    """The body, the query or the path is not what the document describes."""

    code = "invalid_request"
    default_words = "The request is not what the API describes."
    default_action = "Compare it with /v1/openapi.json."


class Unprocessable(CallerError):
    """Every field is well formed, and together they make no sense."""

    code = "unprocessable"
    default_words = "The request is well formed and cannot be meant."
    default_action = "Correct the field that is named."


class WrongMediaType(CallerError):
    """The body is not JSON by its own account."""

    code = "wrong_media_type"
    default_words = "The body is not said to be JSON."
    default_action = "Send `Content-Type: application/json`."


class TooSlow(CallerError):
    """The body did not arrive in time."""

    code = "too_slow"
    default_words = "The body of the request did not arrive in time."
    default_action = "Send it at once, in one piece."


class NoSuchPath(NotFound):
    """The API has nothing there."""

    code = "no_such_path"
    default_words = "The API has nothing at this path."
    default_action = "Compare the path with /v1/openapi.json."


class WrongMethod(CallerError):
    """The API has something there, and not for this method."""

    code = "wrong_method"
    default_words = "This method cannot be used at this path."
    default_action = "Use one of those the Allow header names."


class IdempotencyKeyReused(CallerError):
    """An Idempotency-Key came again with another request."""

    code = "idempotency_key_reused"
    default_words = "This Idempotency-Key was used for another request."
    default_action = "Draw a new key for each request, and repeat it only with the same one."


class StillInProgress(Conflict):
    """An Idempotency-Key came again while its first request was being answered."""

    code = "still_in_progress"
    default_words = "The first request with this Idempotency-Key is still being answered."
    default_action = "Wait a moment, then send the same request again."


class RoomExists(Conflict):
    """A room of that name has been created before."""

    code = "room_exists"
    default_words = "A room of this name has already been created."
    default_action = "Change it with PATCH, or choose another name."


class NoSuchConsultation(NotFound):
    """No report is kept of it."""

    code = "no_such_consultation"
    default_words = "Nothing is known of this consultation, or not any more."
    default_action = (
        "Ask for its report while it goes on, or within api.keep_reports_s after its end."
    )


class NoSigningKey(Conflict):
    """The relay has public keys only."""

    code = "no_signing_key"
    default_words = "This relay checks tokens and cannot sign any: it has public keys only."
    default_action = "Sign the token with your private key, as docs/protocol.md describes."
