"""Whatever text arrives: an offer or `InvalidOffer`, and what is accepted can be answered."""

from __future__ import annotations

import itertools
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.errors import InvalidOffer
from relay.transports.sdp import (
    Candidate,
    Codec,
    CodecPolicy,
    MediaOffer,
    Negotiated,
    NegotiatedMedia,
    SlotPlan,
    agree,
    negotiate,
    parse_offer_untrusted,
    write_answer,
)
from relay.transports.sdp.codecs import choose
from relay.transports.sdp.lines import number_untrusted, sections_untrusted
from relay.transports.sdp.redundancy import with_redundancy
from tests.property.nasty_words import NASTY

CAPTURES = sorted((Path(__file__).parents[1] / "captures").glob("sdp_*.sdp"))
OFFERS = [path.read_bytes().decode() for path in CAPTURES]
LINES = sorted({line for offer in OFFERS for line in offer.splitlines()})
POLICY = CodecPolicy()


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


def accepted(text: str) -> Negotiated | None:
    """Give what an offer was read as, or nothing where it was refused in words."""
    try:
        return negotiate(parse_offer_untrusted(text), POLICY)
    except InvalidOffer as refused:
        assert refused.words  # noqa: PT017 - either way is right, nothing else is
        return None


def is_refused_or_well_answered(text: str) -> bool:
    """Tell whether an offer is refused, or has an answer that says what was agreed."""
    negotiated = accepted(text)
    if negotiated is None:
        return True
    answer = answered(negotiated)
    return (
        all(map(is_a_line, answer.split("\r\n")))
        and all(map(is_within_bounds, negotiated.media))
        and says_again(answer, negotiated)
    )


def is_a_line(line: str) -> bool:
    return line == "" or (line[1] == "=" and line.isascii() and line.isprintable())


def is_within_bounds(media: NegotiatedMedia) -> bool:
    names = [codec.name for codec in media.codecs]
    return (
        len(media.rids) <= 3
        and all(0 <= codec.payload_type <= 127 for codec in media.codecs)
        and all(1 <= extension.id <= 14 for extension in media.extensions)
        and len(names) == len(set(names))
    )


def says_again(answer: str, negotiated: Negotiated) -> bool:
    """Tell whether an answer's m-lines, read as an offer, carry what was agreed, in its order."""
    again = parse_offer_untrusted(answer).media
    return len(again) == len(negotiated.media) and all(map(is_alike, negotiated.media, again))


def is_alike(media: NegotiatedMedia, other: MediaOffer) -> bool:
    if not media.accepted:
        return other.rejected
    chosen = with_redundancy(choose(other.codecs, POLICY.order(media.kind)), other.codecs)
    return (
        not other.rejected
        and other.mid == media.mid
        and [each.for_engine for each in chosen] == [each.for_engine for each in media.codecs]
    )


@settings(deadline=None)
@given(st.text(max_size=2_000))
def test_any_text(text: str) -> None:
    assert is_refused_or_well_answered(text)


@settings(deadline=None)
@given(st.lists(st.sampled_from(LINES), max_size=60))
def test_any_lines_of_real_offers(lines: list[str]) -> None:
    assert is_refused_or_well_answered("\r\n".join(["v=0", *lines]))


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
    assert is_refused_or_well_answered("\r\n".join(lines))


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
    assert is_refused_or_well_answered("\r\n".join(lines))


@settings(deadline=None)
@given(st.sampled_from(OFFERS), st.integers(0, 30_000))
def test_truncated_offers(offer: str, size: int) -> None:
    assert is_refused_or_well_answered(offer[:size])


@settings(deadline=None)
@given(st.sampled_from(OFFERS))
def test_reading_is_stable_under_line_ends_and_unknown_attributes(offer: str) -> None:
    read = parse_offer_untrusted(offer)
    assert parse_offer_untrusted(offer.replace("\r\n", "\n")) == read
    assert parse_offer_untrusted(offer.replace("\r\ns=-", "\r\ns=-\r\na=x-unknown:1")) == read


@settings(deadline=None)
@given(st.sampled_from(OFFERS))
def test_every_real_offer_is_accepted_and_well_answered(offer: str) -> None:
    assert accepted(offer) is not None
    assert is_refused_or_well_answered(offer)


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
