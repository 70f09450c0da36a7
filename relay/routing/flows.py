"""Every flow of a room, as figures: what is published, and on its way to whom. Read off its places.

Reads and changes nothing. Called by `relay.monitoring.silences`, four times a second where
something is still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from relay.ids import Mid, SlotId, TrackId
from relay.legs.leg import NO_TRACK, Leg, Slot
from relay.places.open_rooms import OpenRoom, Place
from relay.ports import Reports
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Source
from relay.rooms.track import Publication
from relay.silence.judging import Claim, Delivered, Nature, Published
from relay.trouble import Playing, Sending
from relay.units import NS_PER_MS


class Line(NamedTuple):
    """A slot that carries a track to somebody."""

    place: Place
    leg: Leg
    mid: Mid
    slot: Slot


class Flow(NamedTuple):
    """A track that somebody publishes, and the slots that carry it."""

    place: Place
    publication: Publication
    leg: Leg | None
    track: TrackId
    lines: tuple[Line, ...]

    @property
    def nature(self) -> Nature:
        """What it is made of."""
        return _NATURES[self.publication.source]


def flows_of(room: OpenRoom) -> Iterator[Flow]:
    """Give everything that is published in a room, with the slots of those who could take it."""
    lines: dict[TrackId, list[Line]] = {}
    for place in room.places.values():
        leg = place.leg
        if leg is not None and _is_up(leg) and place.participant.connected:
            for mid, slot in leg.slots.items():
                if slot.track != NO_TRACK:
                    lines.setdefault(slot.track, []).append(Line(place, leg, mid, slot))
    for place in room.places.values():
        leg = place.source_leg()
        for publication in place.participant.publications.values():
            track = NO_TRACK if leg is None else leg.track_of(publication.id)
            yield Flow(place, publication, leg, track, tuple(lines.get(track, ())))


def published(flow: Flow, reports: Reports, now_ns: int) -> Published:
    """Give the figures of a track as it comes from its publisher."""
    place, own = flow.place, flow.publication
    is_due = (
        flow.track != NO_TRACK
        and flow.leg is not None
        and _is_up(flow.leg)
        and place.participant.connected
        and not own.muted
        and not place.is_idle(own.id)
        and bool(flow.lines)
    )
    claim = _claim(place.health.sending.get(own.id), now_ns)
    still = reports.still_tracks.get(flow.track)
    if still is None:
        return Published(flow.nature, is_due, is_still=False, claim=claim)
    return Published(
        nature=flow.nature,
        is_due=is_due,
        is_still=True,
        silent_ms=still[1],
        zero_ms=still[2],
        ended=still[3],
        claim=claim,
    )


def delivered(flow: Flow, line: Line, reports: Reports, now_ns: int, *, comes: bool) -> Delivered:
    """Give the figures of a track on its way to a receiver; `comes` is whether there is any."""
    is_due = comes and line.slot.paused is None and line.slot.track == flow.track
    claim = _claim(line.place.health.playing.get(flow.publication.id), now_ns)
    still = reports.still_slots.get(line.slot.id)
    if still is None:
        return Delivered(flow.nature, is_due, is_still=False, claim=claim)
    return Delivered(
        nature=flow.nature,
        is_due=is_due,
        is_still=True,
        sent_ms=still[1],
        unheard_ms=still[2],
        tells_arrivals=_tells_arrivals(line),
        is_heard=_is_heard(line.leg, reports),
        claim=claim,
    )


def names_of(flows: Iterable[Flow]) -> tuple[frozenset[TrackId], frozenset[SlotId]]:
    """Give the engine's names of what flows: tracks, and the slots that carry them."""
    known = list(flows)
    tracks = frozenset(flow.track for flow in known if flow.track != NO_TRACK)
    return tracks, frozenset(line.slot.id for flow in known for line in flow.lines)


def _claim(said: tuple[Sending | Playing, int] | None, now_ns: int) -> Claim | None:
    return None if said is None else Claim(said[0], (now_ns - said[1]) // NS_PER_MS)


def _is_up(leg: Leg) -> bool:
    """Whether it carries media; an interruption is told by itself."""
    return leg.secured_ns is not None and leg.state is LegState.CONNECTED


def _tells_arrivals(line: Line) -> bool:
    """Whether the receiver gives transport-wide feedback on it: some do on pictures alone."""
    media = line.leg.negotiated.of_mid(line.mid)
    return media is not None and media.transport_cc


def _is_heard(leg: Leg, reports: Reports) -> bool:
    """Whether anything comes from a leg that sends, as far as that is known."""
    tracks = [sending.track for sending in leg.sending.values() if sending.track != NO_TRACK]
    still = [reports.still_tracks.get(track) for track in tracks]
    return not tracks or any(each is None or 0 <= each[1] < _SILENT_MS for each in still)


_SILENT_MS = 1_000
_NATURES = {
    Source.MICROPHONE: Nature(voice=True),
    Source.CAMERA: Nature(voice=False),
    Source.SCREEN: Nature(voice=False, screen=True),
}
