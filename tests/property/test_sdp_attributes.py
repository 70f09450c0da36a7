"""Whatever an m-line's attributes say: what each reader promises of what it read, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import InvalidOffer
from relay.transports.sdp import Codec, Extension
from relay.transports.sdp.codecs import FEEDBACK, read_codecs_untrusted
from relay.transports.sdp.directions import DIRECTIONS
from relay.transports.sdp.extensions import read_extensions_untrusted
from relay.transports.sdp.lines import Section
from relay.transports.sdp.streams import (
    Encoding,
    read_msid_untrusted,
    read_rids_untrusted,
    read_ssrcs_untrusted,
)
from tests.property.nasty_words import NASTY

NAMES = ["rtpmap", "fmtp", "rtcp-fb", "extmap", "ssrc", "ssrc-group", "rid", "simulcast", "msid"]
WORDS = st.lists(NASTY | st.sampled_from(["96", "96 VP8/90000", "send h;~l", "h send", "FID 1 2"]))


def are_two_codecs_at_most(read: tuple[Codec, ...]) -> bool:
    payload_types = [codec.payload_type for codec in read]
    return payload_types in ([], [96], [97], [96, 97]) and all(
        codec.rtx_payload_type in {None, 96, 97} and codec.feedback <= set(FEEDBACK)
        for codec in read
    )


def are_known_extensions(read: tuple[Extension, ...]) -> bool:
    return all(0 <= each.id <= 4_351 and each.direction in DIRECTIONS.values() for each in read)


def are_distinct_ssrcs(read: tuple[tuple[int, int], ...]) -> bool:
    distinct = len(dict(read)) == len(read)
    return distinct and all(0 <= number < 2**32 for pair in read for number in pair)


def are_three_rids_at_most(read: tuple[Encoding, ...]) -> bool:
    rids = {each.rid for each in read}
    return len(rids) == len(read) <= 3 and all(
        map(re.compile("[A-Za-z0-9_-]{1,16}").fullmatch, rids)
    )


def are_two_printable_words(read: tuple[str, str] | None) -> bool:
    words = re.compile("[!-~]{1,128} [!-~]{0,128}")
    return read is None or words.fullmatch(" ".join(read)) is not None


@pytest.mark.parametrize(
    ("read", "is_in_order"),
    [
        (lambda section: read_codecs_untrusted(["96", "97"], section), are_two_codecs_at_most),
        (read_extensions_untrusted, are_known_extensions),
        (read_ssrcs_untrusted, are_distinct_ssrcs),
        (read_rids_untrusted, are_three_rids_at_most),
        (read_msid_untrusted, are_two_printable_words),
    ],
    ids=["codecs", "extensions", "ssrcs", "rids", "msid"],
)
@settings(deadline=None)
@given(
    attributes=st.dictionaries(st.sampled_from(NAMES), st.lists(WORDS.map(" ".join), max_size=4))
)
def test_any_attributes_of_an_m_line(
    read: Callable[[Section], Any],
    is_in_order: Callable[[Any], bool],
    attributes: dict[str, list[str]],
) -> None:
    try:
        found = read(Section("video", attributes))
    except InvalidOffer as refused:
        assert refused.words  # noqa: PT017 - either way is right, nothing else is
    else:
        assert is_in_order(found)
