"""A request's parts, from bytes to checked values: path, query, body.

Everything a stranger may send passes here; nothing is half read. Called by
`signalling.api.endpoint`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, TypeVar

import msgspec
from aiohttp import hdrs, web

from relay.errors import TooLarge
from signalling.api.errors import InvalidBody, TooSlow, WrongMediaType
from signalling.untrusted_json import parse_untrusted

BODY_TIMEOUT_S: Final = 10.0
"""64 KiB in ten seconds is 52 kbit/s: slower than that is a fault, or meant to be."""

MAX_EXACT: Final = 2**53
"""Beyond, a double stands for several integers."""

Value = TypeVar("Value")


async def read_body(request: web.Request, *, max_bytes: int) -> bytes:
    """Read a body, and no more of it than may be.

    Raises:
        TooLarge: It is larger.
        TooSlow: It did not come in time.

    *Cancellation:* the rest stays unread.
    """
    if request.content_length is not None and request.content_length > max_bytes:
        raise _too_large(max_bytes)
    read = bytearray()
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > max_bytes:
                    raise _too_large(max_bytes)
    except TimeoutError:
        raise TooSlow from None
    return bytes(read)


def body_untrusted(
    body: bytes, content_type: str | None, wanted: type[Value], *, max_bytes: int
) -> Value:
    """Turn a body into what an operation takes.

    Raises:
        WrongMediaType: It is not said to be JSON.
        InvalidRequest: It is not strict JSON, or not of this form.

    """
    if (content_type or "").partition(";")[0].strip().lower() not in _JSON_TYPES:
        raise WrongMediaType
    value = _with_whole_numbers(parse_untrusted(body, max_bytes=max_bytes))
    return _converted(value, wanted, "body", strict=True)


def query_untrusted(query: Iterable[tuple[str, str]], wanted: type[Value]) -> Value:
    """Turn a query's parameters into what an operation takes.

    Raises:
        InvalidBody: A parameter is unknown, repeated or wrong.

    """
    pairs = list(query)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise InvalidBody("The query repeats a parameter.")
    return _converted(parameters, wanted, "query", strict=False)


def path_untrusted(parts: Mapping[str, str], wanted: type[Value]) -> Value:
    """Turn a path's parameters into what an operation takes.

    Raises:
        InvalidBody: A parameter is not of its form.

    """
    return _converted(dict(parts), wanted, "path", strict=True)


def content_type_of(request: web.Request) -> str | None:
    """Give what a body is said to be."""
    return request.headers.get(hdrs.CONTENT_TYPE)


def _with_whole_numbers(value: object) -> object:
    """Read `2.0` as the integer it is in JSON Schema (2020-12 §6.1.1), as far as it is exact."""
    match value:
        case float() if value.is_integer() and abs(value) <= MAX_EXACT:
            return int(value)
        case list():
            return [_with_whole_numbers(inner) for inner in value]
        case dict():
            return {name: _with_whole_numbers(inner) for name, inner in value.items()}
        case _:
            return value


def _converted(value: object, wanted: type[Value], where: str, *, strict: bool) -> Value:
    try:
        return msgspec.convert(value, wanted, strict=strict)
    except msgspec.ValidationError as error:
        # msgspec names types and places. What it quotes of a request is a field's name at most, and
        # that goes back to whoever wrote it.
        complaint, _, place = str(error).partition(" - at `$")
        field = place.rstrip("`").lstrip(".")
        named = f"The {where}'s `{field}`" if field else f"The {where}"
        raise InvalidBody(f"{named} is wrong: {complaint[0].lower()}{complaint[1:]}.") from error


def _too_large(max_bytes: int) -> TooLarge:
    return TooLarge(
        "The body of the request is too large.", action=f"Send at most {max_bytes} bytes."
    )


_JSON_TYPES: Final = frozenset({"application/json", "application/merge-patch+json"})
