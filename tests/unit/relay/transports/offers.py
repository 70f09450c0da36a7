"""A small offer, line by line, to be spoilt."""

from __future__ import annotations

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
