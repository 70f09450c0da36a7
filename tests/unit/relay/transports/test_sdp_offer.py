"""Offers that no browser makes: refused with a sentence, quickly, or read with good sense."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from relay.errors import InvalidOffer
from relay.transports.sdp import CodecPolicy, negotiate, parse_offer_untrusted

FINGERPRINT = ":".join(["0A"] * 32)
SESSION = (
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "t=0 0",
    "a=group:BUNDLE 0 1",
    "a=ice-ufrag:abcd",
    "a=ice-pwd:0123456789012345678901",
    f"a=fingerprint:sha-256 {FINGERPRINT}",
    "a=setup:actpass",
)
AUDIO = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "a=mid:0",
    "a=rtcp-mux",
    "a=sendonly",
    "a=rtpmap:111 opus/48000/2",
)
VIDEO = (
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
    "a=mid:1",
    "a=rtcp-mux",
    "a=sendonly",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:2 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "a=rtpmap:96 VP8/90000",
    "a=rtpmap:97 rtx/90000",
    "a=fmtp:97 apt=96",
)
DATA = ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", "a=mid:2", "a=sctp-port:5000")

Lines = tuple[str, ...]


def sdp(*lines: str) -> str:
    return "\r\n".join(lines) + "\r\n"


def without(lines: Lines, prefix: str) -> Lines:
    return tuple(line for line in lines if not line.startswith(prefix))


def replaced(lines: Lines, prefix: str, line: str) -> Lines:
    return tuple(line if each.startswith(prefix) else each for each in lines)


GOOD = sdp(*SESSION, *AUDIO, *VIDEO)

REFUSED: dict[str, str] = {
    "empty": "",
    "not sdp": "hello",
    "only a version": "v=0\r\n",
    "another version": GOOD.replace("v=0", "v=1", 1),
    "no m-line": sdp(*SESSION),
    "a line without a type": GOOD + "hello\r\n",
    "NUL": GOOD.replace("s=-", "s=\0"),
    "escape": GOOD.replace("s=-", "s=\x1b[31m"),
    "a CR within a line": GOOD.replace("s=-", "s=-\ra=x"),
    "lone surrogate": GOOD.replace("s=-", "s=\ud800"),
    "65,537 bytes": GOOD + "a=x:" + "y" * (65_537 - len(GOOD) - 6) + "\r\n",
    "65,537 bytes of two-byte letters": GOOD + "a=x:" + "é" * 33_000,
    "2,001 lines": GOOD + "a=x\r\n" * 1_978,
    "100,000 empty lines": GOOD + "\n" * 60_000,
    "33 m-lines": GOOD + "m=audio 0 RTP/AVP 0\r\n" * 31,
    "65 candidates": GOOD + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * 65,
    "payload type 128": sdp(*SESSION, *replaced(AUDIO, "m=", "m=audio 9 UDP/TLS/RTP/SAVPF 128")),
    "payload type 128 in rtpmap": sdp(*SESSION, *AUDIO, "a=rtpmap:128 opus/48000/2"),
    "payload type 128 in fmtp": sdp(*SESSION, *AUDIO, "a=fmtp:128 x=1"),
    "payload type 128 in rtcp-fb": sdp(*SESSION, *AUDIO, "a=rtcp-fb:128 nack"),
    "payload type in Arabic digits": sdp(*SESSION, *AUDIO, "a=rtpmap:٣ opus/48000/2"),
    "apt that is none": sdp(*SESSION, *replaced(VIDEO, "a=fmtp", "a=fmtp:97 apt=x")),
    "apt missing": sdp(*SESSION, *without(VIDEO, "a=fmtp")),
    "rtpmap that is none": sdp(*SESSION, *AUDIO, "a=rtpmap:96"),
    "m-line without formats": sdp(*SESSION, "m=audio 9 UDP/TLS/RTP/SAVPF"),
    "port 65,536": sdp(*SESSION, *replaced(AUDIO, "m=", "m=audio 65536 UDP/TLS/RTP/SAVPF 111")),
    "one mid twice": sdp(*SESSION, *AUDIO, *AUDIO),
    "mid of 17 letters": sdp(*SESSION, *replaced(AUDIO, "a=mid", "a=mid:" + "x" * 17)),
    "mid with a space": sdp(*SESSION, *replaced(AUDIO, "a=mid", "a=mid:a b")),
    "no ufrag": sdp(*without(SESSION, "a=ice-ufrag"), *AUDIO),
    "ufrag of 3": sdp(*replaced(SESSION, "a=ice-ufrag", "a=ice-ufrag:abc"), *AUDIO),
    "ufrag of 257": sdp(*replaced(SESSION, "a=ice-ufrag", "a=ice-ufrag:" + "a" * 257), *AUDIO),
    "no password": sdp(*without(SESSION, "a=ice-pwd"), *AUDIO),
    "password of 21": sdp(*replaced(SESSION, "a=ice-pwd", "a=ice-pwd:" + "a" * 21), *AUDIO),
    "password with a space": sdp(*replaced(SESSION, "a=ice-pwd", "a=ice-pwd:" + "a " * 12), *AUDIO),
    "no fingerprint": sdp(*without(SESSION, "a=fingerprint"), *AUDIO),
    "sha-1 alone": sdp(
        *replaced(SESSION, "a=fingerprint", "a=fingerprint:sha-1 " + ":".join(["0A"] * 20)), *AUDIO
    ),
    "a short sha-256": sdp(
        *replaced(SESSION, "a=fingerprint", "a=fingerprint:sha-256 " + ":".join(["0A"] * 31)),
        *AUDIO,
    ),
    "a fingerprint of words": sdp(
        *replaced(SESSION, "a=fingerprint", "a=fingerprint:sha-256 hello"), *AUDIO
    ),
    "17 fingerprints": sdp(*SESSION, *SESSION[7:8] * 16, *AUDIO),
    "setup holdconn": sdp(*replaced(SESSION, "a=setup", "a=setup:holdconn"), *AUDIO),
    "ssrc of 33 bits": sdp(*SESSION, *AUDIO, "a=ssrc:4294967296 cname:x"),
    "ssrc that is none": sdp(*SESSION, *AUDIO, "a=ssrc:x"),
    "extmap that is none": sdp(*SESSION, *AUDIO, "a=extmap:x urn:y"),
    "extmap in a direction that is none": sdp(*SESSION, *AUDIO, "a=extmap:1/up urn:y"),
    "sctp-port that is none": sdp(*SESSION, *replaced(DATA, "a=sctp-port", "a=sctp-port:x")),
    "max-message-size that is none": sdp(*SESSION, *DATA, "a=max-message-size:-1"),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_it_is_refused_with_a_sentence_and_at_once(text: str) -> None:
    began = time.thread_time()
    with pytest.raises(InvalidOffer) as refused:
        parse_offer_untrusted(text)
    assert time.thread_time() - began < 0.05
    assert refused.value.words.endswith(".")
    assert refused.value.code == "invalid_offer"


BOMBS: dict[str, str] = {
    "100,000 lines": "v=0\r\n" + "a=x\r\n" * 100_000,
    "10,000 m-lines": "v=0\r\n" + "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n" * 10_000,
    "a line of 1 MB": "v=0\r\na=" + "x" * 1_000_000,
    "10,000 candidates": GOOD + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * 10_000,
    "1,900 rtpmaps": GOOD + "a=rtpmap:96 VP8/90000\r\n" * 1_900,
    "1,900 fmtps": GOOD + f"a=fmtp:96 {';' * 20}\r\n" * 1_900,
    "64 KiB of parameters": GOOD + "a=fmtp:96 " + ";" * 64_000,
    "1,900 ssrcs": GOOD + "".join(f"a=ssrc:{number} a\r\n" for number in range(1_900)),
    "1,900 groups": GOOD + "a=ssrc-group:FID 1 2\r\n" * 1_900,
    "1,900 extmaps": GOOD + "".join(f"a=extmap:{number} urn:x\r\n" for number in range(1_900)),
    "1,900 feedbacks": GOOD + "".join(f"a=rtcp-fb:* nack {number}\r\n" for number in range(1_900)),
    "32,000 rids": GOOD + "a=simulcast:send " + "a;" * 32_000,
    "1,900 bundles": GOOD + "a=group:BUNDLE 0 1 2 3\r\n" * 1_900,
    "formats": GOOD.replace("96 97", "96 97" + " 97" * 20_000),
    "spaces": GOOD.replace("96 97", "96" + " " * 60_000),
    "a mid of 60,000": GOOD + "a=mid:" + "a" * 60_000,
    "a ufrag of 60,000": GOOD.replace("abcd", "a" * 60_000),
    "a fingerprint of 60,000": GOOD.replace(FINGERPRINT, "0A:" * 20_000),
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_costs_less_than_fifty_milliseconds(text: str) -> None:
    began = time.thread_time()
    try:
        negotiate(parse_offer_untrusted(text), CodecPolicy())
    except InvalidOffer as refused:
        assert refused.words  # noqa: PT017 - some are refused, all are quick
    assert time.thread_time() - began < 0.05


def test_the_bounds_themselves_are_accepted() -> None:
    lines = GOOD.count("\n")
    parse_offer_untrusted(GOOD + "a=x\r\n" * (2_000 - lines))
    parse_offer_untrusted(GOOD + "a=candidate:1 1 udp 1 h 9 typ host\r\n" * 64)
    parse_offer_untrusted(GOOD + "m=audio 0 RTP/AVP 0\r\n" * 30)
    filler = "a=x:" + "y" * (65_536 - len(GOOD) - 6) + "\r\n"
    assert len(GOOD + filler) == 65_536
    parse_offer_untrusted(GOOD + filler)


def test_the_longest_real_offer_is_read_in_time() -> None:
    text = (Path(__file__).parents[3] / "captures" / "sdp_chromium_sdk.sdp").read_text()
    began = time.thread_time()
    negotiate(parse_offer_untrusted(text), CodecPolicy())
    assert time.thread_time() - began < 0.05


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
        "a=ssrc-group:FID 1 11",
        "a=ssrc-group:FID 2 12 13",
        "a=ssrc:1 cname:x",
        "a=ssrc:1 msid:a b",
        "a=ssrc:2 cname:x",
        "a=ssrc:11 cname:x",
    )
    offer = parse_offer_untrusted(sdp(*SESSION, *AUDIO, *VIDEO, *lines))
    assert offer.media[1].ssrcs == ((1, 11), (2, 12))
