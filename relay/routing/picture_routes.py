"""Which pictures and voices a room has just now, and where they go: read off its places.

Reads and changes nothing. Called by `relay.adaptation.adapting`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.ids import LegId, Mid, SlotId, TrackId
from relay.legs.leg import NO_TRACK, Leg
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.permissions import Kind
from relay.rooms.track import Publication
from relay.transports.sdp import REDUNDANT


@dataclass(frozen=True, slots=True)
class PictureTrack:
    """A picture that a leg brings."""

    place: Place
    leg: Leg
    publication: Publication
    rids: tuple[str, ...]
    """The best first; none without simulcast."""


@dataclass(frozen=True, slots=True)
class PictureLine:
    """A slot for pictures."""

    place: Place
    leg: Leg
    mid: Mid


@dataclass(frozen=True, slots=True)
class Voices:
    """What a leg is sent of sound."""

    slots: int
    """How many of its slots carry some."""
    repeats: bool
    """Whether packets may carry earlier frames once more (RFC 2198)."""


@dataclass(slots=True)
class PictureRoutes:
    """Everything of a room that is adapted, by the engine's numbers."""

    legs: dict[LegId, tuple[Place, Leg]] = field(default_factory=dict)
    """Those that carry keys."""
    telling: set[LegId] = field(default_factory=set)
    """Of these, whose participants tell what arrives (`Negotiated.tells_arrivals`)."""
    voices: dict[LegId, Voices] = field(default_factory=dict)
    tracks: dict[TrackId, PictureTrack] = field(default_factory=dict)
    lines: dict[SlotId, PictureLine] = field(default_factory=dict)
    carried: dict[SlotId, TrackId] = field(default_factory=dict)
    """What the lines carry, as far as it is let out."""


def routes_of(room: OpenRoom) -> PictureRoutes:
    """Read off a room's pictures and voices."""
    routes = PictureRoutes()
    for place in room.places.values():
        for leg in place.legs():
            if leg.secured_ns is not None and leg.alive:
                routes.legs[leg.id] = (place, leg)
                if leg.negotiated.tells_arrivals:
                    routes.telling.add(leg.id)
                _add_tracks(routes, place, leg)
    for place, leg in routes.legs.values():
        _add_lines(routes, place, leg)
    return routes


def _add_tracks(routes: PictureRoutes, place: Place, leg: Leg) -> None:
    for publication in place.participant.publications.values():
        track = leg.track_of(publication.id)
        if publication.kind is Kind.VIDEO and track != NO_TRACK:
            media = leg.negotiated.of_mid(leg.sending[publication.id].mid)
            rids = () if media is None else media.rids
            routes.tracks[track] = PictureTrack(place, leg, publication, rids)


def _add_lines(routes: PictureRoutes, place: Place, leg: Leg) -> None:
    voices, repeats = 0, False
    for mid, slot in leg.slots.items():
        if slot.kind is Kind.AUDIO:
            voices += slot.track != NO_TRACK
            repeats |= any(codec.name == REDUNDANT for codec in slot.codecs)
            continue
        routes.lines[slot.id] = PictureLine(place, leg, mid)
        brought = routes.tracks.get(slot.track)
        if brought is not None and not brought.publication.muted:
            routes.carried[slot.id] = slot.track
    routes.voices[leg.id] = Voices(voices, repeats)
