"""Read off a room what its chart is made of: who is cut off each second, figures each five.

Reads places and the engine's figures and changes neither; `relay.charts` is what it fills. A room
for which nobody keeps a chart costs one question. Called by `relay.service`, in the round of each
second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from relay.charts.chart import Chart
from relay.charts.facts import Direction, Medium
from relay.charts.growth import FlowKey, Heard, Line, Reading
from relay.ids import RoomId, TrackId
from relay.legs.leg import NO_TRACK, Leg
from relay.places.open_rooms import OpenRoom, Place
from relay.ports import Reports
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Kind, Source
from relay.trouble import Sending
from relay.units import NS_PER_MS

CUT_AFTER_MS: Final = 1_800
"""As a voice's (`relay.silence.judging`): discontinuous Opus comes every 400 ms."""

WITHHELD: Final = frozenset({Sending.ENDED, Sending.MUTED, Sending.NO_PICTURE})
"""What clients say of a device that gives nothing. Of a track that is idle they say only that no
packets leave, and a path that has failed does the same."""

_MEDIA: Final[dict[Kind, Medium]] = {Kind.AUDIO: "sound", Kind.VIDEO: "picture"}


class Charting:
    """Fills the charts that somebody keeps."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self.chart_of: Callable[[RoomId], Chart | None] = lambda _: None
        """Gives a room's chart; `None` where nobody keeps one."""

    def look(self, room: OpenRoom) -> None:
        """Note who is cut off, and every five seconds how everything travelled."""
        chart = self.chart_of(room.model.id)
        if chart is None or chart.is_frozen:
            return
        now_ns = room.clock.now_ns()
        for place in room.places.values():
            self._note_cut(chart, place, now_ns)
        for who in chart.cuts.now - room.places.keys():
            chart.cuts.gone(who, now_ns)
        if chart.is_due(now_ns):
            places = list(room.places.values())
            readings = [reading for place in places for reading in self._readings(place)]
            flows = {reading.flow for reading in readings}
            heard = [each for place in places for each in _heard(place) if each.flow in flows]
            chart.look(readings, heard, now_ns)
            for place in places:
                _note(chart, place, now_ns)

    def _note_cut(self, chart: Chart, place: Place, now_ns: int) -> None:
        who, leg = place.participant.id, place.source_leg()
        since_ns = self._quiet_since(place, leg, now_ns)
        if since_ns is not None:
            chart.cuts.quiet(who, since_ns, None if leg is None else leg.id)
        elif who in chart.cuts.now and leg is not None and self._comes(place, leg):
            chart.cuts.back(who, leg.id, now_ns, withheld=_is_withheld(place, leg))
        if place.health.stood is not None:
            chart.cuts.stood_still(who, place.health.stood)

    def _quiet_since(self, place: Place, leg: Leg | None, now_ns: int) -> int | None:
        """Say since when nothing comes from somebody; `None` where something does, or need not."""
        if leg is None or leg.secured_ns is None or leg.state is not LegState.CONNECTED:
            return now_ns if place.connected_once else None
        still = self._reports.still_tracks
        if still.keys().isdisjoint(sending.track for sending in leg.sending.values()):
            return None
        ages_ms: list[int] = []
        for track in _due(place, leg):
            row = still.get(track)
            if row is None or row[1] < CUT_AFTER_MS or row[3]:
                return None
            ages_ms.append(row[1])
        return now_ns - min(ages_ms) * NS_PER_MS if ages_ms else None

    def _comes(self, place: Place, leg: Leg) -> bool:
        """Whether packets come again: what nobody is there to receive is not told to be still."""
        rows = [row for track in _due(place, leg) for row in self._reports.tracks.get(track, ())]
        return not rows or any(row[2] and row[7] < CUT_AFTER_MS for row in rows)

    def _readings(self, place: Place) -> Iterator[Reading]:
        who = place.participant
        if (leg := place.source_leg()) is not None:
            for own in who.publications.values():
                track = leg.track_of(own.id)
                flow = _flow(place, "from", own.kind)
                for row in self._reports.tracks.get(track, ()):
                    line = Line("from", track, row[1])
                    yield Reading(flow, line, row[3], row[2], row[4], row[5])
        if (leg := place.leg) is not None:
            for slot in leg.slots.values():
                sent = self._reports.slots.get(slot.id)
                if sent is not None and slot.track != NO_TRACK:
                    flow = _flow(place, "towards", slot.kind)
                    line = Line("towards", slot.id)
                    yield Reading(flow, line, sent[2], sent[1], sent[4], sent[5])


def _due(place: Place, leg: Leg) -> Iterator[TrackId]:
    """Give the tracks of which packets should come, as far as is known."""
    return (track for track, said in _claimed(place, leg) if said is Sending.SENDING)


def _is_withheld(place: Place, leg: Leg) -> bool:
    """Whether somebody's client says that none of its devices gives anything."""
    said = {each for _, each in _claimed(place, leg)}
    return bool(said) and said <= WITHHELD


def _claimed(place: Place, leg: Leg) -> Iterator[tuple[TrackId, Sending]]:
    """Give the tracks that are sent on purpose, and what is said of them: else that they are."""
    for own in place.participant.publications.values():
        sending = leg.sending.get(own.id)
        if sending is None or sending.track == NO_TRACK or own.muted or place.is_idle(own.id):
            continue
        # A window that is minimised gives nothing, and its page is not cut off.
        if own.source is Source.SCREEN:
            continue
        claim = place.health.sending.get(own.id)
        yield sending.track, Sending.SENDING if claim is None else claim[0]


def _flow(place: Place, direction: Direction, kind: Kind) -> FlowKey:
    return FlowKey(place.participant.id, direction, _MEDIA[kind])


def _heard(place: Place) -> Iterator[Heard]:
    """Give what somebody's client says it received; one that says nothing is not thought well."""
    experience = place.health.experience
    made_up_ms, frozen_ms = experience.take()
    if experience.network is not None:
        yield Heard(_flow(place, "towards", Kind.AUDIO), made_up_ms)
        yield Heard(_flow(place, "towards", Kind.VIDEO), frozen_ms)


def _note(chart: Chart, place: Place, now_ns: int) -> None:
    who = place.participant.id
    if place.health.experience.network is not None:
        chart.went_by(who, place.health.experience.network, now_ns)
    if place.subscriptions is not None:
        chart.was_sent(who, place.subscriptions.state, now_ns)
    if place.participant.check is not None:
        chart.was_checked(who, place.participant.check.result, now_ns)
