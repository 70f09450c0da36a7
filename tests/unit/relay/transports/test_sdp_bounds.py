"""What the engine would refuse never leaves negotiation, and odd clients find their transport."""

from __future__ import annotations

import pytest

from relay.transports.sdp import Candidate, CodecPolicy, negotiate, parse_offer_untrusted, prefer
from relay.transports.sdp import write_answer as write
from relay.transports.sdp.codecs import FEEDBACK
from tests.unit.relay.conftest import CHROMIUM
from tests.unit.relay.steps import steps_of
from tests.unit.relay.transports.offers import AUDIO, GOOD, SESSION, VIDEO, replaced, sdp

MID_URI = "urn:ietf:params:rtp-hdrext:sdes:mid"
CANDIDATES = (Candidate("192.0.2.1", 7882), Candidate("2001:db8::1", 7882))


def answered(offer: str, candidates: tuple[Candidate, ...] = CANDIDATES) -> str:
    return write(
        negotiate(parse_offer_untrusted(offer), CodecPolicy()),
        ufrag="abcdefgh",
        password="0" * 22,
        fingerprint=":".join(["AB"] * 32),
        setup="passive",
        candidates=candidates,
        slots={},
    )


def test_of_many_announced_ssrcs_a_track_has_the_first_three() -> None:
    announced = [f"a=ssrc:{ssrc} cname:x" for ssrc in range(1, 6)]
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *VIDEO, *announced))
    video = negotiate(offer, CodecPolicy()).of_mid("1")
    assert video is not None
    assert video.ssrcs == ((1, 0), (2, 0), (3, 0))


def test_a_second_identifier_for_an_extension_is_left_out_of_its_line() -> None:
    audio = (*AUDIO, f"a=extmap:3 {MID_URI}")
    negotiated = negotiate(parse_offer_untrusted(sdp(*SESSION, *audio, *VIDEO)), CodecPolicy())
    assert negotiated.extension_ids[3] == MID_URI
    assert list(negotiated.extension_ids.values()).count(MID_URI) == 1
    video = negotiated.of_mid("1")
    assert video is not None
    assert MID_URI not in {extension.uri for extension in video.extensions}


def test_a_refused_first_line_says_where_the_leg_is() -> None:
    refused = replaced(AUDIO, "a=rtpmap", "a=rtpmap:111 PCMU/8000")
    first, second = answered(sdp(*SESSION, *refused, *VIDEO)).split("m=")[1:]
    assert first.startswith("audio 0 ")
    for line in ("a=ice-ufrag:abcdefgh", "a=ice-pwd:0", "a=fingerprint:sha-256 AB", "a=setup:pass"):
        assert line in first
        assert line in second


def test_every_accepted_line_has_the_candidates() -> None:
    for section in answered(GOOD).split("m=")[1:]:
        assert section.count("a=candidate:") == len(CANDIDATES)
        assert section.count("a=end-of-candidates") == 1


def test_tcp_ranks_below_udp_and_says_that_it_is_connected_to() -> None:
    by_tcp = Candidate("2001:db8::1", 7882, "tcp")
    (section, *_) = answered(GOOD, (*CANDIDATES, by_tcp)).split("m=")[1:]
    found = [line for line in section.splitlines() if line.startswith("a=candidate:")]
    # RFC 8445 §5.1.2.1 and RFC 6544 §4.2, reckoned by hand.
    assert found == [
        "a=candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 7882 typ host",
        "a=candidate:3 1 tcp 1520434687 2001:db8::1 7882 typ host tcptype passive",
    ]


@pytest.mark.parametrize("name", ["h264", "vp9", "unknown"])
def test_a_preferred_codec_comes_first_and_nothing_is_lost(name: str) -> None:
    negotiated = negotiate(parse_offer_untrusted(CHROMIUM), CodecPolicy())
    before, after = negotiated.of_mid("1"), prefer(negotiated, {"1": name}).of_mid("1")
    assert before is not None
    assert after is not None
    assert after.codecs[0].name == (before.codecs[0].name if name == "unknown" else name)
    assert set(map(id, after.codecs)) == set(map(id, before.codecs))


def test_a_browsers_lines_are_read_once_and_not_with_each_offer() -> None:
    _, again = (
        steps_of(lambda: negotiate(parse_offer_untrusted(CHROMIUM), CodecPolicy()))
        for _ in range(2)
    )
    # Measured: 19 a line the first time, 10 afterwards; 24 each time while nothing was kept.
    assert again < 15 * CHROMIUM.count("\n")


def test_feedback_that_the_relay_does_not_know_is_not_remembered() -> None:
    strange = [f"a=rtcp-fb:* nack {number}" for number in range(1_500)]
    media = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *VIDEO, *strange)).media
    assert {kind for each in media for codec in each.codecs for kind in codec.feedback} <= set(
        FEEDBACK
    )
