"""Odd offers that are read with good sense, and what is accepted of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.errors import InvalidOffer
from relay.transports.sdp import CodecPolicy, negotiate, parse_offer_untrusted
from tests.unit.relay.steps import steps_of
from tests.unit.relay.transports.offers import (
    AUDIO,
    DATA,
    GOOD,
    SESSION,
    VIDEO,
    Lines,
    replaced,
    sdp,
    without,
)

MOST_STEPS_A_LINE = 30
"""Measured: 19 for an offer seen for the first time, 10 afterwards."""


def test_the_bounds_themselves_are_accepted() -> None:
    lines = GOOD.count("\n")
    parse_offer_untrusted(GOOD + "a=x\r\n" * (4_000 - lines))
    parse_offer_untrusted(GOOD + "a=candidate:1 1 udp 1 h 9 typ host\r\n" * 64)
    parse_offer_untrusted(GOOD + "m=audio 0 RTP/AVP 0\r\n" * 30)
    filler = "a=x:" + "y" * (131_072 - len(GOOD) - 6) + "\r\n"
    assert len(GOOD + filler) == 131_072
    parse_offer_untrusted(GOOD + filler)


def test_the_longest_real_offer_is_read_line_by_line() -> None:
    text = (Path(__file__).parents[3] / "captures" / "sdp_chromium_sdk.sdp").read_text()
    steps = steps_of(lambda: negotiate(parse_offer_untrusted(text), CodecPolicy()))
    assert steps < MOST_STEPS_A_LINE * text.count("\n")


def test_candidates_are_never_looked_at() -> None:
    for address in ("127.0.0.1", "169.254.169.254", "evil.example", "x.local", "::1"):
        offer = parse_offer_untrusted(GOOD + f"a=candidate:1 1 udp 1 {address} 9 typ host\r\n")
        assert address not in repr(offer)


def test_lines_may_end_in_lf_alone() -> None:
    assert parse_offer_untrusted(GOOD.replace("\r\n", "\n")) == parse_offer_untrusted(GOOD)


def test_the_tagged_m_line_speaks_for_the_transport() -> None:
    tagged = ("a=ice-ufrag:tagged", "a=ice-pwd:taggedtaggedtaggedtagged", "a=setup:active")
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *tagged, *VIDEO, "a=ice-ufrag:other"))
    assert offer.ice_ufrag == "tagged"
    assert offer.ice_password == "taggedtaggedtaggedtagged"
    assert offer.setup == "active"


def test_m_lines_outside_the_bundle_are_rejected() -> None:
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *VIDEO, *DATA))
    assert [each.accepted for each in negotiate(offer, CodecPolicy()).media] == [True, True, False]


def test_one_m_line_needs_no_bundle() -> None:
    offer = parse_offer_untrusted(sdp(*without(SESSION, "a=group"), *AUDIO))
    assert negotiate(offer, CodecPolicy()).media[0].accepted


ALTERNATIVES: dict[str, tuple[Lines, str]] = {
    "no rtcp-mux": (without(VIDEO, "a=rtcp-mux"), "video"),
    "no mid": (without(VIDEO, "a=mid"), "video"),
    "plain RTP": (replaced(VIDEO, "m=", "m=video 9 RTP/AVP 96 97"), "video"),
    "codecs nobody carries": (replaced(VIDEO, "a=rtpmap:96", "a=rtpmap:96 H261/90000"), "video"),
    "VP8 at another clock": (replaced(VIDEO, "a=rtpmap:96", "a=rtpmap:96 VP8/48000"), "video"),
    "another kind": (("m=text 9 UDP/TLS/RTP/SAVPF 98", "a=mid:1", "a=rtcp-mux"), "text"),
    "an image": (("m=image 9 udptl t38", "a=mid:1"), "image"),
    "old data channels": (("m=application 9 DTLS/SCTP 5000", "a=mid:1"), "application"),
}


@pytest.mark.parametrize(("lines", "kind"), ALTERNATIVES.values(), ids=ALTERNATIVES.keys())
def test_what_cannot_be_carried_is_rejected_alone(lines: Lines, kind: str) -> None:
    negotiated = negotiate(parse_offer_untrusted(sdp(*SESSION, *AUDIO, *lines)), CodecPolicy())
    audio, other = negotiated.media
    assert audio.accepted
    assert not other.accepted
    assert other.kind == kind


def test_an_offer_of_nothing_carried_is_refused() -> None:
    offer = parse_offer_untrusted(sdp(*SESSION, *without(AUDIO, "a=rtcp-mux")))
    with pytest.raises(InvalidOffer, match="carried"):
        negotiate(offer, CodecPolicy())


def test_a_second_data_m_line_is_rejected() -> None:
    session = replaced(SESSION, "a=group", "a=group:BUNDLE 0 2 3")
    second = replaced(DATA, "a=mid", "a=mid:3")
    negotiated = negotiate(
        parse_offer_untrusted(sdp(*session, *AUDIO, *DATA, *second)), CodecPolicy()
    )
    assert [each.accepted for each in negotiated.media] == [True, True, False]
    assert negotiated.data is not None
    assert negotiated.data.offer.max_message_bytes == 65_536


def test_payload_types_that_read_as_rtcp_are_left_out() -> None:
    for payload_type in (64, 72, 95):
        lines = (
            f"m=audio 9 UDP/TLS/RTP/SAVPF {payload_type}",
            *AUDIO[1:4],
            f"a=rtpmap:{payload_type} opus/48000/2",
        )
        offer = parse_offer_untrusted(sdp(*SESSION, *lines, *VIDEO))
        assert offer.media[0].codecs == ()


def test_one_extension_identifier_has_one_meaning() -> None:
    clash = "a=extmap:1 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, clash, *VIDEO))
    with pytest.raises(InvalidOffer, match="two meanings"):
        negotiate(offer, CodecPolicy())


def test_two_byte_extension_identifiers_are_not_taken() -> None:
    lines = replaced(VIDEO, "a=extmap:1", "a=extmap:15 urn:ietf:params:rtp-hdrext:sdes:mid")
    negotiated = negotiate(parse_offer_untrusted(sdp(*SESSION, *AUDIO, *lines)), CodecPolicy())
    assert dict(negotiated.extension_ids) == {2: "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"}


SIMULCASTS: dict[str, tuple[Lines, tuple[str, ...]]] = {
    "three": (
        ("a=rid:h send", "a=rid:m send", "a=rid:l send", "a=simulcast:send h;m;l"),
        ("h", "m", "l"),
    ),
    "paused and alternatives": (
        ("a=rid:a send", "a=rid:b send", "a=rid:c send", "a=simulcast:send ~a,c;b"),
        ("a", "b"),
    ),
    "restrictions": (
        ("a=rid:h send pt=96;max-width=1280", "a=rid:l send", "a=simulcast:send h;l"),
        ("h", "l"),
    ),
    "the other direction too": (
        ("a=rid:r recv", "a=rid:h send", "a=simulcast:recv r send h"),
        ("h",),
    ),
    "four": (
        (*(f"a=rid:{rid} send" for rid in "abcd"), "a=simulcast:send a;b;c;d"),
        ("a", "b", "c"),
    ),
    "not declared": (("a=simulcast:send h;l", "a=rid:l send"), ("l",)),
    "declared to receive": (("a=simulcast:send h", "a=rid:h recv"), ()),
    "one twice": (("a=simulcast:send h;h", "a=rid:h send"), ("h",)),
    "letters no rid has": (("a=simulcast:send h!", "a=rid:h! send"), ()),
    "nothing": (("a=simulcast:", "a=rid:"), ()),
}


@pytest.mark.parametrize(("lines", "rids"), SIMULCASTS.values(), ids=SIMULCASTS.keys())
def test_simulcast(lines: Lines, rids: tuple[str, ...]) -> None:
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *VIDEO, *lines))
    assert negotiate(offer, CodecPolicy()).media[1].rids == rids


def test_without_the_rid_extension_there_is_no_simulcast() -> None:
    lines = (*without(VIDEO, "a=extmap:2"), "a=rid:h send", "a=simulcast:send h")
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *lines))
    assert negotiate(offer, CodecPolicy()).media[1].rids == ()


def test_streams_pair_up_and_simulcast_groups_are_ignored() -> None:
    lines = (
        "a=ssrc-group:SIM 1 2",
        "a=ssrc-group:",
        "a=ssrc-group:FID 1 11",
        "a=ssrc-group:FID 2 12 13",
        "a=ssrc:1 cname:x",
        "a=ssrc:1 msid:a b",
        "a=ssrc:2 cname:x",
        "a=ssrc:11 cname:x",
    )
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *VIDEO, *lines))
    assert offer.media[1].ssrcs == ((1, 11), (2, 12))
