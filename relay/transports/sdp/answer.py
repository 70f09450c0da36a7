"""Write the relay's answer to an offer (RFC 8829 §5.3, RFC 3264, ICE-lite).

Pure: credentials, addresses and identifiers are arguments. Called by `relay.session`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from relay.transports.sdp.codecs import FEEDBACK, Codec
from relay.transports.sdp.directions import Direction
from relay.transports.sdp.extensions import Extension
from relay.transports.sdp.negotiate import Negotiated, NegotiatedMedia
from relay.transports.sdp.redundancy import REDUNDANT
from relay.transports.sdp.streams import Encoding

MAX_MESSAGE_BYTES = 64 * 1024  # what data_channels receives at most
SCTP_PORT = 5_000  # any number does: the DTLS connection carries nothing else (RFC 8841 §5)

_PARAMETERS_OF_BOTH_ENDS = {
    "h264": ("level-asymmetry-allowed", "packetization-mode", "profile-level-id"),
    "vp9": ("profile-id",),
    "av1": ("level-idx", "profile", "tier"),
}
_ECHOED = re.compile(r"[A-Za-z0-9]{1,16}")
_OPUS = "minptime=10;useinbandfec=1;usedtx=1"
# RFC 8445 §5.1.2.1: type preference of host candidates; local preference falls with the order.
_HOST_PREFERENCE = 126
_TOP_LOCAL_PREFERENCE = 65_535
# RFC 6544 §4.2: below whatever comes by UDP and is not relayed (libwebrtc has 90, too). The upper
# three bits of the local preference are 4: the relay is connected to.
_TCP_HOST_PREFERENCE = 90
_TOP_PASSIVE_PREFERENCE = (4 << 13) | 8_191


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the relay's own addresses."""

    ip: str
    port: int
    protocol: str = "udp"


@dataclass(frozen=True, slots=True)
class SlotPlan:
    """What the relay announces on an m-line on which it sends."""

    ssrc: int
    rtx_ssrc: int  # 0: no retransmission
    cname: str
    stream_id: str
    track_id: str


@dataclass(frozen=True, slots=True)
class AnswerTransport:
    """What every m-line of the bundle says about the leg."""

    ufrag: str
    password: str
    fingerprint: str
    setup: str
    candidates: tuple[Candidate, ...]


def write_answer(
    negotiated: Negotiated,
    *,
    ufrag: str,
    password: str,
    fingerprint: str,
    setup: str,
    candidates: Sequence[Candidate],
    slots: Mapping[str, SlotPlan],
    version: int = 1,
) -> str:
    """Write the answer.

    Args:
        negotiated: What was accepted.
        ufrag: The relay's ICE user fragment for this leg.
        password: The relay's ICE password for this leg.
        fingerprint: SHA-256 of the relay's certificate, pairs joined by colons.
        setup: passive, or active to a passive offer (`Negotiated.answer_setup`).
        candidates: The relay's addresses, best first.
        slots: By mid; an m-line on which the relay would send without a slot is not sent on.
        version: Rises with each answer of one leg (RFC 3264 §8).

    """
    transport = AnswerTransport(ufrag, password, fingerprint, setup, tuple(candidates))
    bundle = [each.mid for each in negotiated.media if each.accepted]
    lines = [
        "v=0",
        f"o=- 1 {version} IN IP4 127.0.0.1",  # RFC 8829 §5.2.1: nobody's address
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(bundle)}",
        "a=ice-lite",
        "a=msid-semantic:WMS *",
    ]
    if negotiated.mixes_extension_forms:
        lines.append("a=extmap-allow-mixed")
    for each in negotiated.media:
        if not each.accepted:
            lines.extend(_rejected(each, transport))
        elif each.kind == "application":
            lines.extend(_data(each, transport))
        else:
            lines.extend(_rtp(each, transport, slots.get(each.mid)))
    return "\r\n".join(lines) + "\r\n"


def _rejected(media: NegotiatedMedia, transport: AnswerTransport) -> Iterator[str]:
    """Refuse an m-line, but say of the leg what the others say.

    aiortc 1.16 takes the transport from the first m-line, whether it is refused or not.
    """
    offer = media.offer
    yield f"m={offer.kind} 0 {offer.protocol} {' '.join(offer.formats)}"
    yield "c=IN IP4 0.0.0.0"
    yield "a=inactive"
    if offer.mid:
        yield f"a=mid:{offer.mid}"
    yield from _credentials(transport)


def _data(media: NegotiatedMedia, transport: AnswerTransport) -> Iterator[str]:
    yield f"m=application 9 {media.offer.protocol} webrtc-datachannel"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{media.mid}"
    yield from _transport(transport)
    yield f"a=sctp-port:{SCTP_PORT}"
    yield f"a=max-message-size:{MAX_MESSAGE_BYTES}"


def _rtp(
    media: NegotiatedMedia, transport: AnswerTransport, slot: SlotPlan | None
) -> Iterator[str]:
    payload_types = [
        str(payload_type)
        for codec in media.codecs
        for payload_type in (codec.payload_type, codec.rtx_payload_type)
        if payload_type is not None
    ]
    yield f"m={media.kind} 9 {media.offer.protocol} {' '.join(payload_types)}"
    yield "c=IN IP4 0.0.0.0"
    yield f"a=mid:{media.mid}"
    yield from _transport(transport)
    yield f"a={_direction(media, slot)}"
    yield "a=rtcp-mux"
    if media.offer.rtcp_rsize:
        yield "a=rtcp-rsize"
    for extension in media.answered_extensions:
        yield _extmap(extension)
    for codec in media.codecs:
        yield from _codec(codec)
    yield from _simulcast(media.encodings)
    if media.sends and slot is not None:
        yield from _slot(slot)


def _transport(transport: AnswerTransport) -> Iterator[str]:
    """Say where the leg is, on every m-line: some clients read the first one only, some the last.

    More than RFC 9143 §7.3.3 asks for; browsers ignore it on all but the tagged m-line.
    """
    yield from _credentials(transport)
    yield from _candidates(transport.candidates)


def _credentials(transport: AnswerTransport) -> Iterator[str]:
    yield f"a=ice-ufrag:{transport.ufrag}"
    yield f"a=ice-pwd:{transport.password}"
    yield f"a=fingerprint:sha-256 {transport.fingerprint}"
    yield f"a=setup:{transport.setup}"


def _direction(media: NegotiatedMedia, slot: SlotPlan | None) -> Direction:
    if slot is None and media.sends:
        return "recvonly" if media.receives else "inactive"
    return media.direction


def _extmap(extension: Extension) -> str:
    suffix = "" if extension.direction == "sendrecv" else f"/{extension.direction}"
    return f"a=extmap:{extension.id}{suffix} {extension.uri}"


def _codec(codec: Codec) -> Iterator[str]:
    names = {"vp8": "VP8", "vp9": "VP9", "h264": "H264", "av1": "AV1"}
    channels = f"/{codec.channels}" if codec.channels > 1 else ""
    name = names.get(codec.name, codec.name)
    yield f"a=rtpmap:{codec.payload_type} {name}/{codec.clock_hz}{channels}"
    for feedback in FEEDBACK:
        if feedback in codec.feedback:
            yield f"a=rtcp-fb:{codec.payload_type} {feedback}"
    parameters = _parameters(codec)
    if parameters:
        yield f"a=fmtp:{codec.payload_type} {parameters}"
    if codec.rtx_payload_type is not None:
        yield f"a=rtpmap:{codec.rtx_payload_type} rtx/{codec.clock_hz}"
        yield f"a=fmtp:{codec.rtx_payload_type} apt={codec.payload_type}"


def _parameters(codec: Codec) -> str:
    """Say back what both ends must have alike; bounds such as max-fs are each end's own."""
    if codec.name == "opus":
        return _OPUS
    if codec.name == REDUNDANT:
        return next(iter(codec.parameters))  # the one that negotiation lets through
    keys = _PARAMETERS_OF_BOTH_ENDS.get(codec.name, ())
    return ";".join(
        f"{key}={value}"
        for key in keys
        if _ECHOED.fullmatch(value := codec.parameters.get(key, ""))
    )


def _simulcast(encodings: Sequence[Encoding]) -> Iterator[str]:
    """Receive every encoding, paused where it was offered paused.

    Chromium 156 switches a paused encoding on when the answer does not say `~` too.
    """
    for encoding in encodings:
        yield f"a=rid:{encoding.rid} recv"
    if encodings:
        streams = (("~" if each.paused else "") + each.rid for each in encodings)
        yield f"a=simulcast:recv {';'.join(streams)}"


def _slot(slot: SlotPlan) -> Iterator[str]:
    yield f"a=msid:{slot.stream_id} {slot.track_id}"
    if slot.rtx_ssrc:
        yield f"a=ssrc-group:FID {slot.ssrc} {slot.rtx_ssrc}"
    yield f"a=ssrc:{slot.ssrc} cname:{slot.cname}"
    if slot.rtx_ssrc:
        yield f"a=ssrc:{slot.rtx_ssrc} cname:{slot.cname}"


def _candidates(candidates: Sequence[Candidate]) -> Iterator[str]:
    for index, candidate in enumerate(candidates):
        ip = ip_address(candidate.ip).compressed
        kind = " tcptype passive" if candidate.protocol == "tcp" else ""
        yield (
            f"a=candidate:{index + 1} 1 {candidate.protocol} {_priority(candidate, index)} {ip} "
            f"{candidate.port} typ host{kind}"
        )
    yield "a=end-of-candidates"


def _priority(candidate: Candidate, index: int) -> int:
    """Rank a candidate of component 1 (RFC 8445 §5.1.2.1): UDP first, then in the order given."""
    of_type, local = (
        (_TCP_HOST_PREFERENCE, _TOP_PASSIVE_PREFERENCE)
        if candidate.protocol == "tcp"
        else (_HOST_PREFERENCE, _TOP_LOCAL_PREFERENCE)
    )
    return (of_type << 24) | ((local - index) << 8) | 255
