"""What matters in a picture, and how much. Pure. Asked by `relay.adaptation.adapting`."""

from __future__ import annotations

from relay.layers.demand import Priority
from relay.layers.ladder import Keeps
from relay.rooms.permissions import Role, Source
from relay.routing.picture_routes import PictureTrack


def meaning_of(picture: PictureTrack) -> tuple[Keeps, Priority]:
    """Say what matters in a picture, and how much it matters.

    What its publisher marked it with; otherwise by whose it is: hands that speak must not jerk, a
    wound, a slide and an instrument's picture must not blur.
    """
    keeps, priority = _usual(picture)
    marked = picture.publication.keeps
    return (keeps if marked is None else Keeps(marked)), priority


def _usual(picture: PictureTrack) -> tuple[Keeps, Priority]:
    role = picture.place.participant.role
    if picture.publication.source is Source.SCREEN:
        return Keeps.DETAIL, Priority.HIGH
    if role is Role.INTERPRETER:
        return Keeps.MOTION, Priority.FIRST
    if role is Role.DEVICE:
        return Keeps.DETAIL, Priority.FIRST
    if role is Role.OBSERVER:
        return Keeps.BOTH, Priority.LOW
    return Keeps.BOTH, Priority.USUAL
