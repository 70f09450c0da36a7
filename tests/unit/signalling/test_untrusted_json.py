from __future__ import annotations

import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import CallerError, InvalidRequest, TooDeep, TooLarge
from signalling.untrusted_json import MAX_DEPTH, parse_untrusted

LIMIT = 65_536


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"nul",
        b'{"a":1,}',
        b'{"a":1,"a":2}',
        b'{"x":{"a":1,"a":1}}',
        b'{"a":1} {"b":2}',
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e999]",
        b'"\xff\xfe"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'{"\\udfff":1}',
        b"\xef\xbb\xbf{}",
        b"[01]",
        b"['a']",
        b'"a\nb"',
        b"1" * 5_000,
    ],
)
def test_what_two_parsers_could_read_differently_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_untrusted(text, max_bytes=LIMIT)
    assert refused.value.code == "invalid_message"


def test_the_refusal_quotes_nothing_of_what_was_sent() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_untrusted(b'{"Jeanne Martin": NaN}', max_bytes=LIMIT)
    assert "Jeanne" not in refused.value.words


def test_a_text_of_the_largest_size_passes_and_one_byte_more_does_not() -> None:
    text = b'"' + b"a" * (LIMIT - 2) + b'"'
    assert parse_untrusted(text, max_bytes=LIMIT) == "a" * (LIMIT - 2)
    with pytest.raises(TooLarge):
        parse_untrusted(text + b" ", max_bytes=LIMIT)


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_depth_is_limited_for_arrays_and_objects(opening: bytes, closing: bytes) -> None:
    deepest = opening * MAX_DEPTH + b"1" + closing * MAX_DEPTH
    parse_untrusted(deepest, max_bytes=LIMIT)
    with pytest.raises(TooDeep):
        parse_untrusted(opening + deepest + closing, max_bytes=LIMIT)


def test_a_hundred_thousand_levels_are_refused_without_recursion() -> None:
    with pytest.raises(TooDeep):
        parse_untrusted(b"[" * 100_000, max_bytes=200_000)


def test_brackets_inside_strings_are_no_levels() -> None:
    text = json.dumps(["[" * 100, '\\"[{' * 100]).encode()
    assert parse_untrusted(text, max_bytes=LIMIT) == json.loads(text)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**63), max_value=2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(JSON_VALUES, st.booleans())
def test_every_json_value_is_read_as_it_was_written(value: object, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", errors="surrogatepass")
    assert parse_untrusted(text, max_bytes=1_000_000) == value


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:\\u0d8ae1.-+ ', max_size=200))
def test_any_bytes_are_read_or_refused(text: bytes | str) -> None:
    raw = text if isinstance(text, bytes) else text.encode()
    try:
        value = parse_untrusted(raw, max_bytes=LIMIT)
    except CallerError:
        return
    assert json.loads(raw) == value


@pytest.mark.parametrize("number", ["1" * 400, "-" + "1" * 400, "1" * 5_000, "1" * 310])
def test_an_integer_beyond_every_double_is_refused_as_a_float_is(number: str) -> None:
    with pytest.raises(InvalidRequest, match="a number is too large"):
        parse_untrusted(b'{"n": [%s]}' % number.encode(), max_bytes=8_192)


def test_the_largest_doubles_are_read_as_integers() -> None:
    largest = int(sys.float_info.max)
    assert parse_untrusted(b"[%d, -%d]" % (largest, largest), max_bytes=8_192) == [
        largest,
        -largest,
    ]
