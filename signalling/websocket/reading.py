"""From a text frame to a typed request.

No I/O. Fuzzed and property-tested through `read_untrusted` and `read_check_untrusted`; called by
`signalling.websocket.connection` and `signalling.websocket.checking`.
"""

from __future__ import annotations

from typing import Any, cast, get_args

import msgspec

from relay.errors import CallerError, InvalidRequest, UnknownType
from signalling.messages import ClientMessage
from signalling.messages.checks import CheckRequest
from signalling.untrusted_json import parse_untrusted
from signalling.websocket.states import REQUESTS


class Unreadable(Exception):  # noqa: N818 - it carries an error; it is not one of the relay's tree
    """A frame that is no request; `request_id` is the one it seems to have had."""

    def __init__(self, error: CallerError, request_id: int | None = None) -> None:
        self.error = error
        self.request_id = request_id
        super().__init__(error.code)


def read_untrusted(frame: bytes, *, max_bytes: int) -> ClientMessage:
    """Turn a text frame into a request.

    Raises:
        Unreadable: It is none; the error inside says what is wrong with it, without quoting values.

    """
    return cast("ClientMessage", _read(frame, max_bytes, _TYPES, ClientMessage))


def read_check_untrusted(frame: bytes, *, max_bytes: int) -> CheckRequest:
    """Turn a text frame of somebody who checks into a request.

    Raises:
        Unreadable: As above.

    """
    return cast("CheckRequest", _read(frame, max_bytes, _CHECK_TYPES, CheckRequest))


def _read(frame: bytes, max_bytes: int, types: frozenset[str], requests: Any) -> object:
    try:
        value = parse_untrusted(frame, max_bytes=max_bytes)
    except CallerError as error:
        raise Unreadable(error) from None
    if not isinstance(value, dict):
        raise Unreadable(InvalidRequest("A message is a JSON object."))
    request_id = _request_id(value)
    kind = value.get("type")
    if not isinstance(kind, str):
        raise Unreadable(InvalidRequest("A message has a field `type`, a string."), request_id)
    if kind not in types:
        raise Unreadable(UnknownType(), request_id)
    try:
        return cast("object", msgspec.convert(value, requests))
    except msgspec.ValidationError as error:
        raise Unreadable(_complaint(str(error), kind), request_id) from None


def _request_id(value: dict[str, object]) -> int | None:
    found = value.get("id")
    if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < _ID_END:
        return found
    return None


def _complaint(msgspec_words: str, kind: str) -> InvalidRequest:
    """Say what is wrong; msgspec names types and our own fields, but also quotes unknown ones."""
    what, _, where = msgspec_words.partition(" - at `$")
    if "unknown field" in what:
        return InvalidRequest(f"The {kind} message has a field the protocol does not describe.")
    if "Invalid enum value" in what or "Invalid value" in what:
        what = "Unknown value"
    # Keys of `tracks` are the client's own words; msgspec shows them as `[...]`.
    path = where.rstrip("`").lstrip(".")
    place = f" (at {path})" if path else ""
    return InvalidRequest(f"The {kind} message does not fit the protocol: {what}{place}.")


_TYPES = frozenset(request.value for request in REQUESTS)
_CHECK_TYPES = frozenset(str(kind.__struct_config__.tag) for kind in get_args(CheckRequest))
_ID_END = 2**53
