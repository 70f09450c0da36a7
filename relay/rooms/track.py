"""A published track, as people know it.

Pure. It outlives the leg it came by: a reload brings a new leg and the same publication.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from relay.ids import ParticipantId, PublicationId
from relay.rooms.permissions import Kind, Source

Mark = Literal["motion", "detail", "both"]
"""What of a picture is given up last: its frames, its size, or neither before the other."""


@dataclass(slots=True)
class Publication:
    """One track somebody publishes; each participant has at most one of each source."""

    id: PublicationId
    publisher: ParticipantId
    source: Source
    own_mute: bool = False
    """Whether its publisher has muted it."""
    held_back: bool = False
    """Whether a moderator has."""
    keeps: Mark | None = None
    """As its publisher marked it; `None` where whose picture it is decides."""

    @property
    def muted(self) -> bool:
        """Whether others get nothing of it."""
        return self.own_mute or self.held_back

    @property
    def kind(self) -> Kind:
        """What it is made of."""
        return self.source.kind

    def info(self) -> TrackInfo:
        """Describe it as others see it."""
        return TrackInfo(id=self.id, kind=self.kind, source=self.source, muted=self.muted)

    def own_info(self) -> TrackInfo:
        """Describe it to its publisher: muted only where they did that themselves."""
        return TrackInfo(id=self.id, kind=self.kind, source=self.source, muted=self.own_mute)


@dataclass(frozen=True, slots=True)
class TrackInfo:
    """What others are told about a track."""

    id: PublicationId
    kind: Kind
    source: Source
    muted: bool
