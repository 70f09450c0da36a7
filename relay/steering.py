"""What a platform may see of open rooms, and do to them from outside.

No seat is needed and no rights are asked for: whoever calls has been recognised by signalling's
API. Starts no task, names people by the pseudonyms of their tokens. Made by `relay.service`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from relay.conversation import announce
from relay.errors import NotFound
from relay.ids import ConsultationId, ParticipantId, RoomId
from relay.messages import Message
from relay.open_rooms import OpenRoom, Place
from relay.quality import Judge
from relay.rooms.events import Direction, Verdict, closing
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Role
from relay.rooms.seat_states import SeatInput
from relay.rooms.track import TrackInfo
from relay.seating import Seating
from relay.units import seconds_of_ns

PLATFORM: Final = "platform"
"""Whom a message of the platform is from, and its role: no participant has such an id."""


@dataclass(frozen=True, slots=True)
class OpenRoomView:
    """An open room."""

    room: RoomId = field(repr=False)
    consultation: ConsultationId
    participants: int


@dataclass(frozen=True, slots=True)
class PathView:
    """How somebody's media travels in one direction; `None` figures could not be judged yet."""

    verdict: Verdict
    loss_ratio: float | None
    rtt_ms: float | None


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """Somebody in an open room, for the platform that sent them there."""

    participant: ParticipantId
    identity: str = field(repr=False)
    role: Role
    connected: bool
    """Whether their signalling is attached; a place that is kept is not."""
    media: LegState | None
    """The state of their transport; `None` before the first."""
    tracks: tuple[TrackInfo, ...]
    present_s: float
    speaking: bool
    quality: dict[Direction, PathView]


class Steering:
    """Open rooms, seen and steered from outside."""

    def __init__(self, seating: Seating) -> None:
        self._seating = seating

    def rooms(self) -> Iterator[OpenRoomView]:
        """Describe every open room."""
        return (_described(room) for room in list(self._seating.rooms.values()))

    def room(self, name: RoomId) -> OpenRoomView | None:
        """Describe an open room; `None` where it is not open."""
        room = self._seating.rooms.get(name)
        return None if room is None else _described(room)

    def participants(self, name: RoomId) -> tuple[ParticipantView, ...]:
        """Describe who is in a room, in the order they joined."""
        room = self._seating.rooms.get(name)
        return () if room is None else tuple(_seen(place) for place in room.places.values())

    def holds(self, name: RoomId, identity: str) -> bool:
        """Whether an identity has a place in a room."""
        room = self._seating.rooms.get(name)
        return room is not None and room.model.of_identity(identity) is not None

    def send(self, name: RoomId, message: Message) -> int:
        """Deliver a message of the platform; give to how many it went or will go.

        Raises:
            NotFound: The room is not open, or nobody in it is addressed.
            CallerError: It could be delivered to nobody.
            Overloaded: All who are addressed have not taken enough of what was sent before.

        """
        return announce(self._open(name), message, sender=PLATFORM)

    def end_all(self) -> None:
        """End every consultation because the relay stops; whoever observes hears of it."""
        places = list(self._seating.all_places())
        for place in places:  # before any of them ends: nobody is told that the others left
            place.mailbox.close(closing("draining"))
        for place in places:
            self._seating.end(place, SeatInput.CLOSE, "draining")

    def close(self, name: RoomId) -> None:
        """End a consultation: everybody is told. Nothing happens where the room is not open."""
        room = self._seating.rooms.get(name)
        if room is None:
            return
        for place in list(room.places.values()):
            self._seating.end(place, SeatInput.CLOSE, "room_closed")

    def _open(self, name: RoomId) -> OpenRoom:
        room = self._seating.rooms.get(name)
        if room is None:
            raise NotFound(
                "Nobody is in this room.", action="Wait until somebody has joined; ask who is in."
            )
        return room


def _described(room: OpenRoom) -> OpenRoomView:
    return OpenRoomView(room.model.id, room.consultation, len(room.places))


def _seen(place: Place) -> ParticipantView:
    participant = place.participant
    leg = place.source_leg()
    return ParticipantView(
        participant=participant.id,
        identity=participant.identity,
        role=participant.role,
        connected=participant.connected,
        media=None if leg is None else leg.state,
        tracks=participant.info().tracks,
        present_s=seconds_of_ns(place.room.clock.now_ns() - place.joined_ns),
        speaking=place.speaking,
        quality={direction: _path(judge) for direction, judge in place.judges.items()},
    )


def _path(judge: Judge) -> PathView:
    heard = judge.heard
    return PathView(
        verdict=judge.verdict,
        loss_ratio=None if heard is None else heard.loss_ratio,
        rtt_ms=None if heard is None else heard.rtt_ms,
    )
