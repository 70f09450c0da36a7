"""Codecs as session descriptions name them: reading, choosing, and agreeing for one track.

Pure. `offer` reads with it, `negotiate` chooses with it, the room agrees on a track's codec
with it. The relay never decodes: two ends agree when one decodes what the other encodes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from relay.errors import InvalidOffer
from relay.transports.sdp.h264 import H264Format
from relay.transports.sdp.lines import Section, number_untrusted

# Under rtcp-mux payload types 64 to 95 read as RTCP when the marker is set (RFC 5761 §4).
_READS_AS_RTCP = range(64, 96)
_RTPMAP = re.compile(r"([0-9]{1,10}) +([A-Za-z0-9_.+-]{1,32})/([0-9]{1,7})(?:/([0-9]{1,2}))?\s*")
_MAX_PARAMETERS = 64  # of one a=fmtp; H.264 defines about 40 (RFC 6184 §8.1)
_OPUS_CLOCK = (48_000, 2)  # RFC 7587 §7: whatever is really sent
_VIDEO_CLOCK_HZ = 90_000  # of every RTP payload format for video
# All browsers of one release say the same lines, on each m-line of a kind; reading them was most
# of the work of an offer. Who says others each time pays for it alone; an entry is no larger
# than its offer.
_REMEMBERED = 32
FEEDBACK = ("goog-remb", "transport-cc", "ccm fir", "nack", "nack pli")
"""What the relay gives or takes of RTCP feedback (RFC 4585 §4.2), in the order it says so."""
_KNOWN_FEEDBACK = frozenset(FEEDBACK)


@dataclass(frozen=True, slots=True)
class Codec:
    """One payload type of one m-line, with its retransmission payload type."""

    payload_type: int
    name: str  # lower case: opus, vp8, h264, vp9, av1, red …
    clock_hz: int
    channels: int
    parameters: Mapping[str, str] = field(hash=False)  # a=fmtp, keys in lower case
    rtx_payload_type: int | None
    feedback: frozenset[str]  # of FEEDBACK

    @property
    def for_engine(self) -> tuple[int, str, int]:
        """The codec as the engine's `publish` and `add_slot` take it: -1 is no retransmission."""
        return (
            self.payload_type,
            self.name,
            -1 if self.rtx_payload_type is None else self.rtx_payload_type,
        )

    def decodes(self, other: Codec) -> bool:
        """Tell whether a decoder described by this codec shows what `other` encodes."""
        if (self.name, self.clock_hz, self.channels) != (
            other.name,
            other.clock_hz,
            other.channels,
        ):
            return False
        match self.name:
            case "h264":
                ours, theirs = H264Format.of(self.parameters), H264Format.of(other.parameters)
                return ours is not None and theirs is not None and ours.decodes(theirs)
            case "vp9":
                return _profile(self, "profile-id") == _profile(other, "profile-id")
            case "av1":
                # A main-profile stream is a subset of the others (AV1 §6.4.1).
                return _profile(self, "profile") >= _profile(other, "profile")
            case _:
                return True


@dataclass(frozen=True, slots=True)
class CodecPolicy:
    """Which codecs the relay carries, best first (names in lower case)."""

    video: tuple[str, ...] = ("vp8", "h264", "vp9", "av1")
    audio: tuple[str, ...] = ("opus",)

    @classmethod
    def of(cls, video: Sequence[str]) -> CodecPolicy:
        """Build the policy from configured names in any case.

        Raises:
            ValueError: A name the relay does not carry.

        """
        names = tuple(name.lower() for name in video)
        unknown = set(names) - set(cls().video)
        if unknown:
            raise ValueError(f"not a video codec of the relay: {', '.join(sorted(unknown))}")
        return cls(video=names)

    def order(self, kind: str) -> tuple[str, ...]:
        """Return the names for this kind of media, best first."""
        return self.audio if kind == "audio" else self.video


def read_codecs_untrusted(formats: Sequence[str], section: Section) -> tuple[Codec, ...]:
    """Read the codecs of one m-line in the order of its formats.

    Formats without an rtpmap (static payload types) and payload types that RTCP would shadow
    are left out: nothing we carry uses them.

    Args:
        formats: Of the m-line.
        section: Its attributes.

    Raises:
        InvalidOffer: A payload type above 127, or a number that is none.

    """
    return _read_codecs(
        tuple(formats),
        tuple(section.every("rtpmap")),
        tuple(section.every("fmtp")),
        tuple(section.every("rtcp-fb")),
    )


@lru_cache(maxsize=_REMEMBERED)
def _read_codecs(
    formats: tuple[str, ...],
    rtpmap_lines: tuple[str, ...],
    fmtp_lines: tuple[str, ...],
    feedback_lines: tuple[str, ...],
) -> tuple[Codec, ...]:
    payload_types = [number_untrusted(text, at_most=127, what="a payload type") for text in formats]
    maps = _maps(rtpmap_lines)
    parameters = {
        payload_type: _parameters(text) for payload_type, text in _by_payload_type(fmtp_lines)
    }
    feedback, feedback_of_all = _feedback(feedback_lines)
    retransmits = _retransmissions(payload_types, maps, parameters)
    codecs = []
    for payload_type in dict.fromkeys(payload_types):
        if payload_type not in maps or payload_type in _READS_AS_RTCP:
            continue
        name, clock_hz, channels = maps[payload_type]
        codecs.append(
            Codec(
                payload_type=payload_type,
                name=name,
                clock_hz=clock_hz,
                channels=channels,
                parameters=parameters.get(payload_type, {}),
                rtx_payload_type=retransmits.get(payload_type),
                feedback=frozenset(feedback.get(payload_type, ())) | feedback_of_all,
            )
        )
    return tuple(codecs)


@lru_cache(maxsize=_REMEMBERED)
def choose(offered: tuple[Codec, ...], order: tuple[str, ...]) -> tuple[Codec, ...]:
    """Choose one codec for each name in `order`, the variant that most ends decode.

    One variant a name, so that a payload type tells the codec of a packet without parsing it.
    """
    chosen = []
    for name in order:
        variants = [
            (_preference(codec), index, codec)
            for index, codec in enumerate(offered)
            if codec.name == name and _is_carried(codec)
        ]
        if variants:
            chosen.append(min(variants, key=lambda variant: variant[:2])[2])
    return tuple(chosen)


def agree(
    publisher: Sequence[Codec], subscribers: Sequence[Sequence[Codec]], policy: CodecPolicy
) -> Codec | None:
    """Return the best codec that the publisher encodes and every subscriber decodes.

    Args:
        publisher: What was accepted on the publisher's m-line.
        subscribers: What was accepted on each subscriber's m-line; none at all agree with anything.
        policy: Decides between several.

    Returns:
        One of the publisher's codecs; `None` where no codec suits everybody.

    """
    order = (*policy.audio, *policy.video)
    for name in order:
        for codec in publisher:
            if codec.name == name and all(
                any(theirs.decodes(codec) for theirs in subscriber) for subscriber in subscribers
            ):
                return codec
    return None


def _is_carried(codec: Codec) -> bool:
    if codec.name == "opus":
        return (codec.clock_hz, codec.channels) == _OPUS_CLOCK
    if codec.clock_hz != _VIDEO_CLOCK_HZ:
        return False
    match codec.name:
        case "h264":
            return H264Format.of(codec.parameters) is not None
        case "vp9":  # profile 0 (8 bit, 4:2:0) is the one every decoder has
            return _profile(codec, "profile-id") == 0
        case "av1":  # the main profile, for the same reason
            return _profile(codec, "profile") == 0
        case _:
            return True


def _preference(codec: Codec) -> int:
    h264 = H264Format.of(codec.parameters) if codec.name == "h264" else None
    return h264.preference if h264 else 0


def _profile(codec: Codec, key: str) -> int:
    text = codec.parameters.get(key, "0")
    return int(text) if re.fullmatch(r"[0-9]", text, re.ASCII) else 255


def _maps(lines: Sequence[str]) -> dict[int, tuple[str, int, int]]:
    maps: dict[int, tuple[str, int, int]] = {}
    for text in lines:
        match = _RTPMAP.fullmatch(text)
        if match is None:
            raise InvalidOffer("The offer has an rtpmap that names no codec.")
        payload_type = number_untrusted(match[1], at_most=127, what="a payload type")
        maps.setdefault(payload_type, (match[2].lower(), int(match[3]), int(match[4] or 1)))
    return maps


def _by_payload_type(values: Sequence[str]) -> list[tuple[int, str]]:
    pairs = []
    for value in values:
        payload_type, _, rest = value.partition(" ")
        pairs.append(
            (number_untrusted(payload_type, at_most=127, what="a payload type"), rest.strip())
        )
    return pairs


def _parameters(text: str) -> dict[str, str]:
    parameters = {}
    for part in text.split(";", _MAX_PARAMETERS)[:_MAX_PARAMETERS]:
        key, _, value = part.strip().partition("=")
        parameters[key.lower()] = value
    return parameters


def _feedback(lines: Sequence[str]) -> tuple[dict[int, set[str]], set[str]]:
    """Return the feedback of single payload types, and of all; of kinds the relay knows."""
    of_all: set[str] = set()
    of_one: dict[int, set[str]] = {}
    for value in lines:
        target, _, rest = value.partition(" ")
        kind = rest.strip()
        if target == "*":
            of_all |= {kind} & _KNOWN_FEEDBACK
        else:
            payload_type = number_untrusted(target, at_most=127, what="a payload type")
            of_one.setdefault(payload_type, set()).update({kind} & _KNOWN_FEEDBACK)
    return of_one, of_all


def _retransmissions(
    payload_types: Sequence[int],
    maps: Mapping[int, tuple[str, int, int]],
    parameters: Mapping[int, Mapping[str, str]],
) -> dict[int, int]:
    """Map each payload type to the one that retransmits it (RFC 4588 §8.6)."""
    retransmits: dict[int, int] = {}
    for payload_type in payload_types:
        if payload_type in _READS_AS_RTCP or maps.get(payload_type, ("",))[0] != "rtx":
            continue
        apt = parameters.get(payload_type, {}).get("apt", "")
        retransmits.setdefault(
            number_untrusted(apt, at_most=127, what="an apt parameter"), payload_type
        )
    return retransmits
