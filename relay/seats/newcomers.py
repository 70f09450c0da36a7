"""A place for somebody who has been admitted to a room, or to its waiting room.

Draws identifiers; changes nothing. Called by `relay.seats.seating`.
"""

from __future__ import annotations

from relay.ids import new_participant_id, new_resume_secret, new_seat_id
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.participant import Participant, Waiting
from relay.rooms.permissions import Grant, permissions_of
from relay.rooms.standing import Standing


def new_place(grant: Grant, room: OpenRoom) -> Place:
    """Make a place for a grant's bearer, in the room or in its waiting room."""
    arrival, now_ns = grant.arrival, room.clock.now_ns()
    participant = Participant(
        id=new_participant_id(),
        identity=grant.identity,
        role=grant.role,
        permissions=permissions_of(grant),
        standing=Standing.ADMITTED if room.model.lets_in(grant) else Standing.WAITING,
        token=arrival.token,
        origins=frozenset({grant.room}),
        waiting=Waiting(now_ns, arrival.priority, arrival.label),
        group=arrival.group,
    )
    return Place(
        id=new_seat_id(),
        secret=new_resume_secret(),
        participant=participant,
        room=room,
        joined_ns=now_ns,
    )
