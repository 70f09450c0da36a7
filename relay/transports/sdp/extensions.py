"""RTP header extensions: which of those offered the relay takes (RFC 8285). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from relay.errors import InvalidOffer
from relay.transports.sdp.directions import DIRECTIONS, Direction, receives, reverse
from relay.transports.sdp.lines import Section, number_untrusted

MID: Final = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID: Final = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID: Final = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
ABS_SEND_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
TRANSPORT_SEQUENCE: Final = (
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
)
AUDIO_LEVEL: Final = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
VIDEO_ORIENTATION: Final = "urn:3gpp:video-orientation"
PLAYOUT_DELAY: Final = "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"
ABS_CAPTURE_TIME: Final = "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"
VIDEO_LAYERS_ALLOCATION: Final = (
    "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00"
)
DEPENDENCY_DESCRIPTOR: Final = (
    "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension"
)

_ALWAYS = {MID, ABS_SEND_TIME, TRANSPORT_SEQUENCE, ABS_CAPTURE_TIME}
_TAKEN = {
    "audio": _ALWAYS | {AUDIO_LEVEL},
    "video": _ALWAYS
    | {RID, REPAIRED_RID, VIDEO_ORIENTATION, PLAYOUT_DELAY, VIDEO_LAYERS_ALLOCATION}
    | {DEPENDENCY_DESCRIPTOR},
}
# They describe what a publisher sends; the relay's own slots have no layers of their own.
_ONLY_FROM_PUBLISHERS = {RID, REPAIRED_RID, VIDEO_LAYERS_ALLOCATION}
# With a structure it is longer than a one-byte element (RFC 8285 §4.2), and without one of no use.
LONG: Final = {DEPENDENCY_DESCRIPTOR}
# The engine knows one map for both ways of a leg; who reads none is sent nothing that needs it.
_BOTH_WAYS = {DEPENDENCY_DESCRIPTOR}
_LARGEST_ONE_BYTE_ID = 14  # RFC 8285 §4.2: 15 is reserved; the engine writes one-byte headers
# One browser's lines are alike on every m-line of a kind, in all of its offers.
_REMEMBERED = 32
_LARGEST_OFFERED_ID = 4_351  # RFC 8285 §5: 4096-4351 stand for "more than fit"


@dataclass(frozen=True, slots=True)
class Extension:
    """One a=extmap; in an offer the direction is the client's, in an answer the relay's."""

    id: int
    uri: str
    direction: Direction


def read_extensions_untrusted(section: Section) -> tuple[Extension, ...]:
    """Read the extension map of one m-line.

    Raises:
        InvalidOffer: An identifier that is no number up to 4,351, or a direction that is none.

    """
    return _read_extensions(tuple(section.every("extmap")))


@lru_cache(maxsize=_REMEMBERED)
def _read_extensions(lines: tuple[str, ...]) -> tuple[Extension, ...]:
    extensions = []
    for value in lines:
        head, _, rest = value.partition(" ")
        number, _, direction = head.partition("/")
        if direction not in ("", *DIRECTIONS):
            raise InvalidOffer("The offer has an extmap whose direction is none.")
        extensions.append(
            Extension(
                id=number_untrusted(number, at_most=_LARGEST_OFFERED_ID, what="an extmap"),
                uri=rest.split(" ", 1)[0],
                direction=DIRECTIONS.get(direction, "sendrecv"),
            )
        )
    return tuple(extensions)


def take_extensions(
    offered: Iterable[Extension],
    kind: str,
    direction: Direction,
    ids: dict[str, int],
    *,
    mixed: bool,
) -> tuple[Extension, ...]:
    """Take what the engine understands, with the directions turned round.

    Args:
        offered: What the client offered on the m-line.
        kind: audio or video.
        direction: The m-line's direction as the relay answers it.
        ids: The identifier of each URI taken on the m-lines before; added to. Packets do not say
            which m-line they are of, so a second identifier for the same URI is left out.
        mixed: Whether elements of both forms may come (RFC 8285 §6).

    """
    taken: dict[str, Extension] = {}
    for extension in offered:
        if not 1 <= extension.id <= _LARGEST_ONE_BYTE_ID:
            continue
        if extension.uri not in _TAKEN[kind]:
            continue
        if extension.uri in LONG and not mixed:
            continue
        if extension.uri in _BOTH_WAYS and extension.direction != "sendrecv":
            continue
        if extension.uri in _ONLY_FROM_PUBLISHERS and not receives(direction):
            continue
        if ids.setdefault(extension.uri, extension.id) != extension.id:
            continue
        answered = Extension(extension.id, extension.uri, reverse(extension.direction))
        taken.setdefault(extension.uri, answered)
    return tuple(taken.values())


def one_meaning_for_each_id(extensions: Iterable[Extension]) -> dict[int, str]:
    """Return the map of the whole bundle.

    Raises:
        InvalidOffer: An identifier means two things (RFC 9143 §9.1 forbids it).

    """
    meaning: dict[int, str] = {}
    for extension in extensions:
        if meaning.setdefault(extension.id, extension.uri) != extension.uri:
            raise InvalidOffer("The offer gives one extmap identifier two meanings.")
    return meaning


def without_descriptors(extensions: Iterable[Extension]) -> tuple[Extension, ...]:
    """Leave out dependency descriptors.

    Chromium 156 that may write them leaves VP8's own layers out of the payload (libwebrtc's
    `MinimizeDescriptor`), so that nobody who reads those alone could leave any out.
    """
    return tuple(extension for extension in extensions if extension.uri != DEPENDENCY_DESCRIPTOR)
