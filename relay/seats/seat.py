"""A seat as its holder uses it: signalling's door to one participant.

A `Seat` is one attachment's hold on a place (`relay.places.open_rooms`); when another attachment
takes the place, requests on this one are refused and its events end. Made by `relay.service`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping

from relay.charts.facts import Network
from relay.errors import CallerError, Conflict, NotAdmitted, PeerError, SeatUnknown, ServerError
from relay.ids import Mid, ParticipantId, PublicationId, SeatId
from relay.metrics import table
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.events import LeaveReason, SeatEvent, TrackMuted, TrackUnpublished
from relay.rooms.moderation import Moderation
from relay.rooms.participant import Participant
from relay.rooms.permissions import Right, Role, Source
from relay.rooms.seat_states import SeatInput
from relay.rooms.snapshot import RoomSnapshot
from relay.rooms.standing import Standing
from relay.rooms.track import Mark, TrackInfo
from relay.routing.bindings import rebind
from relay.seats.answering import Answer, Means, answer_untrusted, publish, require_publishing
from relay.trouble import Playing, Sending
from relay.units import seconds_of_ns

End = Callable[[Place, SeatInput, LeaveReason], None]
Commands = Callable[[OpenRoom, Participant], Moderation]


class Seat:
    """One attachment to a place."""

    def __init__(self, place: Place, means: Means, end: End, commands: Commands) -> None:
        self._place = place
        self._commands = commands
        self._mailbox = place.mailbox
        self._means = means
        self._end = end

    @property
    def id(self) -> SeatId:
        """With the secret, what a resume needs."""
        return self._place.id

    @property
    def resume_secret(self) -> str:
        """Whoever has it takes the seat: for its holder only."""
        return self._place.secret

    @property
    def participant(self) -> ParticipantId:
        """What the others know the holder by."""
        return self._place.participant.id

    @property
    def role(self) -> Role:
        """The holder's role."""
        return self._place.participant.role

    def tracks(self) -> tuple[TrackInfo, ...]:
        """Describe what the holder publishes, as the others know it."""
        published = self._held().participant.publications.values()
        return tuple(own.own_info() for own in published)

    def snapshot(self) -> RoomSnapshot:
        """Describe the others in the room."""
        room = self._held().room
        return room.model.snapshot(self.participant, room.clock.now_ns())

    @property
    def standing(self) -> Standing:
        """Whether the holder is in the room or waits."""
        return self._place.participant.standing

    @property
    def rights(self) -> frozenset[Right]:
        """What the holder may do with the others and the room."""
        return self._place.participant.permissions.rights

    @property
    def confers(self) -> bool:
        """Whether the holder takes part in a private conversation just now."""
        return self._place.participant.id in self._place.room.model.private

    @property
    def group(self) -> str:
        """The key of the holder's private conversation; `""` for none: for its holder only."""
        return self._place.participant.group

    def moderation(self) -> Moderation:
        """Give the holder's commands over the others; each is held against their rights."""
        place = self._held()
        return self._commands(place.room, place.participant)

    async def negotiate(
        self,
        offer_sdp: str,
        tracks: Mapping[Mid, Source],
        *,
        fresh: bool,
        ticket: str | None = None,
    ) -> Answer:
        """Answer an offer; see `relay.seats.answering`.

        Raises:
            NotAdmitted: The participant waits: there is no media either way.
            CallerError: The offer or its tracks cannot be accepted; media is as it was.

        *Cancellation:* there is no moment at which this could be cancelled.
        """
        place = self._admitted()
        clock, tally = place.room.clock, place.room.tally
        began_ns = clock.now_ns()
        try:
            answer = answer_untrusted(
                place, offer_sdp, tracks, self._means, fresh=fresh, ticket=ticket
            )
        except (CallerError, PeerError) as error:
            tally.count(table.BAD_INPUT, door="offer", reason=error.code)
            raise
        spent_ns = clock.now_ns() - began_ns
        tally.observe(table.ANSWER_DURATION, seconds_of_ns(spent_ns))
        if place.leg is not None:
            place.leg.answering_ns += spent_ns
        return answer

    def publish(self, tracks: Mapping[Mid, Source]) -> list[TrackInfo]:
        """Publish on m-lines that have been negotiated.

        Raises:
            NotAllowed: The participant may not publish one of the sources.
            NotFound: A track names an m-line on which nothing can be sent.
            Conflict: Nothing has been negotiated, or the m-lines do not fit.

        """
        place = self._admitted()
        leg = place.leg
        if leg is None:
            raise Conflict(
                "There is no connection to publish on.",
                action="Open a connection and offer with fresh set to true.",
            )
        require_publishing(place, leg.publishable(), tracks)
        infos = publish(place, leg, tracks)
        rebind(place.room)
        return infos

    def unpublish(self, track: PublicationId) -> None:
        """Take a track back.

        Raises:
            NotFound: The participant has no such track.

        """
        place = self._admitted()
        place.room.model.unpublish(self.participant, track)
        for leg in place.legs():
            leg.withdraw(track)
        place.room.tell_reached(self.participant, TrackUnpublished(self.participant, track))
        rebind(place.room)

    def mute(self, track: PublicationId, muted: bool) -> None:  # noqa: FBT001 - mute(track, True) reads well
        """Mute a track, or unmute it: nothing of a muted track leaves the relay.

        Raises:
            NotFound: The participant has no such track.
            ServerError: The engine could not be told; the track is as it was.

        """
        place = self._admitted()
        changed = place.room.model.mute(self.participant, track, muted=muted)
        if changed is None:
            return
        try:
            for leg in place.legs():
                leg.forward(changed)
        except ServerError:
            # Nobody may believe that they are muted while they are heard.
            place.room.model.mute(self.participant, track, muted=not muted)
            raise
        place.room.tell_reached(
            self.participant, TrackMuted(self.participant, track, changed.muted)
        )
        place.room.rerouted(place.room)

    def mark(self, track: PublicationId, keeps: Mark | None) -> None:
        """Say what of one's own picture is given up last where not all of it can be sent.

        Args:
            track: One's own camera or screen.
            keeps: `None` takes the mark back: whose picture it is decides again.

        Raises:
            NotFound: The participant has no such track.
            Conflict: It is no picture.

        """
        room = self._held().room
        if room.model.mark(self.participant, track, keeps):
            room.rerouted(room)

    def subscribe(self, track: PublicationId, wanted: bool) -> None:  # noqa: FBT001 - as above
        """Choose whether to receive a track.

        Raises:
            NotAllowed: The participant may receive nothing.
            NotFound: Nobody else publishes such a track.

        """
        place = self._admitted()
        place.room.model.subscribe(self.participant, track, wanted=wanted)
        rebind(place.room)

    def report(
        self, sending: Mapping[PublicationId, Sending], playing: Mapping[PublicationId, Playing]
    ) -> None:
        """Take in what the holder's client says of its devices and players.

        What it says of tracks that there are not, or no longer, says nothing.
        """
        place = self._held()
        own = {each.id for each in place.participant.publications.values()}
        others = {
            track.id
            for other in place.room.model.others(self.participant)
            for track in other.publications.values()
        }
        place.room.has_claims = True
        place.health.note(
            {track: state for track, state in sending.items() if track in own},
            {track: state for track, state in playing.items() if track in others},
            place.room.clock.now_ns(),
        )

    def note_received(self, network: Network | None, made_up_ms: int, frozen_ms: int) -> None:
        """Take in what the holder's client says of what it received since the word before.

        Args:
            network: By which way it came; `None` is as before.
            made_up_ms: Of sound, what its players had to make up.
            frozen_ms: For how long pictures stood still.

        """
        self._held().health.note_received(network, made_up_ms, frozen_ms)

    def note_stood(self, began_ms_ago: int, ended_ms_ago: int) -> None:
        """Take in from when to when the holder's page stood still, as it says."""
        place = self._held()
        place.health.note_stood(began_ms_ago, ended_ms_ago, place.room.clock.now_ns())

    def events(self) -> AsyncIterator[SeatEvent]:
        """Give what there is to tell, until this attachment ends.

        *Cancellation:* an event is either given or still queued.
        """
        return self._mailbox.events()

    def detach(self) -> None:
        """Let go: the place is kept for a while. Idempotent, and harmless once replaced."""
        if self._place.mailbox is self._mailbox:
            self._place.detach()

    async def leave(self, reason: LeaveReason) -> None:
        """Give the place up. Idempotent, and harmless once replaced.

        Whoever goes on at another relay, as they were asked to, has moved.

        *Cancellation:* there is no moment at which this could be cancelled.
        """
        place = self._place
        if place.mailbox is self._mailbox:
            there = place.elsewhere
            is_sent = there is not None and place.room.clock.now_ns() < there.due_ns
            self._end(place, SeatInput.LEAVE, "moved" if is_sent and reason == "left" else reason)

    def _held(self) -> Place:
        """The place, as long as this attachment holds it."""
        if self._place.mailbox is not self._mailbox or self._mailbox.closed:
            raise SeatUnknown
        return self._place

    def _admitted(self) -> Place:
        """The place of a participant who is in the room."""
        place = self._held()
        if place.participant.standing is not Standing.ADMITTED:
            raise NotAdmitted
        return place
