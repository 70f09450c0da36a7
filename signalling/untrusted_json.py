"""JSON from the network: bounded, strict, and parsed before anything looks at it.

No I/O and no state. Called by the WebSocket and by `tokens`; everything JSON that a stranger sends
passes here first (security: oversized, deep and ambiguous JSON).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from typing import Any, Never

from relay.errors import InvalidRequest, TooDeep, TooLarge

MAX_DEPTH = 32
"""Levels of arrays and objects; the protocol's own messages need four."""
MAX_DIGITS = 310
"""The largest finite double has 309 digits, and perhaps a sign."""

JsonObject = dict[str, Any]


def parse_untrusted(text: bytes, *, max_bytes: int, max_depth: int = MAX_DEPTH) -> object:
    """Turn bytes into JSON values, refusing whatever two parsers could read differently.

    Stricter than RFC 8259 where it leaves a choice: a repeated key (§4), a number that does not fit
    a finite double (§6), a lone surrogate (§8.2) and a byte order mark (§8.1) are all refused.

    Args:
        text: What arrived.
        max_bytes: The largest text accepted, inclusive.
        max_depth: The deepest nesting accepted, inclusive.

    Raises:
        TooLarge: The text is longer than the limit.
        TooDeep: The text is nested deeper than the limit.
        InvalidRequest: The text is not strict JSON.

    """
    if len(text) > max_bytes:
        raise TooLarge
    if _is_deeper_than(max_depth, text):
        raise TooDeep
    try:
        decoded = text.decode("utf-8")
        if decoded.startswith("\ufeff"):
            raise _refusal("it starts with a byte order mark")
        value: object = _DECODER.decode(decoded)
        if _ESCAPED_SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise _refusal("it is not UTF-8 text") from error
    except ValueError as error:
        raise _refusal("it is not JSON") from error
    return value


def _is_deeper_than(limit: int, text: bytes) -> bool:
    """Say whether brackets outside strings nest deeper than a limit, without recursion.

    Counting first makes the scan rare: no message of the protocol has 32 opening brackets.
    """
    if text.count(b"[") + text.count(b"{") <= limit:
        return False
    depth = 0
    for token in _STRUCTURE.finditer(text):
        match token.group()[:1]:
            case b"[" | b"{":
                depth += 1
                if depth > limit:
                    return True
            case b"]" | b"}":
                depth -= 1
            case _:
                pass
    return False


def _unique(pairs: Iterable[tuple[str, Any]]) -> JsonObject:
    found: JsonObject = {}
    for key, value in pairs:
        if key in found:
            raise _refusal("it repeats a key")
        found[key] = value
    return found


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refusal("a number is too large")
    return number


def _whole(digits: str) -> int:
    """Read an integer; one beyond every double would overflow whatever computes with it.

    Only its length is looked at before: Python takes quadratic time for very long ones.
    """
    if len(digits) > MAX_DIGITS:
        raise _refusal("a number is too large")
    _finite(digits)
    return int(digits)


def _no_constant(_name: str) -> Never:
    raise _refusal("NaN and Infinity are not JSON")


def _refusal(reason: str) -> InvalidRequest:
    return InvalidRequest(f"The message cannot be read: {reason}.")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=_finite,
    parse_int=_whole,
    parse_constant=_no_constant,
)
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
