"""A room: who is in it, who waits, and what each of them is to receive.

Pure. Methods change the model and raise a `CallerError` where a request cannot be met; telling the
others and moving media is `relay.seats.seat` and `relay.routing.bindings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from relay.errors import Conflict, LimitReached, NotAllowed, NotFound
from relay.ids import ParticipantId, PublicationId, RoomId, WorkerIndex
from relay.rooms.announcing import require_publishable
from relay.rooms.conferring import Conferring, groups_of
from relay.rooms.ending import Ending
from relay.rooms.participant import Participant, ParticipantInfo
from relay.rooms.permissions import Grant, Kind, Right, Source, permissions_of
from relay.rooms.settings import RoomSettings
from relay.rooms.snapshot import RoomSnapshot, RoomState
from relay.rooms.standing import Standing, StandingInput, standing_after
from relay.rooms.track import Mark, Publication


@dataclass(slots=True)
class Room:
    """One consultation."""

    id: RoomId
    worker: WorkerIndex
    participants: dict[ParticipantId, Participant] = field(default_factory=dict)
    """In the order they came in."""
    waiting: dict[ParticipantId, Participant] = field(default_factory=dict)
    """In the order they came; nothing of anybody in the room reaches them, nor the other way."""
    settings: RoomSettings = field(default_factory=RoomSettings)
    notice: str = field(default="", repr=False)
    """What those who wait are to read."""
    locked: bool = False
    conferring: Conferring = field(default_factory=Conferring)
    """Who confers: of these nothing reaches the others, while they go on receiving everybody."""
    held_back: dict[str, frozenset[Source]] = field(default_factory=dict, repr=False)
    """By identity, what a moderator lets nobody have; leaving and coming again changes nothing."""
    must_wait: set[str] = field(default_factory=set, repr=False)
    """Identities that were sent back, and do not get around it by leaving."""
    readmitted: set[str] = field(default_factory=set, repr=False)
    """Identities that had a seat before the relay was started again, and have not come back yet."""
    ending: Ending = field(default_factory=Ending)

    @property
    def private(self) -> frozenset[ParticipantId]:
        """Who in the room confers just now."""
        return frozenset(groups_of(self.participants.values()))

    def enter(self, participant: Participant) -> None:
        """Add somebody, where their standing says; admission has been asked before."""
        assert participant.id not in self.participants
        assert participant.id not in self.waiting
        participant.group = self.conferring.group_of(participant)
        self.readmitted.discard(participant.identity)
        self._of_standing(participant.standing)[participant.id] = participant

    def leave(self, participant: ParticipantId, happening: StandingInput) -> None:
        """Remove somebody and everything that hung on them."""
        self.change_standing(self.find(participant), happening)

    def change_standing(self, participant: Participant, happening: StandingInput) -> bool:
        """Let something happen to somebody's standing, and tell whether it changed.

        Raises:
            NotFound: They are no longer in the room.

        """
        before = participant.standing
        after = standing_after(before, happening)
        if after is before:
            return False
        self._of_standing(before).pop(participant.id)
        if before is Standing.ADMITTED:
            self._empty_hands(participant)
        participant.standing = after
        if after is not Standing.GONE:
            self._of_standing(after)[participant.id] = participant
        return True

    def find(self, participant: ParticipantId) -> Participant:
        """Give somebody who is in the room or waits.

        Raises:
            NotFound: They are neither.

        """
        found = self.participants.get(participant) or self.waiting.get(participant)
        if found is None:
            raise NotFound("This participant is not in the room.")
        return found

    def of_identity(self, identity: str) -> Participant | None:
        """Find who joined with this identity."""
        return next((p for p in self.everybody() if p.identity == identity), None)

    def lets_in(self, grant: Grant) -> bool:
        """Whether somebody comes straight in; whoever may admit does not wait to be admitted."""
        if Right.ADMIT in permissions_of(grant).rights:
            return True
        waits = grant.arrival.waits or self.settings.waiting_room
        is_let_in = not waits or grant.identity in self.readmitted
        return is_let_in and grant.identity not in self.must_wait

    def everybody(self) -> tuple[Participant, ...]:
        """Who is in the room, and who waits."""
        return (*self.participants.values(), *self.waiting.values())

    def queue(self) -> list[Participant]:
        """Give who waits, in the order of their places: urgent first, then as they came."""
        return sorted(self.waiting.values(), key=lambda each: each.waiting.priority.rank)

    def others(self, participant: ParticipantId) -> Iterator[Participant]:
        """Everybody else in the room, in the order they came in."""
        return (other for other in self.participants.values() if other.id != participant)

    def reaches(self, publisher: ParticipantId, receiver: ParticipantId) -> bool:
        """Whether anything somebody sends may reach another."""
        one, other = self.participants.get(publisher), self.participants.get(receiver)
        if one is None or other is None:
            return False
        return not one.group or one.group == other.group

    def info(self, participant: Participant, told: ParticipantId) -> ParticipantInfo:
        """Describe somebody to another one."""
        return participant.info(hidden=not self.reaches(participant.id, told))

    def snapshot(self, participant: ParticipantId, now_ns: int) -> RoomSnapshot:
        """Describe the room to one participant; whoever waits learns nothing."""
        if participant not in self.participants:
            return RoomSnapshot(())
        others = tuple(self.info(o, participant) for o in self.others(participant))
        return RoomSnapshot(others, self.state(now_ns))

    def state(self, now_ns: int) -> RoomState:
        """Say how the room stands."""
        return RoomState(self.locked, self.ending.left_s(now_ns))

    def publish(
        self, participant: ParticipantId, source: Source, new_id: PublicationId
    ) -> Publication:
        """Announce a track; a source already announced keeps its publication: id, mute and mark.

        Args:
            participant: Who publishes.
            source: Where the track comes from.
            new_id: The id the publication gets if it is new.

        Raises:
            NotAllowed: The participant may not publish this source.
            LimitReached: As many publish as may.

        """
        publisher = self.participants[participant]
        require_publishable(publisher, source)
        known = publisher.publications.get(source)
        if known is not None:
            return known
        self.require_stage(publisher)
        held_back = source in self.held_back.get(publisher.identity, ())
        publication = Publication(new_id, participant, source, held_back=held_back)
        publisher.publications[source] = publication
        return publication

    def unpublish(self, participant: ParticipantId, publication: PublicationId) -> Publication:
        """Take a track back.

        Raises:
            NotFound: The participant has no such track.

        """
        own = self._own(participant, publication)
        del self.participants[participant].publications[own.source]
        self._forget(publication)
        return own

    def mute(
        self, participant: ParticipantId, publication: PublicationId, *, muted: bool
    ) -> Publication | None:
        """Mute or unmute one's own track; `None` where it already was so.

        Raises:
            NotFound: The participant has no such track.

        """
        own = self._own(participant, publication)
        if own.own_mute == muted:
            return None
        own.own_mute = muted
        return own

    def mark(
        self, participant: ParticipantId, publication: PublicationId, keeps: Mark | None
    ) -> bool:
        """Say what of one's own picture is given up last; whether that is news.

        Raises:
            NotFound: The participant has no such track.
            Conflict: It is no picture.

        """
        own = self._own(participant, publication)
        if own.kind is not Kind.VIDEO:
            raise Conflict(
                "Sound cannot be marked: none of it is given up.",
                action="Mark a camera or a screen.",
            )
        is_news = own.keeps != keeps
        own.keeps = keeps
        return is_news

    def subscribe(
        self, participant: ParticipantId, publication: PublicationId, *, wanted: bool
    ) -> None:
        """Choose whether to receive somebody else's track.

        Raises:
            NotAllowed: The participant may receive nothing.
            NotFound: Nobody else publishes such a track.

        """
        subscriber = self.participants[participant]
        if not subscriber.permissions.subscribe:
            raise NotAllowed("Your role in this room does not permit receiving sound or image.")
        publishers = (o for o in self.others(participant) if self.reaches(o.id, participant))
        if all(other.publication(publication) is None for other in publishers):
            raise NotFound("This track is not published by anybody in the room.")
        if wanted:
            subscriber.unwanted.discard(publication)
        else:
            subscriber.unwanted.add(publication)

    def wanted_by(self, participant: ParticipantId) -> tuple[Publication, ...]:
        """Give what a participant is to receive, publishers in the order they joined."""
        subscriber = self.participants[participant]
        if not subscriber.permissions.subscribe:
            return ()
        return tuple(
            publication
            for other in self.others(participant)
            if self.reaches(other.id, participant)
            for publication in other.publications.values()
            if publication.id not in subscriber.unwanted
        )

    def receivers_of(self, publication: Publication) -> Iterator[Participant]:
        """Everybody who is to receive a track."""
        return (
            other
            for other in self.others(publication.publisher)
            if other.permissions.subscribe
            and publication.id not in other.unwanted
            and self.reaches(publication.publisher, other.id)
        )

    def require_stage(self, publisher: Participant) -> None:
        """Hold a publisher against how many may publish at once.

        Raises:
            LimitReached: They would be one too many.

        """
        publishing = sum(bool(other.publications) for other in self.others(publisher.id))
        if not publisher.publications and publishing >= self.settings.max_publishing:
            raise LimitReached(
                "As many people as possible are already seen and heard in this room.",
                action="You can listen and watch; ask somebody to leave before you speak.",
            )

    def _own(self, participant: ParticipantId, publication: PublicationId) -> Publication:
        own = self.participants[participant].publication(publication)
        if own is None:
            raise NotFound("This track is not one of yours.")
        return own

    def _of_standing(self, standing: Standing) -> dict[ParticipantId, Participant]:
        assert standing is not Standing.GONE, "whoever is gone is nowhere"
        return self.participants if standing is Standing.ADMITTED else self.waiting

    def _empty_hands(self, participant: Participant) -> None:
        """Take from somebody who goes out what they publish and wish for."""
        for publication in participant.publications.values():
            self._forget(publication.id)
        participant.publications.clear()
        participant.unwanted.clear()

    def _forget(self, publication: PublicationId) -> None:
        for participant in self.participants.values():
            participant.unwanted.discard(publication)
