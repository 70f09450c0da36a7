"""Offers that no browser makes: refused with a sentence, and quickly."""

from __future__ import annotations

import pytest

from relay.errors import InvalidOffer
from relay.transports.sdp import CodecPolicy, negotiate, parse_offer_untrusted
from relay.transports.sdp.lines import MAX_SDP_BYTES
from tests.unit.relay.steps import steps_of
from tests.unit.relay.transports.offers import (
    AUDIO,
    DATA,
    FINGERPRINT,
    GOOD,
    SESSION,
    VIDEO,
    replaced,
    sdp,
    without,
)

REFUSAL_STEPS = 2_000
"""Measured: 586 at most."""
UNREAD_STEPS = 100
"""Measured: 16. What is too long is not read at all."""

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
    "131,073 bytes": GOOD + "a=x:" + "y" * (131_073 - len(GOOD) - 6) + "\r\n",
    "132,000 bytes of two-byte letters": GOOD + "a=x:" + "é" * 66_000,
    "4,001 lines": GOOD + "a=x\r\n" * 3_978,
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
    "mid with a dot": sdp(*SESSION, *replaced(AUDIO, "a=mid", "a=mid:a.b")),
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
    with pytest.raises(InvalidOffer) as refused:
        parse_offer_untrusted(text)
    assert steps_of(lambda: parse_offer_untrusted(text)) < REFUSAL_STEPS
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
def test_a_bomb_costs_what_its_bytes_cost_and_no_more(text: str) -> None:
    steps = steps_of(lambda: negotiate(parse_offer_untrusted(text), CodecPolicy()))
    if len(text) > MAX_SDP_BYTES:
        assert steps < UNREAD_STEPS
    else:
        # Measured: 2.6 at most. Each of 1,900 lines looked at for each other one would make 60.
        assert steps < 5 * len(text)
