"""Whatever text arrives: an offer or `InvalidOffer`, and what is accepted can be answered."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.errors import InvalidOffer
from relay.transports.sdp import (
    Candidate,
    Codec,
    CodecPolicy,
    Negotiated,
    SlotPlan,
    agree,
    negotiate,
    parse_offer_untrusted,
    write_answer,
)
from relay.transports.sdp.codecs import choose, read_codecs_untrusted
from relay.transports.sdp.extensions import read_extensions_untrusted
from relay.transports.sdp.lines import Section, number_untrusted, sections_untrusted
from relay.transports.sdp.streams import (
    read_msid_untrusted,
    read_rids_untrusted,
    read_ssrcs_untrusted,
)

CAPTURES = sorted((Path(__file__).parents[1] / "captures").glob("sdp_*.sdp"))
OFFERS = [path.read_bytes().decode() for path in CAPTURES]
LINES = sorted({line for offer in OFFERS for line in offer.splitlines()})
POLICY = CodecPolicy()

# Values that break parsers, for the place of any word of a real line.
NUMBERS = [
    "-1",
    "0",
    "64",
    "127",
    "128",
    "255",
    "65536",
    "4294967296",
    "9" * 40,
    "1e9",
    "1_0",
    "+1",
]
MARKS = [
    "*",
    "/",
    ":",
    ";",
    ",",
    "=",
    "~",
    "%s",
    "٣",
    "²",
    "\u2028",
    "\x85",
    "\x00",
    "\r",
    "a" * 300,
]
NASTY = st.text(max_size=8) | st.sampled_from([*NUMBERS, *MARKS])


def answered(negotiated: Negotiated) -> str:
    return write_answer(
        negotiated,
        ufrag="fragment",
        password="passwordpasswordpassword",
        fingerprint=":".join(["AB"] * 32),
        setup=negotiated.answer_setup,
        candidates=[Candidate("127.0.0.1", 7882)],
        slots={
            media.mid: SlotPlan(1, 2, "relay", "stream", "track")
            for media in negotiated.media
            if media.sends
        },
    )


def judge(text: str) -> Negotiated | None:
    """Read and answer; hold what comes out to what it promises."""
    try:
        negotiated = negotiate(parse_offer_untrusted(text), POLICY)
    except InvalidOffer as refused:
        assert refused.words  # noqa: PT017 - either way is right, nothing else is
        return None
    answer = answered(negotiated)
    m_lines = [line for line in answer.split("\r\n") if line.startswith("m=")]
    assert len(m_lines) == len(negotiated.media)
    for line in answer.split("\r\n"):
        assert line == "" or line[1] == "="
        assert line.isascii()
        assert line.isprintable()
    for media in negotiated.media:
        assert len(media.rids) <= 3
        assert all(0 <= codec.payload_type <= 127 for codec in media.codecs)
        assert all(1 <= extension.id <= 14 for extension in media.extensions)
        names = [codec.name for codec in media.codecs]
        assert len(names) == len(set(names))
    return negotiated


@settings(deadline=None)
@given(st.text(max_size=2_000))
def test_any_text(text: str) -> None:
    judge(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=60))
def test_any_lines_of_real_offers(lines: list[str]) -> None:
    judge("\r\n".join(["v=0", *lines]))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(OFFERS), st.data())
def test_real_offers_with_words_replaced(offer: str, data: st.DataObject) -> None:
    lines = offer.split("\r\n")
    for _ in range(data.draw(st.integers(1, 6))):
        index = data.draw(st.integers(0, len(lines) - 1))
        parts = [part for part in _split(lines[index]) if part]
        if parts:
            place = data.draw(st.integers(0, len(parts) - 1))
            parts[place] = data.draw(NASTY)
            lines[index] = "".join(parts)
    judge("\r\n".join(lines))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(OFFERS), st.data())
def test_real_offers_with_lines_lost_doubled_and_moved(offer: str, data: st.DataObject) -> None:
    lines = offer.split("\r\n")
    for _ in range(data.draw(st.integers(1, 8))):
        index = data.draw(st.integers(0, len(lines) - 1))
        other = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["lose", "double", "move"])):
            case "lose" if len(lines) > 1:
                del lines[index]
            case "double":
                lines.insert(other, lines[index])
            case _:
                lines.insert(other, lines.pop(index))
    judge("\r\n".join(lines))


@settings(deadline=None)
@given(st.sampled_from(OFFERS), st.integers(0, 30_000))
def test_truncated_offers(offer: str, size: int) -> None:
    judge(offer[:size])


@settings(deadline=None)
@given(st.sampled_from(OFFERS))
def test_reading_is_stable_under_line_ends_and_unknown_attributes(offer: str) -> None:
    read = parse_offer_untrusted(offer)
    assert parse_offer_untrusted(offer.replace("\r\n", "\n")) == read
    assert parse_offer_untrusted(offer.replace("\r\ns=-", "\r\ns=-\r\na=x-unknown:1")) == read


@settings(deadline=None)
@given(st.sampled_from(OFFERS))
def test_offering_the_answer_back_is_accepted_alike(offer: str) -> None:
    """The answer's m-lines, read as an offer, carry what was accepted."""
    negotiated = judge(offer)
    assert negotiated is not None
    again = parse_offer_untrusted(answered(negotiated))
    for media, other in zip(negotiated.media, again.media, strict=True):
        assert other.rejected == (not media.accepted)
        if media.accepted:
            assert other.mid == media.mid
            chosen = choose(other.codecs, POLICY.order(media.kind))
            assert [each.for_engine for each in chosen] == [
                each.for_engine for each in media.codecs
            ]


@settings(deadline=None)
@given(st.text(max_size=60), st.integers(0, 2**32))
def test_a_number_is_ascii_digits_within_its_bound(text: str, at_most: int) -> None:
    try:
        number = number_untrusted(text, at_most=at_most, what="a number")
    except InvalidOffer:
        assert not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= at_most)
    else:
        assert str(number) == (text.lstrip("0") or "0")
        assert number <= at_most


@settings(deadline=None)
@given(st.text(alphabet="vmas=0:\r\n candidate", max_size=300))
def test_sections_keep_every_attribute(text: str) -> None:
    try:
        session, media = sections_untrusted("v=0\n" + text)
    except InvalidOffer:
        return
    kept = sum(
        len(values) for section in [session, *media] for values in section.attributes.values()
    )
    assert kept == sum(line.startswith("a=") for line in text.split("\n"))


NAMES = ["rtpmap", "fmtp", "rtcp-fb", "extmap", "ssrc", "ssrc-group", "rid", "simulcast", "msid"]
WORDS = st.lists(NASTY | st.sampled_from(["96", "96 VP8/90000", "send h;~l", "h send", "FID 1 2"]))


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.lists(WORDS.map(" ".join), max_size=4)))
def test_any_attributes_of_an_m_line(attributes: dict[str, list[str]]) -> None:
    section = Section("video", attributes)
    for read in (
        lambda: read_codecs_untrusted(["96", "97"], section),
        lambda: read_extensions_untrusted(section),
        lambda: read_ssrcs_untrusted(section),
        lambda: read_rids_untrusted(section),
        lambda: read_msid_untrusted(section),
    ):
        with contextlib.suppress(InvalidOffer):
            read()


H264_IDS = ["42e01f", "42001f", "4d001f", "640c1f", "64001f", "f4001f"]


@st.composite
def codecs(draw: st.DrawFn) -> Codec:
    name = draw(st.sampled_from(["vp8", "vp9", "h264", "av1"]))
    parameters = {}
    if name == "h264":
        parameters["profile-level-id"] = draw(st.sampled_from(H264_IDS))
        parameters["packetization-mode"] = draw(st.sampled_from(["0", "1"]))
    return Codec(draw(st.integers(96, 127)), name, 90_000, 1, parameters, None, frozenset())


@settings(deadline=None)
@given(st.lists(codecs(), max_size=6), st.lists(st.lists(codecs(), max_size=6), max_size=4))
@example([], [])
def test_what_is_agreed_is_encoded_by_the_publisher_and_decoded_by_all(
    publisher: list[Codec], subscribers: list[list[Codec]]
) -> None:
    agreed = agree(publisher, subscribers, POLICY)
    suited = [
        codec
        for codec in publisher
        if all(any(theirs.decodes(codec) for theirs in each) for each in subscribers)
    ]
    assert (agreed is None) == (not suited)
    if agreed is not None:
        assert agreed in suited
        ranks = [POLICY.video.index(codec.name) for codec in suited]
        assert POLICY.video.index(agreed.name) == min(ranks)
    for fewer in itertools.combinations(subscribers, max(0, len(subscribers) - 1)):
        assert agreed is None or agree(publisher, fewer, POLICY) is not None


def _split(line: str) -> list[str]:
    """Cut a line into words and the marks between them."""
    parts = [""]
    for letter in line:
        if letter in " :;,/=":
            parts += [letter, ""]
        else:
            parts[-1] += letter
    return parts
