"""Somebody in a room.

Pure. The identity of the token stays here; others know only the random id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.ids import ParticipantId, PublicationId
from relay.rooms.permissions import Permissions, Role, Source
from relay.rooms.track import Publication, TrackInfo


@dataclass(slots=True)
class Participant:
    """One person or device, from their first join to their leave."""

    id: ParticipantId
    identity: str = field(repr=False)
    role: Role
    permissions: Permissions
    connected: bool = True
    """Whether their signalling is attached; a seat that is kept is not."""
    publications: dict[Source, Publication] = field(default_factory=dict)
    unwanted: set[PublicationId] = field(default_factory=set)
    """Tracks of others this participant has asked not to receive."""

    def publication(self, publication: PublicationId) -> Publication | None:
        """Find one of their tracks."""
        return next((own for own in self.publications.values() if own.id == publication), None)

    def info(self) -> ParticipantInfo:
        """Describe them as others see them."""
        return ParticipantInfo(
            id=self.id,
            role=self.role,
            connected=self.connected,
            tracks=tuple(own.info() for own in self.publications.values()),
        )


@dataclass(frozen=True, slots=True)
class ParticipantInfo:
    """What others are told about a participant."""

    id: ParticipantId
    role: Role
    connected: bool
    tracks: tuple[TrackInfo, ...]
