"""Somebody in a room, or in its waiting room.

Pure. The identity of the token stays here; others know only the random id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.ids import ParticipantId, PublicationId, RoomId
from relay.precall import KeptCheck, PrecallVerdict
from relay.rooms.permissions import Permissions, Right, Role, Source
from relay.rooms.settings import Priority
from relay.rooms.standing import Standing
from relay.rooms.track import Publication, TrackInfo
from relay.units import NS_PER_S


@dataclass(frozen=True, slots=True)
class Waiting:
    """What counts while somebody waits."""

    since_ns: int = 0
    priority: Priority = Priority.NORMAL
    label: str = field(default="", repr=False)


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
    standing: Standing = Standing.ADMITTED
    waiting: Waiting = field(default_factory=Waiting)
    token: str = field(default="", repr=False)
    """The id of the token they came with last."""
    origins: frozenset[RoomId] = field(default=frozenset(), repr=False)
    """The rooms that tokens of theirs were for: after a move, others than the one they are in."""
    group: str = field(default="", repr=False)
    """Of the private conversation they take part in, its key; `""` for none."""
    check: KeptCheck | None = None
    """What their own check before the consultation came to."""

    def may(self, right: Right) -> bool:
        """Whether they have a right over others or the room."""
        return right in self.permissions.rights

    def publication(self, publication: PublicationId) -> Publication | None:
        """Find one of their tracks."""
        return next((own for own in self.publications.values() if own.id == publication), None)

    def info(self, *, hidden: bool = False) -> ParticipantInfo:
        """Describe them as others see them.

        Args:
            hidden: Whether whoever is told is not among those they confer with.

        """
        tracks = () if hidden else tuple(own.info() for own in self.publications.values())
        return ParticipantInfo(self.id, self.role, self.connected, tracks, bool(self.group))

    def waiting_info(self, now_ns: int) -> WaitingInfo:
        """Describe them to those who may admit them."""
        return WaitingInfo(
            id=self.id,
            role=self.role,
            connected=self.connected,
            label=self.waiting.label,
            priority=self.waiting.priority,
            waited_s=(now_ns - self.waiting.since_ns) // NS_PER_S,
            precall=None if self.check is None else self.check.result.verdict,
        )


@dataclass(frozen=True, slots=True)
class ParticipantInfo:
    """What others are told about a participant."""

    id: ParticipantId
    role: Role
    connected: bool
    tracks: tuple[TrackInfo, ...]
    private: bool = False
    """Whether they confer in private just now."""


@dataclass(frozen=True, slots=True)
class WaitingInfo:
    """What those who may admit are told about somebody who waits."""

    id: ParticipantId
    role: Role
    connected: bool
    label: str = field(repr=False)
    priority: Priority
    waited_s: int
    precall: PrecallVerdict | None = None
    """Whether they found that they can consult; `None`: they have not looked."""
