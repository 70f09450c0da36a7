"""A client's offer, read once at the edge into what the relay acts on.

Total on hostile input: `InvalidOffer` or an `Offer`, within fixed bounds of size and time.
Resolves nothing and keeps no address: an ICE-lite relay speaks to nobody a client names, so
candidates are counted and forgotten. Called by `relay.session`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from sys import intern
from typing import Literal, NamedTuple

from relay.errors import InvalidOffer
from relay.transports.sdp.codecs import Codec, read_codecs_untrusted
from relay.transports.sdp.directions import DIRECTIONS, Direction
from relay.transports.sdp.extensions import Extension, read_extensions_untrusted
from relay.transports.sdp.lines import Section, number_untrusted, sections_untrusted
from relay.transports.sdp.streams import (
    Encoding,
    read_msid_untrusted,
    read_rids_untrusted,
    read_ssrcs_untrusted,
)

Setup = Literal["actpass", "active", "passive"]

# RFC 8839 §5.4: ice-char; ufrag 4-256, pwd 22-256 characters.
_UFRAG = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD = re.compile(r"[A-Za-z0-9+/]{22,256}")
_HASH_BYTES = {"sha-256": 32, "sha-384": 48, "sha-512": 64}
_MAX_FINGERPRINTS = 16
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){19,63}")
# The tokens (RFC 8866 §9) that the engine finds on packets; every browser writes digits. As long as
# a one-byte header extension holds (RFC 8285 §4.2).
_MID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_MEDIA = re.compile(r"([a-z]{1,16}) ([0-9]{1,5})(?:/[0-9]{1,5})? ([A-Za-z0-9/]{1,32}) (.+)")
_FORMATS = re.compile(r"[!-~]{1,64}(?: +[!-~]{1,64}){0,127} *")
_RTP_PROTOCOLS = {"UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF", "RTP/SAVPF", "UDP/TLS/RTP/SAVP"}
_SCTP_PROTOCOLS = {"UDP/DTLS/SCTP", "TCP/DTLS/SCTP"}
_LARGEST_PORT = 65_535
_DEFAULT_SCTP_PORT = 5_000
_DEFAULT_MAX_MESSAGE_BYTES = 65_536  # RFC 8841 §6.1
_LARGEST_MAX_MESSAGE_BYTES = 2**33 - 1  # ten digits; Firefox says 2^30


class Fingerprint(NamedTuple):
    """The hash of a certificate (RFC 8122 §5), function in lower and value in upper case."""

    algorithm: str
    value: str


@dataclass(frozen=True, slots=True)
class MediaOffer:
    """One m-line, in the client's words: `sendonly` means that the client sends."""

    kind: str  # audio, video, application, or anything else, which is rejected
    mid: str  # empty where the offer gives none: rejected
    protocol: str
    formats: tuple[str, ...]
    direction: Direction
    rejected: bool  # by the client: port 0 and not bundle-only
    carried: bool  # a kind, a protocol and a multiplex that the relay speaks
    bundled: bool
    codecs: tuple[Codec, ...] = ()
    extensions: tuple[Extension, ...] = ()
    encodings: tuple[Encoding, ...] = ()
    ssrcs: tuple[tuple[int, int], ...] = ()
    msid: tuple[str, str] | None = None
    rtcp_rsize: bool = False
    sctp_port: int = 0
    max_message_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """One session description of type offer."""

    ice_ufrag: str
    ice_password: str
    fingerprints: tuple[Fingerprint, ...]
    setup: Setup
    ice_options: tuple[str, ...]
    extmap_allow_mixed: bool
    media: tuple[MediaOffer, ...]

    def of_mid(self, mid: str) -> MediaOffer | None:
        """Return the m-line of that tag."""
        return next((media for media in self.media if mid and media.mid == mid), None)


def parse_offer_untrusted(sdp: str) -> Offer:
    """Read an offer.

    Raises:
        InvalidOffer: It cannot be answered; the sentence says why and quotes nothing of it.

    """
    session, sections = sections_untrusted(sdp)
    if not sections:
        raise InvalidOffer("The offer has no m-line.")
    groups = [value.split() for value in session.every("group")]
    bundle = next((group[1:] for group in groups if group[:1] == ["BUNDLE"]), [])
    alone = len(sections) == 1
    media = tuple(_read_media(section, bundle, alone=alone) for section in sections)
    mids = [each.mid for each in media if each.mid]
    if len(mids) != len(set(mids)):
        raise InvalidOffer("The offer uses one mid for two m-lines.")
    tagged = _transport_sections(session, sections, media, bundle)
    return Offer(
        ice_ufrag=_required(tagged, "ice-ufrag", _UFRAG),
        ice_password=_required(tagged, "ice-pwd", _PASSWORD),
        fingerprints=_fingerprints(tagged),
        setup=_setup(tagged),
        ice_options=tuple((_nearest(tagged, "ice-options") or "").split()[:16]),
        extmap_allow_mixed=any(section.has("extmap-allow-mixed") for section in tagged),
        media=media,
    )


def _read_media(section: Section, bundle: Sequence[str], *, alone: bool) -> MediaOffer:
    line = _MEDIA.fullmatch(section.media or "")
    if line is None or not _FORMATS.fullmatch(line[4]):
        raise InvalidOffer("The offer has an m-line that cannot be read.")
    # One string for each number, not one each time it is offered: some 160 times by Chromium.
    kind, protocol, formats = line[1], line[3], tuple(map(intern, line[4].split()))
    port = number_untrusted(line[2], at_most=_LARGEST_PORT, what="a port")
    mid = section.first("mid") or ""
    if mid and not _MID.fullmatch(mid):
        raise InvalidOffer("The offer has a mid that is not 1 to 16 letters, digits, - or _.")
    media = MediaOffer(
        kind=kind,
        mid=mid,
        protocol=protocol,
        formats=formats,
        direction=_direction(section),
        rejected=port == 0 and not section.has("bundle-only"),
        carried=False,
        bundled=bool(mid) and (mid in bundle or (alone and not bundle)),
    )
    if kind in ("audio", "video") and protocol in _RTP_PROTOCOLS:
        return _read_rtp(media, section)
    if kind == "application" and protocol in _SCTP_PROTOCOLS:
        return _read_sctp(media, section)
    return media


def _read_rtp(media: MediaOffer, section: Section) -> MediaOffer:
    return replace(
        media,
        carried=section.has("rtcp-mux"),
        codecs=read_codecs_untrusted(media.formats, section),
        extensions=read_extensions_untrusted(section),
        encodings=read_rids_untrusted(section),
        ssrcs=read_ssrcs_untrusted(section),
        msid=read_msid_untrusted(section),
        rtcp_rsize=section.has("rtcp-rsize"),
    )


def _read_sctp(media: MediaOffer, section: Section) -> MediaOffer:
    return replace(
        media,
        carried=media.formats[0] == "webrtc-datachannel",
        sctp_port=number_untrusted(
            section.first("sctp-port") or str(_DEFAULT_SCTP_PORT),
            at_most=_LARGEST_PORT,
            what="an SCTP port",
        ),
        max_message_bytes=number_untrusted(
            section.first("max-message-size") or str(_DEFAULT_MAX_MESSAGE_BYTES),
            at_most=_LARGEST_MAX_MESSAGE_BYTES,
            what="a message size",
        ),
    )


def _direction(section: Section) -> Direction:
    for name, direction in DIRECTIONS.items():
        if section.has(name):
            return direction
    return "sendrecv"  # RFC 8866 §6.7: the default


def _transport_sections(
    session: Section,
    sections: Sequence[Section],
    media: Sequence[MediaOffer],
    bundle: Sequence[str],
) -> list[Section]:
    """Return where to look for what the bundle's transport says, best first.

    The offerer-tagged m-line is the first of the group (RFC 9143 §7.2); older clients repeat its
    attributes on every m-line or put them in the session part.
    """
    by_mid = {each.mid: section for each, section in zip(media, sections, strict=True) if each.mid}
    tagged = [by_mid[mid] for mid in bundle if mid in by_mid]
    return [*tagged[:1], session, *(tagged[1:] or sections)]


def _nearest(sections: Sequence[Section], name: str) -> str | None:
    return next((value for section in sections if (value := section.first(name)) is not None), None)


def _required(sections: Sequence[Section], name: str, pattern: re.Pattern[str]) -> str:
    value = _nearest(sections, name)
    if value is None or not pattern.fullmatch(value):
        raise InvalidOffer(f"The offer's {name} is missing or not of the form RFC 8839 gives it.")
    return value


def _fingerprints(sections: Sequence[Section]) -> tuple[Fingerprint, ...]:
    """Return the usable fingerprints of the nearest section that has any (RFC 8122 §5)."""
    values = next(
        (section.every("fingerprint") for section in sections if section.has("fingerprint")), []
    )
    if len(values) > _MAX_FINGERPRINTS:
        raise InvalidOffer(f"The offer has more than {_MAX_FINGERPRINTS} fingerprints.")
    fingerprints = []
    for value in values:
        algorithm, _, digest = value.partition(" ")
        if not _FINGERPRINT.fullmatch(digest):
            raise InvalidOffer("The offer has a fingerprint that is not hexadecimal pairs.")
        size_bytes = _HASH_BYTES.get(algorithm.lower())
        if size_bytes is not None and len(digest) == 3 * size_bytes - 1:
            fingerprints.append(Fingerprint(algorithm.lower(), digest.upper()))
    if not fingerprints:
        raise InvalidOffer("The offer has no fingerprint by SHA-256, SHA-384 or SHA-512.")
    return tuple(dict.fromkeys(fingerprints))


def _setup(sections: Sequence[Section]) -> Setup:
    match _nearest(sections, "setup"):
        case None | "actpass":  # RFC 8842 §5.2: offers say actpass
            return "actpass"
        case "active":
            return "active"
        case "passive":
            return "passive"
        case _:
            raise InvalidOffer("The offer's setup is none of actpass, active and passive.")
