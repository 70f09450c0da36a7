"""How each error reaches a platform: RFC 9457 problems, and their statuses.

The only place where a status is chosen; handlers raise. A problem says what is wrong (`detail`),
what to do (`action`) and who must do it (`who`). Called by `signalling.api.endpoint`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from aiohttp import hdrs, web
from msgspec import Meta, Struct

from relay import errors as relay_errors
from relay.errors import RelayError, ServerError
from signalling.api import errors
from signalling.database import StoreUnavailable

CONTENT_TYPE: Final = "application/problem+json"
REQUEST_ID: Final = "X-Request-Id"
TYPE_PREFIX: Final = "urn:visavis:problem:"


class Problem(Struct, kw_only=True):
    """What was wrong with a request (RFC 9457)."""

    type: Annotated[str, Meta(description="`urn:visavis:problem:` and the code.")]
    title: Annotated[str, Meta(description="The status in words.")]
    status: Annotated[int, Meta(ge=400, le=599)]
    code: Annotated[str, Meta(description="Stable; for programs.")]
    detail: Annotated[str, Meta(description="What is wrong, in a sentence.")]
    action: Annotated[str, Meta(description="What to do about it.")]
    who: Annotated[
        Literal["caller", "operator"],
        Meta(description="Who must act: whoever wrote the request, or whoever runs the relay."),
    ]
    request: Annotated[str, Meta(description="Names this request in the relay's audit and log.")]


def status_of(error: type[RelayError]) -> int:
    """Give the status of an error: its own, or that of the class it extends."""
    for ancestor in error.__mro__:
        if ancestor in _STATUSES:
            return _STATUSES[ancestor]
    raise AssertionError(f"{error.__name__} has no status")


def problem_of(error: RelayError, request: str) -> Problem:
    """Describe an error; of what failed inside, no more than that it did."""
    status = status_of(type(error))
    return Problem(
        type=TYPE_PREFIX + error.code,
        title=_TITLES[status],
        status=status,
        code=error.code,
        detail=error.words,
        action=error.action,
        who="operator" if isinstance(error, ServerError) else "caller",
        request=request,
    )


def respond(error: RelayError, request: str) -> web.Response:
    """Answer with a problem."""
    problem = problem_of(error, request)
    headers = {REQUEST_ID: request}
    if error.retry_after_s is not None:
        headers[hdrs.RETRY_AFTER] = str(max(1, math.ceil(error.retry_after_s)))
    if problem.status == _UNAUTHORIZED:
        headers[hdrs.WWW_AUTHENTICATE] = "Bearer"  # RFC 9110 §11.6.1
    return web.Response(
        status=problem.status,
        body=msgspec.json.encode(problem),
        content_type=CONTENT_TYPE,
        headers=headers,
    )


_UNAUTHORIZED: Final = 401

_STATUSES: Final[Mapping[type[RelayError], int]] = {
    relay_errors.InvalidRequest: 400,
    relay_errors.NotAuthenticated: 401,
    relay_errors.NotAllowed: 403,
    relay_errors.NotFound: 404,
    errors.WrongMethod: 405,
    errors.TooSlow: 408,
    relay_errors.Conflict: 409,
    relay_errors.LimitReached: 409,
    relay_errors.TooLarge: 413,
    errors.WrongMediaType: 415,
    errors.Unprocessable: 422,
    errors.IdempotencyKeyReused: 422,
    errors.TooManyRequests: 429,
    relay_errors.ServerError: 500,
    relay_errors.Overloaded: 503,
    StoreUnavailable: 503,
}

_TITLES: Final[Mapping[int, str]] = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Wrong method",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Wrong media type",
    422: "Cannot be meant",
    429: "Too many requests",
    500: "A fault of the relay",
    503: "Not available just now",
}
