"""Every client's real offer, read and answered: see tests/captures/README.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from relay.transports.sdp import (
    Candidate,
    CodecPolicy,
    Negotiated,
    SlotPlan,
    negotiate,
    parse_offer_untrusted,
    write_answer,
)
from relay.transports.sdp.extensions import LONG
from relay.transports.sdp.negotiate import prefer

CAPTURES = Path(__file__).parents[3] / "captures"
OFFERS = sorted(CAPTURES.glob("sdp_*.sdp"))

# name: m-lines, rids, (audio, video) payload types accepted on the first of each, setup
EXPECTED: dict[str, tuple[int, tuple[str, ...], list[tuple[int, str, int]]]] = {
    "chromium_sdk": (
        8,
        ("h", "m", "l"),
        [(96, "vp8", 97), (108, "h264", 109), (98, "vp9", 99), (45, "av1", 46)],
    ),
    "chromium_sendrecv": (
        3,
        (),
        [(96, "vp8", 97), (108, "h264", 109), (98, "vp9", 99), (45, "av1", 46)],
    ),
    "firefox_sdk": (8, ("h", "m", "l"), [(120, "vp8", 124), (121, "vp9", 125), (99, "av1", 100)]),
    "firefox_sendrecv": (3, (), [(120, "vp8", 124), (121, "vp9", 125), (99, "av1", 100)]),
    "safari_sdk": (8, ("h", "m", "l"), [(127, "vp8", 104), (98, "h264", 99), (105, "vp9", 106)]),
    "aiortc_sendrecv": (3, (), [(97, "vp8", 98), (101, "h264", 102)]),
    "werift_sdk": (5, (), [(98, "vp8", -1)]),
    "wrtc_sdk": (5, (), [(96, "vp8", 97), (98, "vp9", 99), (39, "av1", 40)]),
    "ffmpeg_whip": (2, (), [(106, "h264", 105)]),
    "gstreamer_sendonly": (2, (), [(96, "vp8", 98)]),
}


# Who offers sound with earlier frames: libwebrtc, but for Firefox's.
RED = {"chromium_sdk", "chromium_sendrecv", "safari_sdk", "wrtc_sdk"}


def read(path: Path) -> str:
    return path.read_bytes().decode()


def negotiated_of(name: str) -> Negotiated:
    offer = parse_offer_untrusted(read(CAPTURES / f"sdp_{name}.sdp"))
    return negotiate(offer, CodecPolicy())


def answered(negotiated: Negotiated) -> str:
    return write_answer(
        negotiated,
        ufrag="fragment",
        password="passwordpasswordpassword",
        fingerprint=":".join(["AB"] * 32),
        setup=negotiated.answer_setup,
        candidates=[Candidate("192.0.2.1", 7882), Candidate("2001:db8::1", 7882)],
        slots={
            media.mid: SlotPlan(
                ssrc=100 + index,
                rtx_ssrc=200 + index if media.kind == "video" else 0,
                cname="relay",
                stream_id=f"slot-{index}",
                track_id=f"track-{index}",
            )
            for index, media in enumerate(negotiated.media)
            if media.sends
        },
    )


def test_every_capture_is_described() -> None:
    readme = (CAPTURES / "README.md").read_text()
    assert OFFERS
    assert all(path.name in readme for path in OFFERS)


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_accepted(name: str) -> None:
    negotiated = negotiated_of(name)
    m_lines, rids, codecs = EXPECTED[name]
    assert len(negotiated.media) == m_lines
    assert all(media.accepted for media in negotiated.media)
    audio = next(media for media in negotiated.media if media.kind == "audio")
    video = next(media for media in negotiated.media if media.kind == "video")
    assert [codec.name for codec in audio.codecs] == (["opus", "red"] if name in RED else ["opus"])
    assert video.rids == rids
    assert [codec.for_engine for codec in video.codecs] == codecs


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_an_answer_says_what_rfc_8829_asks(path: Path) -> None:
    """Same m-lines in the same order with the same mids, formats out of the offer's, one bundle."""
    offer_text = read(path)
    negotiated = negotiate(parse_offer_untrusted(offer_text), CodecPolicy())
    answer = answered(negotiated)
    assert answer.endswith("\r\n")
    assert "\n" not in answer.replace("\r\n", "")
    offered = [line.split() for line in offer_text.splitlines() if line.startswith("m=")]
    lines = [line.split() for line in answer.splitlines() if line.startswith("m=")]
    assert [line[0] for line in lines] == [line[0] for line in offered]
    assert [line[2] for line in lines] == [line[2] for line in offered]
    for line, other in zip(lines, offered, strict=True):
        assert set(line[3:]) <= set(other[3:])
    session, *sections = answer.split("\r\nm=")
    accepted = [section for section in sections if " 9 " in section.split("\r\n", 1)[0]]
    mids = [section.split("a=mid:")[1].split("\r\n")[0] for section in accepted]
    assert f"a=group:BUNDLE {' '.join(mids)}\r\n" in session
    assert "\r\na=ice-lite\r\n" in session
    for section in accepted:
        assert f"a=setup:{negotiated.answer_setup}\r\n" in section
        assert "a=fingerprint:sha-256 AB:" in section
        assert ("a=rtcp-mux\r\n" in section) != section.startswith("application")
    assert section.count("a=candidate:") == 2
    assert "a=end-of-candidates" in accepted[0]


def test_the_sdk_of_chromium_is_answered_line_by_line() -> None:
    answer = answered(negotiated_of("chromium_sdk"))
    _, microphone, camera, hearing, _, seeing, _, _, data = answer.split("\r\nm=")
    assert "a=recvonly" in microphone
    assert "a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc" in microphone
    assert "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1" in microphone
    assert microphone.startswith("audio 9 UDP/TLS/RTP/SAVPF 111 63\r\n")
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111" in microphone
    assert "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n" in hearing
    assert "a=ssrc" not in microphone
    assert "a=recvonly" in camera
    assert "a=rid:h recv\r\na=rid:m recv\r\na=rid:l recv\r\n" in camera
    assert "a=simulcast:recv h;~m;~l" in camera
    assert "a=extmap:10 urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" in camera
    assert "video-layers-allocation00" in camera
    assert "a=extmap-allow-mixed\r\n" in answer.split("\r\nm=")[0] + "\r\n"
    assert "dependency-descriptor" not in camera, "VP8 would hide its layers"
    assert "dependency-descriptor" in seeing
    assert "dependency-descriptor" not in microphone
    assert "a=sendonly" in hearing
    assert "a=msid:slot-2 track-2\r\na=ssrc:102 cname:relay" in hearing
    assert "a=sendonly" in seeing
    assert (
        "a=msid:slot-4 track-4\r\na=ssrc-group:FID 104 204\r\n"
        "a=ssrc:104 cname:relay\r\na=ssrc:204 cname:relay" in seeing
    )
    assert "rtp-stream-id" not in seeing
    assert "video-layers-allocation00" not in seeing
    for feedback in ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"):
        assert f"a=rtcp-fb:96 {feedback}\r\n" in seeing
    assert "a=fmtp:108 level-asymmetry-allowed=1;packetization-mode=1;" in seeing
    assert "profile-level-id=42e01f" in seeing
    assert "a=sctp-port:5000\r\na=max-message-size:65536" in data


def test_descriptors_are_taken_of_who_sends_av1_and_of_nobody_else() -> None:
    offered = read(CAPTURES / "sdp_chromium_sdk.sdp")
    only_av1 = CodecPolicy(video=("av1",))
    scalable = negotiate(parse_offer_untrusted(offered), only_av1)
    assert "dependency-descriptor" in answered(scalable).split("\r\nm=")[2]
    either = negotiate(parse_offer_untrusted(offered), CodecPolicy(video=("av1", "vp8")))
    camera = either.media[1].mid
    assert "dependency-descriptor" in answered(either).split("\r\nm=")[2]
    preferred = prefer(either, {camera: "vp8"})
    assert "dependency-descriptor" not in answered(preferred).split("\r\nm=")[2]
    usual = negotiate(parse_offer_untrusted(offered), CodecPolicy())
    again = prefer(usual, {usual.media[1].mid: "av1"})
    assert "dependency-descriptor" in answered(again).split("\r\nm=")[2]


def test_what_needs_long_elements_is_not_taken_of_who_takes_none() -> None:
    offered = read(CAPTURES / "sdp_chromium_sdk.sdp").replace("a=extmap-allow-mixed\r\n", "")
    answer = answered(negotiate(parse_offer_untrusted(offered), CodecPolicy()))
    assert "extmap-allow-mixed" not in answer
    assert "dependency-descriptor" not in answer
    assert "video-layers-allocation00" in answer


def test_directions_of_extensions_are_turned_round() -> None:
    answer = answered(negotiated_of("firefox_sdk"))
    camera = answer.split("\r\nm=")[2]
    assert "a=extmap:9/recvonly urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id" in camera
    assert (
        "a=extmap:6/sendonly http://www.webrtc.org/experiments/rtp-hdrext/playout-delay" in camera
    )
    assert "dependency-descriptor" not in answer, "it is not read there"
    assert "extmap-allow-mixed" not in answer


def test_a_reoffer_keeps_mids_payload_types_and_order() -> None:
    for browser in ("chromium", "firefox"):
        first = negotiated_of(f"{browser}_sdk")
        more = negotiated_of(f"{browser}_sdk_more_slots")
        assert [media.mid for media in more.media][:-1] == [media.mid for media in first.media]
        for before, after in zip(first.media, more.media, strict=False):
            assert [codec.for_engine for codec in after.codecs] == [
                codec.for_engine for codec in before.codecs
            ]
        assert more.media[-1].sends
        # Captured when the answer took none, so that Chromium does not offer it again.
        ids = {id_: uri for id_, uri in first.extension_ids.items() if uri not in LONG}
        assert ids == dict(more.extension_ids)
        assert first.offer.ice_ufrag == more.offer.ice_ufrag


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
def test_a_stopped_transceiver_stays_rejected_and_leaves_the_bundle(browser: str) -> None:
    negotiated = negotiated_of(f"{browser}_sdk_stopped_and_restarted")
    assert [media.accepted for media in negotiated.media] == [True] * 8 + [False]
    answer = answered(negotiated)
    last = answer.split("\r\nm=")[-1]
    assert last.startswith("video 0 UDP/TLS/RTP/SAVPF ")
    assert "a=inactive" in last
    assert "a=group:BUNDLE 0 1 2 3 4 5 6 7\r\n" in answer
    assert negotiated.offer.ice_ufrag != negotiated_of(f"{browser}_sdk").offer.ice_ufrag


def test_a_passive_offer_makes_the_relay_the_client() -> None:
    negotiated = negotiated_of("ffmpeg_whip")
    assert negotiated.dtls_role == "client"
    assert "a=setup:active" in answered(negotiated)
    assert negotiated_of("chromium_sdk").dtls_role == "server"


def test_streams_are_read_with_their_retransmissions() -> None:
    firefox = negotiated_of("firefox_sdk").media[1].offer
    assert len(firefox.ssrcs) == 3
    assert all(rtx for _, rtx in firefox.ssrcs)
    ffmpeg = negotiated_of("ffmpeg_whip").media[1].offer
    assert ffmpeg.ssrcs == ((3022559419, 3022559420),)
    chromium = negotiated_of("chromium_sdk").media
    assert chromium[1].offer.ssrcs == ()
    assert chromium[0].offer.msid is not None
    assert chromium[0].offer.msid[0] == "-"


def test_what_the_engine_is_told_about_feedback() -> None:
    microphone, camera, *_ = negotiated_of("chromium_sdk").media
    assert (microphone.transport_cc, microphone.nack) == (True, False)
    assert (camera.transport_cc, camera.nack) == (True, True)
    werift = negotiated_of("werift_sdk").media[1]
    assert (werift.transport_cc, werift.nack) == (False, True)
    assert negotiated_of("firefox_sdk").reduced_size_rtcp
    assert not negotiated_of("werift_sdk").reduced_size_rtcp


def test_three_fingerprints_are_kept() -> None:
    fingerprints = negotiated_of("aiortc_sendrecv").offer.fingerprints
    assert [each.algorithm for each in fingerprints] == ["sha-256", "sha-384", "sha-512"]


def test_without_slots_nothing_is_sent() -> None:
    negotiated = negotiated_of("chromium_sendrecv")
    answer = write_answer(
        negotiated,
        ufrag="fragment",
        password="passwordpasswordpassword",
        fingerprint=":".join(["AB"] * 32),
        setup="passive",
        candidates=[],
        slots={},
    )
    assert answer.count("a=recvonly") == 2
    assert "a=ssrc" not in answer
    assert "a=candidate" not in answer


@pytest.mark.parametrize("path", OFFERS, ids=lambda path: path.stem)
def test_opus_is_asked_to_correct_itself_and_to_send_no_silence(path: Path) -> None:
    """RFC 7587 §6.1, both ways: of who is heard, and in what is sent to them."""
    answer = answered(negotiated_of(path.stem.removeprefix("sdp_")))
    sound = [each for each in answer.split("\r\nm=") if each.startswith("audio 9 ")]
    assert sound
    for section in sound:
        (words,) = (line for line in section.split("\r\n") if "useinbandfec" in line)
        assert words.split(" ")[1].split(";") == ["minptime=10", "useinbandfec=1", "usedtx=1"]
