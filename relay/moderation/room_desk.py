"""The embedder's backend's desk: rooms looked at and steered from outside.

Sees identities, which nobody in a room does: they are the embedder's own pseudonyms. Knows no HTTP.
Given by `relay.service`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from relay.config import RoomsConfig
from relay.errors import NotFound, UnknownRoom
from relay.ids import ParticipantId, RoomId
from relay.moderation.moderating import moderation
from relay.places.open_rooms import OpenRoom
from relay.precall import CheckResult
from relay.rooms.ejections import Ejections
from relay.rooms.holding_back import held_back
from relay.rooms.moderation import Moderation
from relay.rooms.participant import Participant
from relay.rooms.permissions import Role, Source
from relay.rooms.recalled import Recalled
from relay.rooms.settings import Priority, RoomSettings
from relay.rooms.snapshot import RoomState
from relay.rooms.standing import Standing
from relay.rooms.standing_events import RoomStateChanged
from relay.rooms.track import TrackInfo
from relay.rooms.used_links import UsedLinks
from relay.seats.seating import Seating
from relay.units import NS_PER_S


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody in a room or its waiting room, as the backend that sent them there sees them."""

    participant: ParticipantId
    identity: str = field(repr=False)
    role: Role
    standing: Standing
    connected: bool
    tracks: tuple[TrackInfo, ...]
    held_back: frozenset[Source]
    """What a moderator has muted."""
    private: bool
    place: int | None
    """In the waiting room: 1 for whoever is next; `None` for those who are in."""
    here_s: int
    """Since they came to the room or its waiting room."""
    priority: Priority
    precall: CheckResult | None = None
    """What their own check before the consultation came to."""
    precall_age_s: int = 0


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """A room as the backend sees it, without the people."""

    settings: RoomSettings
    notice: str = field(repr=False)
    state: RoomState
    participants: int
    """Those who are in."""
    waiting: int


@dataclass(frozen=True, slots=True)
class RoomView:
    """A room as the backend sees it."""

    id: RoomId = field(repr=False)
    settings: RoomSettings
    notice: str = field(repr=False)
    state: RoomState
    people: tuple[PersonView, ...]
    """Those who are in, in the order they came in, then those who wait, by their places."""


@dataclass(frozen=True, slots=True)
class RoomDesk:
    """Every command over rooms that needs no seat."""

    _seating: Seating

    def set_room(self, room: RoomId, settings: RoomSettings, closes_in_s: float | None) -> None:
        """Set a room otherwise, for whoever comes next; its duration is `Moderation.extend`'s.

        Args:
            room: One that is open.
            settings: How its platform wants it now.
            closes_in_s: Until its platform closes it, which those in it are told where that is
                new; `None` where it names no hour.

        Raises:
            UnknownRoom: It is not open.

        """
        opened = self._open(room)
        model, now_ns = opened.model, opened.clock.now_ns()
        model.settings = replace(settings, max_duration_s=model.settings.max_duration_s)
        before = model.state(now_ns)
        model.ending.close_in(closes_in_s, now_ns)
        if (after := model.state(now_ns)) != before:
            opened.tell_all(RoomStateChanged(after))

    def moderation(self, room: RoomId) -> Moderation:
        """Give the commands over a room.

        Raises:
            UnknownRoom: It is not open.

        """
        return moderation(self._seating, self._open(room), None)

    def participant_of(self, room: RoomId, identity: str) -> ParticipantId:
        """Find by the identity of their token somebody who is in a room or waits.

        Raises:
            UnknownRoom: The room is not open.
            NotFound: Nobody of that identity is there.

        """
        found = self._open(room).model.of_identity(identity)
        if found is None:
            raise NotFound("This participant is not in the room.")
        return found.id

    def refuse(self, room: RoomId, identity: str) -> None:
        """Refuse the tokens that an identity has until now: of somebody who is not there."""
        self._seating.ejections.note(room, identity, self._seating.clock.now_ns())

    @property
    def refused(self) -> Ejections:
        """Which tokens are no longer good for which rooms."""
        return self._seating.ejections

    @property
    def recalled(self) -> Recalled:
        """How people stood before the relay was started again."""
        return self._seating.recalled

    @property
    def used_links(self) -> UsedLinks:
        """Which tokens that are good for one page have been used."""
        return self._seating.used_links

    def rooms_after(self, name: str, limit: int) -> list[str]:
        """Give the first open rooms whose names come after a name, in the names' order."""
        return self._seating.names.after(name, limit)

    def summary(self, room: RoomId) -> RoomSummary:
        """Describe a room without its people, at the same cost whoever is in it.

        Raises:
            UnknownRoom: It is not open.

        """
        opened = self._open(room)
        model = opened.model
        return RoomSummary(
            settings=model.settings,
            notice=model.notice,
            state=model.state(opened.clock.now_ns()),
            participants=len(model.participants),
            waiting=len(model.waiting),
        )

    def room(self, room: RoomId) -> RoomView:
        """Describe a room.

        Raises:
            UnknownRoom: It is not open.

        """
        opened = self._open(room)
        model, now_ns = opened.model, opened.clock.now_ns()
        inside = [_person(opened, who, None, now_ns) for who in model.participants.values()]
        outside = [
            _person(opened, who, position, now_ns)
            for position, who in enumerate(model.queue(), start=1)
        ]
        return RoomView(
            id=room,
            settings=model.settings,
            notice=model.notice,
            state=model.state(now_ns),
            people=(*inside, *outside),
        )

    def _open(self, room: RoomId) -> OpenRoom:
        opened = self._seating.rooms.get(room)
        if opened is None:
            raise UnknownRoom
        return opened


def settings_of(config: RoomsConfig) -> RoomSettings:
    """Give what rooms are set to that open with their first participant."""
    return RoomSettings(
        waiting_room=config.waiting_room,
        max_participants=config.max_participants,
        max_publishing=config.max_publishing,
        max_waiting=config.max_waiting,
        max_duration_s=config.max_duration_s,
    )


def _person(opened: OpenRoom, who: Participant, place: int | None, now_ns: int) -> PersonView:
    return PersonView(
        participant=who.id,
        identity=who.identity,
        role=who.role,
        standing=who.standing,
        connected=who.connected,
        tracks=tuple(own.info() for own in who.publications.values()),
        held_back=held_back(opened.model, who),
        private=who.id in opened.model.private,
        place=place,
        here_s=(now_ns - who.waiting.since_ns) // NS_PER_S,
        priority=who.waiting.priority,
        precall=None if who.check is None else who.check.result,
        precall_age_s=0 if who.check is None else (now_ns - who.check.taken_ns) // NS_PER_S,
    )
