"""What a platform sees of people's media, says to them and ends, besides what `room_desk` does.

No seat is needed and no rights are asked for: whoever calls has been recognised by signalling's
API. Starts no task. Made by `relay.service`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import structlog

from relay.errors import Conflict, NotFound, UnknownRoom
from relay.ids import ParticipantId, RoomId
from relay.messages.message import Message
from relay.metrics.of_rooms import MODERATIONS
from relay.moderation.moderating import moderation
from relay.monitoring.silences import Silences
from relay.places.open_rooms import Place
from relay.places.quality import Judge
from relay.places.relocation import Elsewhere
from relay.rooms.closings import closing
from relay.rooms.events import Direction, Silence, Verdict
from relay.rooms.leg_states import LegState
from relay.rooms.moderation import Moderation
from relay.rooms.seat_states import SeatInput
from relay.rooms.settings import RoomSettings
from relay.rooms.standing_events import RelocationAsked
from relay.routing.conversation import announce
from relay.seats.seating import Seating
from relay.units import ns_of_seconds

ELSEWHERE_S: Final = 20.0
"""What a page may take to go over: the SDK gives up after 15 s."""

_log: Final = structlog.get_logger(__name__)

PLATFORM: Final = "platform"
"""Whom a message of the platform is from, and its role: no participant has such an id."""


@dataclass(frozen=True, slots=True)
class PathView:
    """How somebody's media travels in one direction; `None` figures could not be judged yet."""

    verdict: Verdict
    loss_ratio: float | None
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class MediaView:
    """How somebody's media is just now."""

    state: LegState | None
    """Of their transport; `None` before the first."""
    speaking: bool
    paths: dict[Direction, PathView]


@dataclass(frozen=True, slots=True)
class SilenceView:
    """Somebody who is not heard or seen, by the pseudonyms of whoever sent them there."""

    silence: Silence
    publisher: str = field(repr=False)
    receiver: str | None = field(repr=False)
    """`None` where nobody hears or sees them."""


class Steering:
    """Open rooms, seen and steered from outside."""

    def __init__(self, seating: Seating, silences: Silences) -> None:
        self._seating, self._silences = seating, silences

    def is_open(self, name: RoomId) -> bool:
        """Whether somebody is in a room or waits, or is on their way there."""
        return name in self._seating.rooms

    def media(self, name: RoomId) -> dict[ParticipantId, MediaView]:
        """Describe the media of everybody in a room; of nobody where it is not open."""
        room = self._seating.rooms.get(name)
        places = () if room is None else room.places.values()
        return {place.participant.id: _media(place) for place in places}

    def silences(self, name: RoomId) -> list[SilenceView]:
        """Tell who in a room is not heard or seen; nobody where it is not open."""
        room = self._seating.rooms.get(name)
        if room is None:
            return []
        people = room.model.participants
        return [
            SilenceView(
                silence=each,
                publisher=people[each.publisher].identity,
                receiver=None if each.receiver is None else people[each.receiver].identity,
            )
            for each in self._silences.standing(room)
            # Whoever has just left is none of it any more, and the next look says so.
            if each.publisher in people and (each.receiver is None or each.receiver in people)
        ]

    def moderation_as(self, name: RoomId, actor: ParticipantId) -> Moderation:
        """Give the commands that somebody in a room has, with their rights.

        Raises:
            UnknownRoom: The room is not open.
            NotFound: They are not there.

        """
        room = self._seating.rooms.get(name)
        if room is None:
            raise UnknownRoom
        return moderation(self._seating, room, room.model.find(actor))

    def send_on(self, name: RoomId, who: ParticipantId, url: str, token: str) -> None:
        """Ask somebody's page to go on at another relay; until it is there they stay.

        Args:
            name: The room they are in, or wait for.
            who: They.
            url: Of the other relay's WebSocket.
            token: With which they join there.

        Raises:
            UnknownRoom: The room is not open.
            NotFound: They are not there.
            Conflict: Their page is not connected just now.

        """
        room = self._seating.rooms.get(name)
        if room is None:
            raise UnknownRoom
        place = room.place_of(room.model.find(who).id)
        if not place.participant.connected:
            raise Conflict("The participant's page is not connected.", action="Try again later.")
        due_ns = room.clock.now_ns() + ns_of_seconds(ELSEWHERE_S)
        place.elsewhere = Elsewhere(url, token, due_ns)
        place.tell(RelocationAsked(token, url))
        room.tally.count(MODERATIONS, command="sent_on")
        _log.info("somebody is sent on to another relay")

    def open_for_newcomer(
        self, name: RoomId, settings: RoomSettings, notice: str, closes_in_s: float | None
    ) -> None:
        """Open a room for somebody who is about to join; it closes with its last participant.

        Args:
            name: Nothing happens where it is open.
            settings: How its platform wants it.
            notice: What those who wait read.
            closes_in_s: Until its platform closes it; `None` where it names no hour.

        Raises:
            LimitReached: No further room can be opened.
            Overloaded: The relay takes no new consultations, because it stops.

        """
        if name not in self._seating.rooms:
            room = self._seating.open(name, settings, notice=notice)
            room.model.ending.close_in(closes_in_s, room.clock.now_ns())

    def settle(self, name: RoomId) -> None:
        """Close a room that was opened for somebody who did not get in."""
        room = self._seating.rooms.get(name)
        if room is not None and not room.everybody():
            self._seating.settle(room, was_in=False)

    def send(self, name: RoomId, message: Message) -> int:
        """Deliver a message of the platform; give to how many it went or will go.

        Raises:
            NotFound: The room is not open, or nobody in it is addressed.
            CallerError: It could be delivered to nobody.
            Overloaded: All who are addressed have not taken enough of what was sent before.

        """
        room = self._seating.rooms.get(name)
        if room is None:
            raise NotFound(
                "Nobody is in this room.", action="Wait until somebody has joined; ask who is in."
            )
        return announce(room, message, sender=PLATFORM)

    def end_all(self) -> None:
        """End every consultation because the relay stops; whoever listens hears of it."""
        places = list(self._seating.all_places())
        for place in places:  # before any of them ends: nobody is told that the others left
            place.mailbox.close(closing("draining"))
        for place in places:
            self._seating.end(place, SeatInput.CLOSE, "draining")


def _media(place: Place) -> MediaView:
    leg = place.source_leg()
    return MediaView(
        state=None if leg is None else leg.state,
        speaking=place.speaking,
        paths={direction: _path(judge) for direction, judge in place.judges.items()},
    )


def _path(judge: Judge) -> PathView:
    heard = judge.heard
    return PathView(
        verdict=judge.verdict,
        loss_ratio=None if heard is None else heard.loss_ratio,
        rtt_ms=None if heard is None else heard.rtt_ms,
    )
