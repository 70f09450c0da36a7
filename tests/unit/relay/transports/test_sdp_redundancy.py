"""Redundant sound is negotiated beside the Opus that it is about, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.transports.sdp import Codec, CodecPolicy, negotiate, parse_offer_untrusted, write_answer
from relay.transports.sdp.redundancy import with_redundancy
from tests.unit.relay.transports.offers import AUDIO, SESSION, VIDEO, Lines, replaced, sdp

OPUS = Codec(111, "opus", 48_000, 2, {}, None, frozenset())
RED = Codec(63, "red", 48_000, 2, {"111/111": ""}, None, frozenset())
REDUNDANT = (
    *replaced(AUDIO, "m=", "m=audio 9 UDP/TLS/RTP/SAVPF 111 63"),
    "a=rtpmap:63 red/48000/2",
    "a=fmtp:63 111/111",
)


def answered(audio: Lines) -> str:
    """Give the answer's part about sound."""
    negotiated = negotiate(parse_offer_untrusted(sdp(*SESSION, *audio, *VIDEO)), CodecPolicy())
    answer = write_answer(
        negotiated,
        ufrag="abcdefgh",
        password="0" * 22,
        fingerprint=":".join(["AB"] * 32),
        setup="passive",
        candidates=(),
        slots={},
    )
    return answer.split("\r\nm=")[1]


def test_it_stands_where_the_offer_has_it() -> None:
    assert with_redundancy((OPUS,), [OPUS, RED]) == (OPUS, RED)
    assert with_redundancy((OPUS,), [RED, OPUS]) == (RED, OPUS)
    assert [codec.for_engine for codec in with_redundancy((OPUS,), [OPUS, RED])] == [
        (111, "opus", -1),
        (63, "red", -1),
    ]


def test_a_packet_of_it_may_carry_several_frames_of_that_opus() -> None:
    three = replace(RED, parameters={"111/111/111": ""})
    assert with_redundancy((OPUS,), [OPUS, three]) == (OPUS, three)


def test_nothing_retransmits_it() -> None:
    retransmitted = replace(RED, rtx_payload_type=62)
    assert with_redundancy((OPUS,), [OPUS, retransmitted]) == (OPUS, RED)


@pytest.mark.parametrize(
    "other",
    [
        replace(RED, parameters={}),
        replace(RED, parameters={"111": ""}),
        replace(RED, parameters={"111/0": ""}),
        replace(RED, parameters={"110/110": ""}),
        replace(RED, parameters={"1111/111": ""}),
        replace(RED, parameters={"111/111": "", "x": "1"}),
        replace(RED, parameters={"/".join(["111"] * 33): ""}),
        replace(RED, clock_hz=8_000),
        replace(RED, channels=1),
        replace(RED, name="ulpfec"),
    ],
    ids=str,
)
def test_what_carries_anything_else_is_not_accepted(other: Codec) -> None:
    assert with_redundancy((OPUS,), [OPUS, other]) == (OPUS,)


def test_without_opus_there_is_nothing_to_repeat() -> None:
    vp8 = Codec(96, "vp8", 90_000, 1, {}, None, frozenset())
    assert with_redundancy((), [RED]) == ()
    assert with_redundancy((vp8,), [vp8, RED]) == (vp8,)


def test_the_answer_says_it_back_in_the_order_of_the_offer() -> None:
    answer = answered(REDUNDANT)
    assert answer.startswith("audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n")
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in f"{answer}\r\n"
    first = replaced(REDUNDANT, "m=", "m=audio 9 UDP/TLS/RTP/SAVPF 63 111")
    assert answered(first).startswith("audio 9 UDP/TLS/RTP/SAVPF 63 111\r\n")


def test_sound_is_asked_for_again_where_it_was_offered() -> None:
    offer = parse_offer_untrusted(sdp(*SESSION, *REDUNDANT, "a=rtcp-fb:111 nack", *VIDEO))
    asked, plain = (
        negotiate(each, CodecPolicy()).media[0]
        for each in (offer, parse_offer_untrusted(sdp(*SESSION, *REDUNDANT, *VIDEO)))
    )
    assert (asked.nack, plain.nack) == (True, False)
    assert "a=rtcp-fb:111 nack\r\n" in answered((*REDUNDANT, "a=rtcp-fb:111 nack"))
    assert "nack" not in answered(REDUNDANT)
