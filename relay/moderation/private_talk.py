"""Tell people of private conversations: whose tracks they see no more, and what they are in.

`relay.rooms.conferring` says who reaches whom. Called by `relay.moderation.moderating` and
`relay.moderation.moving`, once no route is left that must not be.
"""

from __future__ import annotations

from dataclasses import replace

from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.conferring import Groups, groups_of, reaches
from relay.rooms.events import SpeakingChanged, TrackPublished, TrackUnpublished
from relay.rooms.participant import Participant


def tell_change(room: OpenRoom, before: Groups) -> None:
    """Tell everybody what has changed for them, now that others confer than did before."""
    after = groups_of(room.model.participants.values())
    for publisher in room.places.values():
        _tell_tracks(room, publisher.participant, before, after)
    for who, place in list(room.places.items()):
        if before.get(who) != after.get(who):
            tell_group(place)
        if (who in before) is not (who in after):
            room.tell_others(who, room.changed(place.participant))


def tell_group(place: Place) -> None:
    """Tell somebody by which key they are to join anew, should this relay be gone; `""`: none."""
    who = place.participant
    place.tell(replace(place.room.changed(who), group=who.group))


def _tell_tracks(room: OpenRoom, publisher: Participant, before: Groups, after: Groups) -> None:
    """Show somebody's tracks to those whom they reach now, and hide them from the others."""
    for place in room.others(publisher.id):
        receiver = place.participant.id
        reached = reaches(publisher.id, receiver, before)
        now = reaches(publisher.id, receiver, after)
        for own in publisher.publications.values():
            if now and not reached:
                place.tell(TrackPublished(publisher.id, own.info()))
            elif reached and not now:
                place.tell(TrackUnpublished(publisher.id, own.id))
        if reached and not now and room.places[publisher.id].speaking:
            place.tell(SpeakingChanged(publisher.id, speaking=False))
