"""A room with people in it: the pure model, and for each participant their place.

A place is what a seat holds while its sockets and legs come and go. Telling people things happens
here; `relay.routing.bindings` moves media, `relay.seats.answering` makes legs. Starts no task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.clock import Clock
from relay.ids import ParticipantId, PublicationId, SeatId, TrackId
from relay.legs.leg import NO_TRACK, Leg
from relay.messages.held import HeldMessages
from relay.messages.pace import MessagePace
from relay.metrics.table import MESSAGES_UNDELIVERED, SLOW_CONSUMERS
from relay.metrics.tally import Tally
from relay.places.health import Health
from relay.places.list_pace import ListPace
from relay.places.mailbox import Mailbox
from relay.places.quality import Judge, Totals
from relay.places.relocation import Elsewhere, Relocation
from relay.rooms.closings import closing
from relay.rooms.events import (
    ConnectionChanged,
    Direction,
    EncodingsChosen,
    ParticipantChanged,
    SeatEvent,
    SilencesChanged,
    SlotsChanged,
    SubscriptionsChanged,
)
from relay.rooms.holding_back import held_back
from relay.rooms.leg_states import LegState
from relay.rooms.participant import Participant
from relay.rooms.permissions import Right
from relay.rooms.room import Room
from relay.rooms.seat_states import SeatInput, SeatState, seat_after
from relay.rooms.slots import NO_SHORTAGE, Shortage
from relay.rooms.standing import Standing
from relay.rooms.standing_events import (
    HeldBackChanged,
    RelocationAsked,
    WaitingChanged,
    WaitingRoomChanged,
)
from relay.rooms.track import Publication
from relay.transports.sdp import CodecPolicy

MAX_DESCRIBED: Final = 50
"""Who waits beyond these is counted: a list for a screen, told anew with every change."""


@dataclass(slots=True, eq=False)
class Place:
    """One participant's place in an open room."""

    id: SeatId
    secret: str = field(repr=False)
    participant: Participant
    room: OpenRoom
    joined_ns: int
    state: SeatState = SeatState.ATTACHED
    kept_since_ns: int | None = None
    mailbox: Mailbox = field(default_factory=Mailbox)
    leg: Leg | None = None
    relocation: Relocation | None = None
    elsewhere: Elsewhere | None = None
    ticket: str = field(default="", repr=False)
    """Of the last relocation: an offer of its leg may have been under way when it ended."""
    previous: Leg | None = None
    """The leg before a reload: it feeds the others until the new one has its keys."""
    connection: ConnectionChanged | None = None
    slots: SlotsChanged | None = None
    subscriptions: SubscriptionsChanged | None = None
    shortage: Shortage = NO_SHORTAGE
    encodings: dict[PublicationId, EncodingsChosen] = field(default_factory=dict)
    """What the participant has been asked to send of their tracks."""
    held: HeldMessages = field(default_factory=HeldMessages)
    pace: MessagePace = field(default_factory=MessagePace)
    speaking: bool = False
    connected_once: bool = False
    media_once: bool = False
    told_waiting: WaitingChanged | None = None
    """Their place in the waiting room, as last told."""
    totals: Totals = field(default_factory=Totals)
    health: Health = field(default_factory=Health)
    """What the participant's client says of its devices and its players."""
    silences: SilencesChanged | None = None
    """Those that the participant was last told of; `None` before any."""
    judges: dict[Direction, Judge] = field(
        default_factory=lambda: {"from": Judge(), "towards": Judge()}
    )

    def tell(self, event: SeatEvent) -> None:
        """Tell the participant something; a reader that does not follow loses its attachment."""
        if not self.mailbox.put(event):
            self.room.tally.count(SLOW_CONSUMERS)
            self.detach()

    def ask_to_send(self, chosen: EncodingsChosen) -> None:
        """Ask the participant for other encodings of a track, where that is new."""
        if self.encodings.get(chosen.track) != chosen:
            self.encodings[chosen.track] = chosen
            self.tell(chosen)

    def is_idle(self, track: PublicationId) -> bool:
        """Whether the participant was asked to send nothing of a track: nobody watches it."""
        chosen = self.encodings.get(track)
        return chosen is not None and not any(each.active for each in chosen.encodings)

    def forget_encodings(self) -> None:
        """Drop what was asked for tracks that are no longer published."""
        published = {own.id for own in self.participant.publications.values()}
        for track in self.encodings.keys() - published:
            del self.encodings[track]

    def attach(self, happening: SeatInput) -> Mailbox:
        """Give the place to a new attachment; the old one is told why.

        Raises:
            SeatUnknown: The seat has ended.

        """
        self.state = seat_after(self.state, happening)
        taken_over = happening is SeatInput.TAKE_OVER
        self.mailbox.close(closing("taken_over" if taken_over else "replaced"))
        self.mailbox = Mailbox()
        self.health = Health()  # what another page said is not this one's
        self.kept_since_ns = None
        self._show(connected=True)
        return self.mailbox

    def detach(self) -> None:
        """Keep the place without an attachment. Idempotent."""
        self.state = seat_after(self.state, SeatInput.DETACH)
        self.mailbox.close()
        if self.state is SeatState.KEPT and self.kept_since_ns is None:
            self.kept_since_ns = self.room.clock.now_ns()
            self._show(connected=False)

    def kept_ns(self, now_ns: int) -> int:
        """Say for how long nobody has been attached; 0 while somebody is."""
        return 0 if self.kept_since_ns is None else now_ns - self.kept_since_ns

    def end_late_relocation(self, now_ns: int) -> None:
        """Wait no longer for a second leg that has not come up in time."""
        if self.relocation is not None and now_ns >= self.relocation.due_ns:
            self.relocation.late()

    def drop_held(self) -> None:
        """Give up on messages nobody is there to take."""
        gone = self.held.clear()
        if gone:
            self.room.tally.count(MESSAGES_UNDELIVERED, gone, reason="seat_ended")

    def source_leg(self) -> Leg | None:
        """The leg that feeds the others just now."""
        fresh = self.leg
        if self.previous is not None and (fresh is None or fresh.state is LegState.CONNECTING):
            return self.previous
        return fresh

    def track_of(self, publication: PublicationId) -> TrackId:
        """The engine's track that others receive for a publication; 0 while there is none."""
        leg = self.source_leg()
        return NO_TRACK if leg is None else leg.track_of(publication)

    def legs(self) -> Iterator[Leg]:
        """The present leg and the one before, as far as there are."""
        return (leg for leg in (self.leg, self.previous) if leg is not None)

    def forget_media(self) -> None:
        """Begin anew, as if no leg had ever been: the participant waits, or is somebody else's."""
        self.connection = self.slots = self.subscriptions = self.silences = None
        self.health = Health()
        self.shortage = NO_SHORTAGE
        self.encodings.clear()
        self.speaking = self.connected_once = self.media_once = False
        self.totals = Totals()
        self.judges = {"from": Judge(), "towards": Judge()}

    def _show(self, *, connected: bool) -> None:
        who = self.participant
        if who.connected is connected:
            return
        who.connected = connected
        if who.standing is Standing.ADMITTED:
            self.room.tell_others(who.id, self.room.changed(who))
        else:
            self.room.tell_who_waits()


def tells_nobody(_: OpenRoom) -> None:
    """Whom a room that nobody adapts tells of its changes."""


@dataclass(slots=True, eq=False)
class OpenRoom:
    """One consultation, with everybody's place."""

    model: Room
    clock: Clock
    tally: Tally
    policy: CodecPolicy = field(default_factory=CodecPolicy)
    places: dict[ParticipantId, Place] = field(default_factory=dict)
    """Of those who are in; whatever moves media looks here and nowhere else."""
    waiting: dict[ParticipantId, Place] = field(default_factory=dict)
    expected: int = 0
    """How many are on their way here by a second leg: it does not close before they have come."""
    rerouted: Callable[[OpenRoom], None] = field(default=tells_nobody)
    """Told when who receives what may have changed."""
    has_claims: bool = False
    """Whether a client has said something of its health since that was last looked at."""
    list_pace: ListPace = field(default_factory=ListPace)
    unsettled: bool = False
    """Whether the engine had no room for a command, or a publisher cannot be asked yet."""

    def others(self, participant: ParticipantId) -> list[Place]:
        """Everybody else's place."""
        return [place for who, place in self.places.items() if who != participant]

    def tell_others(self, participant: ParticipantId, event: SeatEvent) -> None:
        """Tell everybody but one."""
        for place in self.others(participant):
            place.tell(event)

    def tell_all(self, event: SeatEvent) -> None:
        """Tell everybody."""
        for place in list(self.places.values()):
            place.tell(event)

    def tell_reached(self, participant: ParticipantId, event: SeatEvent) -> None:
        """Tell of somebody's media everybody whom it may reach."""
        for place in self.others(participant):
            if self.model.reaches(participant, place.participant.id):
                place.tell(event)

    def everybody(self) -> list[Place]:
        """Who is in, and who waits."""
        return [*self.places.values(), *self.waiting.values()]

    def place_of(self, participant: ParticipantId) -> Place:
        """The place of somebody who is in or waits."""
        return self.places.get(participant) or self.waiting[participant]

    def changed(self, participant: Participant) -> ParticipantChanged:
        """Say how somebody is to be seen by the others."""
        return ParticipantChanged(participant.id, participant.connected, bool(participant.group))

    def tell_who_waits(self) -> None:
        """Tell those who wait their places, where that is new, and who waits to those who admit."""
        queue, notice = self.model.queue(), self.model.notice
        for position, each in enumerate(queue, start=1):
            place, told = self.waiting[each.id], self.waiting[each.id].told_waiting
            if told is None or (told.place, told.notice) != (position, notice):
                place.told_waiting = WaitingChanged(position, notice)
                place.tell(place.told_waiting)
        if self.list_pace.allows(self.clock.now_ns()):
            self.tell_list()

    def tell_list(self) -> None:
        """Tell who waits to those who may admit."""
        self.list_pace.is_due = False
        if admitters := [p for p in self.everybody() if p.participant.may(Right.ADMIT)]:
            told = self.who_waits()
            for place in admitters:
                place.tell(told)

    def tell_standing(self, place: Place) -> None:
        """Tell an attachment that begins how its participant stands, where there is anything."""
        who = place.participant
        if who.standing is Standing.WAITING:
            position = self.model.queue().index(who) + 1
            place.told_waiting = WaitingChanged(position, self.model.notice)
            place.tell(place.told_waiting)
        if who.may(Right.ADMIT) and (self.model.waiting or self.model.notice):
            place.tell(self.who_waits())
        if held := held_back(self.model, who):
            place.tell(HeldBackChanged(tuple(sorted(held))))
        if place.relocation is not None:
            place.tell(RelocationAsked(place.relocation.ticket))
        if (there := place.elsewhere) is not None and self.clock.now_ns() < there.due_ns:
            place.tell(RelocationAsked(there.token, there.url))

    def who_waits(self) -> WaitingRoomChanged:
        """Describe the waiting room to those who may admit."""
        queue, now_ns = self.model.queue(), self.clock.now_ns()
        people = tuple(each.waiting_info(now_ns) for each in queue[:MAX_DESCRIBED])
        return WaitingRoomChanged(people, len(queue), self.model.notice)

    def track_of(self, publication: Publication) -> TrackId:
        """The engine's track of anybody's publication; 0 while there is none."""
        return self.places[publication.publisher].track_of(publication.id)
