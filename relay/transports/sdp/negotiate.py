"""Decide what the relay accepts of an offer. Pure: no address, no key, no identifier is drawn.

`relay.session` gives the result to the engine (what is received, with which payload types,
extensions and rids) and to `answer`, which writes it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from relay.errors import InvalidOffer
from relay.transports.sdp.codecs import Codec, CodecPolicy, choose
from relay.transports.sdp.directions import Direction, receives, reverse, sends
from relay.transports.sdp.extensions import (
    LONG,
    MID,
    RID,
    TRANSPORT_SEQUENCE,
    Extension,
    one_meaning_for_each_id,
    take_extensions,
    without_descriptors,
)
from relay.transports.sdp.offer import MediaOffer, Offer
from relay.transports.sdp.redundancy import with_redundancy
from relay.transports.sdp.streams import Encoding

_MAX_SSRCS = 3  # a track has one to three encodings


@dataclass(frozen=True, slots=True)
class NegotiatedMedia:
    """One m-line, in the relay's words: `sendonly` means that the relay sends."""

    offer: MediaOffer
    accepted: bool
    direction: Direction = "inactive"
    codecs: tuple[Codec, ...] = ()
    extensions: tuple[Extension, ...] = ()
    encodings: tuple[Encoding, ...] = ()

    @property
    def mid(self) -> str:
        """The m-line's tag."""
        return self.offer.mid

    @property
    def kind(self) -> str:
        """Audio, video or application."""
        return self.offer.kind

    @property
    def rids(self) -> tuple[str, ...]:
        """The names of the encodings received, best first; none without simulcast."""
        return tuple(encoding.rid for encoding in self.encodings)

    @property
    def ssrcs(self) -> tuple[tuple[int, int], ...]:
        """The announced SSRCs that a track may have; further ones are told by mid and rid."""
        return self.offer.ssrcs[:_MAX_SSRCS]

    @property
    def sends(self) -> bool:
        """Whether the relay sends on it: a slot."""
        return self.accepted and sends(self.direction)

    @property
    def receives(self) -> bool:
        """Whether the relay receives on it: a track may be published."""
        return self.accepted and receives(self.direction)

    @property
    def answered_extensions(self) -> tuple[Extension, ...]:
        """What the answer takes: dependency descriptors of who sends AV1 alone.

        A line on which the relay only sends may carry anybody's AV1.
        """
        if not self.receives or self.codecs[0].name == "av1":
            return self.extensions
        return without_descriptors(self.extensions)

    @property
    def transport_cc(self) -> bool:
        """Whether whoever receives tells of each packet by its transport-wide number."""
        return any(extension.uri == TRANSPORT_SEQUENCE for extension in self.extensions) and any(
            "transport-cc" in codec.feedback for codec in self.codecs
        )

    @property
    def nack(self) -> bool:
        """Whether the publisher answers NACKs."""
        return any("nack" in codec.feedback for codec in self.codecs)


@dataclass(frozen=True, slots=True)
class Negotiated:
    """What was accepted, m-line by m-line in the offer's order."""

    offer: Offer
    media: tuple[NegotiatedMedia, ...]
    extension_ids: Mapping[int, str]  # of the whole leg

    @property
    def answer_setup(self) -> Literal["active", "passive"]:
        """The relay is the DTLS server unless the client insists on being it.

        Peers with RSA certificates need that: the relay's certificate is ECDSA.
        """
        return "active" if self.offer.setup == "passive" else "passive"

    @property
    def dtls_role(self) -> Literal["client", "server"]:
        """`client` or `server`, as `DtlsTransport` takes it."""
        return "client" if self.answer_setup == "active" else "server"

    @property
    def reduced_size_rtcp(self) -> bool:
        """Whether RTCP may come without a leading report (RFC 5506).

        Firefox says so on video m-lines only, although the bundle shares one RTCP stream.
        """
        return any(media.accepted and media.offer.rtcp_rsize for media in self.media)

    @property
    def mixes_extension_forms(self) -> bool:
        """Whether an extension was accepted that may not fit one-byte elements (RFC 8285 §6)."""
        return not LONG.isdisjoint(self.extension_ids.values())

    @property
    def data(self) -> NegotiatedMedia | None:
        """The m-line of the data channels."""
        return next(
            (each for each in self.media if each.accepted and each.kind == "application"), None
        )

    @property
    def tells_arrivals(self) -> bool:
        """Whether the participant tells when what it is sent arrives (transport-wide feedback)."""
        return any(each.sends and each.transport_cc for each in self.media)

    def of_mid(self, mid: str) -> NegotiatedMedia | None:
        """Return the accepted m-line of that tag."""
        return next((each for each in self.media if each.accepted and each.mid == mid), None)


def negotiate(offer: Offer, policy: CodecPolicy) -> Negotiated:
    """Accept what the relay carries and reject the rest, m-line by m-line.

    Args:
        offer: What the client offered.
        policy: Codecs, best first.

    Raises:
        InvalidOffer: Nothing of it can be accepted, or an extension identifier has two meanings.

    """
    media: list[NegotiatedMedia] = []
    ids: dict[str, int] = {}
    for each in offer.media:
        have_data = any(before.accepted and before.kind == "application" for before in media)
        if each.rejected or not each.carried or not each.bundled:
            media.append(NegotiatedMedia(each, accepted=False))
        elif each.kind == "application":
            media.append(NegotiatedMedia(each, accepted=not have_data, direction="sendrecv"))
        else:
            media.append(_negotiate_rtp(each, policy, ids, mixed=offer.extmap_allow_mixed))
    if not any(each.accepted for each in media):
        raise InvalidOffer(
            "Nothing in the offer can be carried: the relay needs a BUNDLE group with rtcp-mux, "
            "and Opus, VP8, H.264, VP9 or AV1."
        )
    extension_ids = one_meaning_for_each_id(
        extension for each in media for extension in each.extensions
    )
    return Negotiated(offer, tuple(media), extension_ids)


def prefer(negotiated: Negotiated, preferred: Mapping[str, str]) -> Negotiated:
    """Put a codec first, by mid: what the track's subscribers agreed on."""
    return replace(
        negotiated,
        media=tuple(_prefer(each, preferred.get(each.mid)) for each in negotiated.media),
    )


def _prefer(media: NegotiatedMedia, name: str | None) -> NegotiatedMedia:
    if not media.codecs or name in (None, media.codecs[0].name):
        return media
    ordered = sorted(media.codecs, key=lambda codec: codec.name != name)
    return replace(media, codecs=tuple(ordered))


def _negotiate_rtp(
    media: MediaOffer, policy: CodecPolicy, ids: dict[str, int], *, mixed: bool
) -> NegotiatedMedia:
    codecs = with_redundancy(choose(media.codecs, policy.order(media.kind)), media.codecs)
    if not codecs:
        return NegotiatedMedia(media, accepted=False)
    direction = reverse(media.direction)
    extensions = take_extensions(media.extensions, media.kind, direction, ids, mixed=mixed)
    uris = {extension.uri for extension in extensions}
    # Without mid and rid on the packets no layer could be told from another (RFC 8853 §5.5).
    simulcast = media.kind == "video" and receives(direction) and {MID, RID} <= uris
    return NegotiatedMedia(
        offer=media,
        accepted=True,
        direction=direction,
        codecs=codecs,
        extensions=extensions,
        encodings=media.encodings if simulcast else (),
    )
