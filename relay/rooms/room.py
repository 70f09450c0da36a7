"""A room: its participants and what each of them is to receive.

Pure. Methods change the model and raise a `CallerError` where a request cannot be met; telling the
others and moving media is `relay.seats` and `relay.bindings`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from relay.errors import Conflict, NotAllowed, NotFound
from relay.ids import Mid, ParticipantId, PublicationId, RoomId, WorkerIndex
from relay.rooms.participant import Participant, ParticipantInfo
from relay.rooms.permissions import Kind, Source
from relay.rooms.track import Mark, Publication


@dataclass(frozen=True, slots=True)
class RoomSnapshot:
    """The others in a room, as one participant sees them."""

    participants: tuple[ParticipantInfo, ...]


@dataclass(slots=True)
class Room:
    """One consultation."""

    id: RoomId
    worker: WorkerIndex
    participants: dict[ParticipantId, Participant] = field(default_factory=dict)
    """In the order they joined."""

    def enter(self, participant: Participant) -> None:
        """Add somebody; admission has been asked before."""
        assert participant.id not in self.participants
        self.participants[participant.id] = participant

    def leave(self, participant: ParticipantId) -> None:
        """Remove somebody and everything that hung on them."""
        gone = self.participants.pop(participant)
        for publication in gone.publications.values():
            self._forget(publication.id)

    def of_identity(self, identity: str) -> Participant | None:
        """Find who joined with this identity."""
        return next((p for p in self.participants.values() if p.identity == identity), None)

    def others(self, participant: ParticipantId) -> Iterator[Participant]:
        """Everybody else, in the order they joined."""
        return (other for other in self.participants.values() if other.id != participant)

    def snapshot(self, participant: ParticipantId) -> RoomSnapshot:
        """Describe the others to one participant."""
        return RoomSnapshot(tuple(other.info() for other in self.others(participant)))

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

        """
        publisher = self.participants[participant]
        require_publishable(publisher, source)
        known = publisher.publications.get(source)
        if known is not None:
            return known
        publication = Publication(id=new_id, publisher=participant, source=source)
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
        if own.muted == muted:
            return None
        own.muted = muted
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
        if all(other.publication(publication) is None for other in self.others(participant)):
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
            for publication in other.publications.values()
            if publication.id not in subscriber.unwanted
        )

    def receivers_of(self, publication: Publication) -> Iterator[Participant]:
        """Everybody who is to receive a track."""
        return (
            other
            for other in self.others(publication.publisher)
            if other.permissions.subscribe and publication.id not in other.unwanted
        )

    def _own(self, participant: ParticipantId, publication: PublicationId) -> Publication:
        own = self.participants[participant].publication(publication)
        if own is None:
            raise NotFound("This track is not one of yours.")
        return own

    def _forget(self, publication: PublicationId) -> None:
        for participant in self.participants.values():
            participant.unwanted.discard(publication)


def require_publishable(participant: Participant, source: Source) -> None:
    """Hold a source against what its publisher may do.

    Raises:
        NotAllowed: The participant may not publish this source.

    """
    if source not in participant.permissions.publish:
        raise NotAllowed(f"Your role in this room does not permit publishing a {source.value}.")


def require_matching(tracks: Mapping[Mid, Source], kinds: Mapping[Mid, Kind]) -> None:
    """Hold announced sources against the m-lines they name.

    Args:
        tracks: Source by m-line, as announced.
        kinds: Kind by m-line on which the participant may send.

    Raises:
        NotFound: There is no such m-line, or nothing may be sent on it.
        Conflict: The m-line is of the other kind, or two m-lines claim one source.

    """
    for mid, source in tracks.items():
        if mid not in kinds:
            raise NotFound("The track names a media line on which nothing can be sent.")
        if kinds[mid] is not source.kind:
            raise Conflict(f"A {source.value} cannot be sent on a media line for {kinds[mid]}.")
    if len(set(tracks.values())) != len(tracks):
        raise Conflict("Two media lines cannot carry the same source.")
