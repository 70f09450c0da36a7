"""Find who is not heard or seen though they should be, tell it, and try to mend it.

Carries out `relay.silence` (pure): reads the engine's figures and what clients say, tells publisher
and receivers, asks for key frames, routes anew, asks for ICE restarts. Starts no task;
`relay.service` calls it, once a second for each room and oftener where something is still.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Final, NamedTuple

import structlog

from relay.clock import Clock
from relay.errors import ServerError
from relay.ids import ParticipantId, PublicationId, RoomId, SlotId, TrackId
from relay.legs.leg import NO_TRACK, Leg
from relay.metrics.of_silences import SILENCE_REPAIRS, SILENCES_BEGUN
from relay.metrics.tally import Tally
from relay.places.open_rooms import OpenRoom, Place
from relay.ports import Reports
from relay.rooms.events import RenegotiationNeeded, Silence, SilencesChanged
from relay.routing.flows import Flow, Line, delivered, flows_of, names_of, published
from relay.seats.seating import Seating
from relay.session import contain
from relay.silence.judging import judge_delivered, judge_published
from relay.silence.repair import PathPace, Repair, Step
from relay.silence.watch import Change, Finding, Watch
from relay.trouble import Stage
from relay.units import NS_PER_MS

LOOK_S: Final = 0.25
"""As often as the engine tells what is still (`codecs/forward/src/control/stillness.rs`)."""

LOOKED_EVERY_ROUNDS: Final = 5
"""In a calm room nothing is still, and whatever changes disturbs it: a look finds nothing, for a
quarter of a round's time. Now and then it is seen that nothing was missed."""

ROOMS_AT_ONCE: Final = 8
"""As in the round of each second (`relay.service`)."""

FlowKey = tuple[PublicationId, ParticipantId | None]
"""A track, and whose reception of it; `None` is its way from the publisher."""

_log: Final = structlog.get_logger(__name__)


class SilenceNews(NamedTuple):
    """What an observer is told: opaque ids, and words of closed sets."""

    room: RoomId
    silence: Silence
    change: Change
    ago_ns: int = 0
    """How long before it was sure it began or was over."""


@dataclass(slots=True)
class _Watched:
    """One flow."""

    watch: Watch = field(default_factory=Watch)
    repair: Repair = field(default_factory=Repair)
    told: Silence | None = None


@dataclass(slots=True, eq=False)
class _RoomSilences:
    """One room: its flows, and what the engine calls them."""

    flows: dict[FlowKey, _Watched] = field(default_factory=dict)
    paces: dict[ParticipantId, PathPace] = field(default_factory=dict)
    tracks: frozenset[TrackId] = frozenset()
    slots: frozenset[SlotId] = frozenset()
    is_calm: bool = True
    passed_over: int = 0
    """Rounds since it was last looked at."""


class Silences:
    """Every room's silences."""

    def __init__(self, reports: Reports, tally: Tally) -> None:
        self._reports, self._tally = reports, tally
        self._rooms: dict[OpenRoom, _RoomSilences] = {}
        self._observers: list[Callable[[SilenceNews], None]] = []

    def observe(self, observer: Callable[[SilenceNews], None]) -> None:
        """Have somebody told of each silence that begins, gets another cause, or is over.

        Called on the event loop, within a room's look: the observer returns at once. Its failure is
        logged and harms nobody.
        """
        self._observers.append(observer)

    def standing(self, room: OpenRoom) -> list[Silence]:
        """Give the silences of a room that people are told of just now."""
        known = self._rooms.get(room, _RoomSilences())
        return [each.told for each in known.flows.values() if each.told is not None]

    def counts(self) -> Counter[Stage]:
        """Count them over all rooms."""
        return Counter(each.stage for room in self._rooms for each in self.standing(room))

    def restless(self, rooms: Collection[OpenRoom]) -> list[OpenRoom]:
        """Choose the rooms that should be looked at now, and not only once a second.

        Args:
            rooms: All there are; what is known of others is forgotten, for they have closed.

        """
        if len(self._rooms) > len(rooms):
            self._forget(self._rooms.keys() - set(rooms))
        return [
            room
            for room in rooms
            if (known := self._rooms.get(room)) is not None and self._is_restless(room, known)
        ]

    def disturb(self, room: OpenRoom) -> None:
        """Take that who receives what may have changed: what is known of a room has to be seen."""
        if (known := self._rooms.get(room)) is not None:
            known.is_calm = False

    def look_after(self, room: OpenRoom) -> None:
        """Look at a room that needs it, in the round of each second; at a calm one now and then."""
        known = self._rooms.get(room)
        if known is not None and not self._is_restless(room, known):
            known.passed_over += 1
            if known.passed_over < LOOKED_EVERY_ROUNDS:
                return
        self.look(room)

    def _is_restless(self, room: OpenRoom, known: _RoomSilences) -> bool:
        return (
            not known.is_calm
            or room.has_claims
            or not known.tracks.isdisjoint(self._reports.still_tracks)
            or not known.slots.isdisjoint(self._reports.still_slots)
        )

    def look(self, room: OpenRoom) -> None:
        """Judge every flow of a room now; tell what has changed, and try what is due."""
        known = self._rooms.setdefault(room, _RoomSilences())
        room.has_claims, known.passed_over = False, 0
        now_ns = room.clock.now_ns()
        flows = list(flows_of(room))
        seen: dict[FlowKey, tuple[Flow, Line | None]] = {}
        has_changed = False
        for flow, line, finding in self._findings(flows, now_ns):
            key = (flow.publication.id, None if line is None else line.place.participant.id)
            seen[key] = (flow, line)
            watched = known.flows.setdefault(key, _Watched())
            change = watched.watch.hear(finding, now_ns)
            if change is not None:
                has_changed = True
                self._note(room, watched, _silence(flow, line, watched), change)
        for key in known.flows.keys() - seen.keys():
            gone = known.flows.pop(key)
            if gone.told is not None:
                has_changed = True
                self._note(room, gone, gone.told, "over")
        known.tracks, known.slots = names_of(flows)
        known.is_calm = all(each.watch.is_calm for each in known.flows.values())
        if has_changed or any(each.told for each in known.flows.values()):
            self._tell(room, flows)
        for key, watched in known.flows.items():
            if watched.told is not None:
                self._mend(known, *seen[key], watched, now_ns)
        for gone_id in known.paces.keys() - room.places.keys():
            del known.paces[gone_id]

    def _forget(self, closed: Iterable[OpenRoom]) -> None:
        for room in closed:
            for watched in self._rooms.pop(room).flows.values():
                if watched.told is not None:
                    self._note(room, watched, watched.told, "over")

    def _findings(
        self, flows: Iterable[Flow], now_ns: int
    ) -> Iterator[tuple[Flow, Line | None, Finding]]:
        for flow in flows:
            comes = judge_published(published(flow, self._reports, now_ns))
            yield flow, None, comes
            for line in flow.lines:
                figures = delivered(flow, line, self._reports, now_ns, comes=comes == "flow")
                yield flow, line, judge_delivered(figures)

    def _note(
        self, room: OpenRoom, watched: _Watched, silence: Silence | None, change: Change
    ) -> None:
        before = watched.told
        watched.told = None if change == "over" else silence
        if change == "over":
            watched.repair = Repair()
        about = silence or before
        assert about is not None, "what is over was told"
        if change == "begun":
            self._tally.count(SILENCES_BEGUN, stage=about.stage, source=about.source)
        ago_ns = watched.watch.ago_ns(change, room.clock.now_ns())
        _log.debug("a silence", change=change, stage=about.stage, cause=about.cause)
        for observer in self._observers:
            contain(partial(observer, SilenceNews(room.model.id, about, change, ago_ns)))

    def _tell(self, room: OpenRoom, flows: Iterable[Flow]) -> None:
        """Tell each what concerns them: their own tracks, and what they should receive."""
        receivers = {
            flow.publication.id: {line.place.participant.id for line in flow.lines}
            for flow in flows
        }
        standing = self.standing(room)
        for who, place in list(room.places.items()):
            concerning = tuple(
                each
                for each in standing
                if who in (each.publisher, each.receiver)
                or (each.receiver is None and who in receivers.get(each.track, ()))
            )
            told = () if place.silences is None else place.silences.silences
            if concerning != told:
                place.silences = SilencesChanged(concerning)
                place.tell(place.silences)

    def _mend(
        self, known: _RoomSilences, flow: Flow, line: Line | None, watched: _Watched, now_ns: int
    ) -> None:
        silence = watched.told
        assert silence is not None, "asked of what is told"
        age_ms = (now_ns - watched.watch.since_ns) // NS_PER_MS
        for step in watched.repair.due(silence.stage, age_ms, voice=flow.nature.voice):
            place = flow.place if line is None else line.place
            pace = known.paces.setdefault(place.participant.id, PathPace())
            if step is Step.PATH and not pace.admits(now_ns):
                continue
            try:
                _take(step, flow, line, place)
            except ServerError as error:
                # What it was taken out of is bound again in the room's next round.
                place.room.unsettled = True
                _log.warning("a repair waits for the engine", step=step.value, code=error.code)
            else:
                self._tally.count(SILENCE_REPAIRS, step=step.value)


async def keep_looking(silences: Silences, clock: Clock, seating: Seating) -> None:
    """Look at rooms in which something is still, a few in each turn: people wait to be told.

    *Cancellation:* nothing is left behind.
    """
    while True:
        await clock.sleep(LOOK_S)
        for index, room in enumerate(silences.restless(seating.rooms.values()), start=1):
            contain(partial(silences.look, room))
            if index % ROOMS_AT_ONCE == 0:
                await asyncio.sleep(0)


def _take(step: Step, flow: Flow, line: Line | None, place: Place) -> None:
    match step:
        case Step.KEY_FRAME:
            assert flow.leg is not None, "what is told has a leg"
            flow.leg.engine.request_key_frame(flow.track)
        case Step.ROUTE:
            assert line is not None, "on the way to a receiver"
            _route_anew(line)
        case Step.PATH:
            place.tell(RenegotiationNeeded("path"))


def _route_anew(line: Line) -> None:
    """Take a track out of a slot and put it back; layers are chosen anew."""
    leg: Leg = line.leg
    track, room = line.slot.track, line.place.room
    leg.carry(line.mid, NO_TRACK)
    room.rerouted(room)
    leg.carry(line.mid, track)
    room.rerouted(room)


def _silence(flow: Flow, line: Line | None, watched: _Watched) -> Silence | None:
    trouble = watched.watch.trouble
    if trouble is None:
        return watched.told
    return Silence(
        track=flow.publication.id,
        publisher=flow.place.participant.id,
        source=flow.publication.source,
        receiver=None if line is None else line.place.participant.id,
        stage=trouble.stage,
        cause=trouble.cause,
    )
