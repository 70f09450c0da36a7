"""What a moderator lets nobody have of somebody: by identity, so that it outlives a new join.

Pure. Called by `relay.rooms.moderation`, and for newcomers' tracks by `relay.rooms.room`.
"""

from __future__ import annotations

from relay.rooms.participant import Participant
from relay.rooms.permissions import Source
from relay.rooms.room import Room
from relay.rooms.track import Publication


def held_back(room: Room, participant: Participant) -> frozenset[Source]:
    """Give the sources of somebody that a moderator has muted."""
    return room.held_back.get(participant.identity, frozenset())


def hold_back(
    room: Room, participant: Participant, sources: frozenset[Source]
) -> tuple[Publication, ...]:
    """Hold back these sources of somebody, and no others.

    Returns:
        Their tracks that others now get, or no longer: one they have muted themselves is none.

    """
    if sources:
        room.held_back[participant.identity] = sources
    else:
        room.held_back.pop(participant.identity, None)
    changed = []
    for source, own in participant.publications.items():
        before, own.held_back = own.muted, source in sources
        if own.muted is not before:
            changed.append(own)
    return tuple(changed)
