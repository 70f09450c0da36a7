"""One publication as a leg brings it, and what the engine was told of it.

Plain data. Called by `relay.legs.leg`, which does the telling.
"""

from __future__ import annotations

from dataclasses import dataclass

from relay.ids import Mid, TrackId
from relay.transports.sdp import NegotiatedMedia
from relay.workers.rows import EngineCodec


@dataclass(frozen=True, slots=True)
class Announcement:
    """What the engine has to know of a track; equal ones need no new track."""

    codecs: frozenset[EngineCodec]
    rids: tuple[str, ...]
    ssrcs: tuple[tuple[int, int], ...]
    transport_cc: bool
    nack: bool


def announcement(media: NegotiatedMedia) -> Announcement:
    """Give what the engine has to know of the track on an m-line."""
    return Announcement(
        codecs=frozenset(codec.for_engine for codec in media.codecs),
        rids=media.rids,
        ssrcs=media.ssrcs,
        transport_cc=media.transport_cc,
        nack=media.nack,
    )


@dataclass(slots=True)
class Sending:
    """One publication as its leg brings it."""

    mid: Mid
    track: TrackId
    since_ns: int
    announcement: Announcement | None
    settled: bool = False
    """Whether the engine knows if it is muted; before, nobody is given the track."""
    asked_codec: str | None = None
    """The codec for which the participant has been asked to offer again, until they do."""
    asked_ns: int | None = None
    """When that was last asked."""
