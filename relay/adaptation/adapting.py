"""Carry out what `relay.layers` decides: what slots send, and what people are asked to send.

Told by `relay.routing.bindings` after anything that changes who receives what, by the engine
whenever what paths carry has moved, and once a second. What there is is compared with what was
known, so that nobody has to report a change. Starts no task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from relay.adaptation.picture_meaning import meaning_of
from relay.adaptation.room_sound import RoomSound
from relay.adaptation.subscriptions import Subscriptions
from relay.adaptation.wishes import Wishes
from relay.clock import Clock
from relay.ids import LegId, TrackId
from relay.layers.changes import Changes
from relay.layers.ladder import Keeps
from relay.layers.publishing import Publish
from relay.layers.room_layers import RoomLayers
from relay.layers.state import State
from relay.metrics.table import RECEIVER_STATE_SECONDS
from relay.metrics.tally import Tally
from relay.places.open_rooms import OpenRoom
from relay.ports import Reports
from relay.rooms.events import SOLE_RID, EncodingChoice, EncodingsChosen, Kept
from relay.routing.picture_routes import PictureRoutes, PictureTrack, routes_of
from relay.session import contain
from relay.units import NS_PER_US
from relay.workers.estimate import Estimate
from relay.workers.rows import Layer

START_BPS: Final = 300_000.0
"""What a path is taken to carry until its first feedback; the estimator begins there too."""

UNTOLD_BPS: Final = 20_000_000.0
"""The same of those who never tell (no transport-wide feedback): nothing is withheld from them."""

LEAST_UNTOLD_BPS: Final = 200_000.0
"""Of those who only say what they think they can take (REMB): that is bound to what they are sent,
half as much again at the most. Of a picture that hardly moves they ask for less than lets it go on,
and could never ask for more once it was paused (seen with aiortc on a busy machine)."""

READ_EVERY_ROUNDS: Final = 5
"""A room is read off its places, of which nobody has told a change: a third of a calm round."""

_KEPT: Final[Mapping[Keeps, Kept]] = {Keeps.MOTION: "motion", Keeps.DETAIL: "detail"}
"""Of a face nothing is given up last: its browser weighs by itself."""


@dataclass(slots=True, eq=False)
class _AdaptedRoom:
    """One room: what `relay.layers` was told of it."""

    layers: RoomLayers = field(default_factory=RoomLayers)
    routes: PictureRoutes = field(default_factory=PictureRoutes)
    sound: RoomSound = field(default_factory=RoomSound)
    states: dict[LegId, State] = field(default_factory=dict)
    wishes: Wishes = field(default_factory=Wishes)
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    arriving: dict[TrackId, frozenset[int]] = field(default_factory=dict)
    """The encodings of each track whose packets come."""
    announced: dict[TrackId, Sequence[Layer]] = field(default_factory=dict)
    """What each track's publisher last said of its layers."""
    filed_ns: dict[TrackId, int] = field(default_factory=dict)
    """Of what was last measured."""
    rounds: int = 0
    """Since it was begun, or begun anew."""


class Adapting:
    """Every room's adaptation."""

    def __init__(self, clock: Clock, reports: Reports, tally: Tally) -> None:
        self._clock, self._reports, self._tally = clock, reports, tally
        for state in State:
            # A series that begins with its first second would hide that second from rates.
            tally.count(RECEIVER_STATE_SECONDS, 0, state=state.value)
        self._rooms: dict[OpenRoom, _AdaptedRoom] = {}
        self._by_leg: dict[LegId, _AdaptedRoom] = {}

    @property
    def states(self) -> Counter[State]:
        """How many receivers stand how."""
        return Counter(
            state for adapted in self._rooms.values() for state in adapted.states.values()
        )

    def follow(self, room: OpenRoom) -> None:
        """Bring what is known of a room in line with what it is, and do what follows from that."""
        self._look(room, self._rooms.setdefault(room, _AdaptedRoom()), is_anew=True)

    def _look(self, room: OpenRoom, adapted: _AdaptedRoom, *, is_anew: bool) -> None:
        """Decide about everybody in a room, by what it is or by what is known of it."""
        now_us = self._now_us()
        is_done = False
        try:
            if is_anew:
                self._reconcile(adapted, routes_of(room), now_us)
            legs = adapted.routes.legs
            rates_bps = {leg: self._rate_bps(adapted, leg) for leg in legs}
            changes = self._decide(adapted, rates_bps, now_us, is_round=True)
            if is_anew:
                # Slots that were opened since are told too.
                changes.distances = {leg: adapted.sound.distances.get(leg, 0) for leg in legs}
            self._change(adapted, changes)
            if is_anew or changes.opus_bps:
                adapted.sound.ask(legs.values())
            is_done = True
        finally:
            if not is_done:
                # A fault must not be met again each second.
                self._begin_anew(adapted)
            if not room.places:
                del self._rooms[room]

    def heed(self, legs: Iterable[LegId]) -> None:
        """Take in that what these legs' paths carry has moved."""
        moved: dict[_AdaptedRoom, list[Estimate]] = {}
        for leg in legs:
            adapted, estimate = self._by_leg.get(leg), self._reports.estimates.get(leg)
            if adapted is not None and estimate is not None:
                moved.setdefault(adapted, []).append(estimate)
        for adapted, estimates in moved.items():
            contain(partial(self._spend, adapted, estimates))

    def measure(self, room: OpenRoom) -> None:
        """Take in the figures of a room's media, and look at it again; once a second."""
        adapted = self._rooms.get(room)
        if adapted is None:
            return
        now_us = self._now_us()
        for track in adapted.routes.tracks:
            filed_ns = self._reports.filed_ns.get(track)
            # Reports and rounds both come once a second, and slip against each other.
            if filed_ns is not None and filed_ns != adapted.filed_ns.get(track):
                adapted.filed_ns[track] = filed_ns
                rows = {
                    row[1]: (row[2], row[3], row[7], row[8])
                    for row in self._reports.tracks.get(track, ())
                }
                adapted.layers.measure(track, rows, filed_ns // NS_PER_US)
            said = self._reports.layers.get(track)
            # Said again, it would undo what has been learnt since.
            if said is not None and adapted.announced.get(track) is not said:
                adapted.announced[track] = said
                adapted.layers.announce_untrusted(track, said)
        for leg, (_, carrier) in adapted.routes.legs.items():
            loss_ratio = adapted.sound.loss_ratio(carrier, self._reports)
            adapted.layers.hear(leg, loss_ratio, now_us)
        # What changes routes comes to `follow`; now and then it is seen that nothing was missed.
        self._look(room, adapted, is_anew=adapted.rounds % READ_EVERY_ROUNDS == 0)
        adapted.rounds += 1
        adapted.subscriptions.look(
            adapted.routes, adapted.layers, self._reports, self._tally, self._clock.now_ns()
        )

    def _spend(self, adapted: _AdaptedRoom, estimates: Sequence[Estimate]) -> None:
        for estimate in estimates:
            adapted.layers.hold(estimate.leg, float(estimate.estimate_bps), estimate.owed_bps)
        rates_bps = {estimate.leg: _granted_bps(adapted.routes, estimate) for estimate in estimates}
        changes = self._decide(adapted, rates_bps, self._now_us(), is_round=False)
        self._change(adapted, changes)

    def _decide(
        self,
        adapted: _AdaptedRoom,
        rates_bps: Mapping[LegId, float],
        now_us: int,
        *,
        is_round: bool,
    ) -> Changes:
        changes = adapted.layers.update(rates_bps, now_us, is_round=is_round)
        adapted.sound.decide(changes)
        return changes

    def _now_us(self) -> int:
        return self._clock.now_ns() // NS_PER_US

    def _reconcile(self, adapted: _AdaptedRoom, routes: PictureRoutes, now_us: int) -> None:
        """Tell `relay.layers` the differences: what goes first, from the lines inwards."""
        before, adapted.routes = adapted.routes, routes
        for slot, track in before.carried.items():
            if routes.carried.get(slot) != track:
                adapted.layers.bind(before.lines[slot].leg.id, slot, None)
                adapted.wishes.forget(slot)
        for track in before.tracks.keys() - routes.tracks.keys():
            adapted.layers.unpublish(track)
            adapted.arriving.pop(track, None)
            adapted.announced.pop(track, None)
            adapted.filed_ns.pop(track, None)
        for leg in before.legs.keys() - routes.legs.keys():
            adapted.layers.dismiss(leg)
            del self._by_leg[leg]
            adapted.states.pop(leg, None)
            adapted.sound.dismiss(leg)
        for leg in routes.legs.keys() - before.legs.keys():
            adapted.layers.admit(leg, self._rate_bps(adapted, leg), now_us)
            self._by_leg[leg] = adapted
        for track in routes.tracks.keys() - before.tracks.keys():
            _publish(adapted.layers, track, routes.tracks[track], now_us)
        for slot, track in routes.carried.items():
            if before.carried.get(slot) != track:
                adapted.layers.bind(routes.lines[slot].leg.id, slot, track)
        for leg, voices in routes.voices.items():
            adapted.layers.speak(leg, voices.slots, repeats=voices.repeats)
        for track, picture in routes.tracks.items():
            adapted.layers.keep(track, meaning_of(picture)[0])
            self._see_arriving(adapted, track)

    def _see_arriving(self, adapted: _AdaptedRoom, track: TrackId) -> None:
        arriving = self._reports.arriving.get(track, frozenset())
        known = adapted.arriving.get(track, frozenset())
        adapted.arriving[track] = arriving
        for encoding in arriving - known:
            adapted.layers.start(track, encoding)
        for encoding in known - arriving:
            adapted.layers.stop(track, encoding)

    def _rate_bps(self, adapted: _AdaptedRoom, leg: LegId) -> float:
        """What may be sent, by the last word of its participant."""
        known = self._reports.estimates.get(leg)
        if known is not None:
            return _granted_bps(adapted.routes, known)
        return START_BPS if leg in adapted.routes.telling else UNTOLD_BPS

    def _change(self, adapted: _AdaptedRoom, changes: Changes) -> None:
        # Nothing is asked of, or waits for, a path of which nobody tells.
        if useful := changes.useful_bps:
            telling = adapted.routes.telling
            changes.useful_bps = {leg: bps for leg, bps in useful.items() if leg in telling}
        adapted.wishes.add(changes)
        adapted.wishes.tell(adapted.routes, self._tally)
        adapted.states.update(changes.states)
        for track, publish in changes.publishes.items():
            self._ask(adapted, track, publish)

    def _begin_anew(self, adapted: _AdaptedRoom) -> None:
        """Forget what is known, which is not relied on: the next round is as the first."""
        legs = adapted.routes.legs
        for leg in legs:
            self._by_leg.pop(leg, None)
        adapted.states.clear()
        adapted.announced.clear()
        adapted.layers, adapted.routes = RoomLayers(), PictureRoutes()
        adapted.sound, adapted.wishes = RoomSound(), Wishes()
        adapted.arriving.clear()
        adapted.filed_ns.clear()
        adapted.rounds = 0
        # What is known anew of a publisher begins without a cap.
        adapted.wishes.add(Changes(remb_bps=dict.fromkeys(legs, 0)))

    def _ask(self, adapted: _AdaptedRoom, track: TrackId, publish: Publish) -> None:
        """Ask a publisher to send these encodings; a page that is alone is not asked to stop."""
        picture = adapted.routes.tracks.get(track)
        if picture is None:
            return
        # Whoever comes next would wait for the picture to begin again.
        is_alone = len(adapted.routes.legs) == 1
        if is_alone and not any(publish.active):
            return
        rids = picture.rids or (SOLE_RID,)
        rows = zip(rids, publish.active, publish.max_bitrate_bps, publish.scale, strict=False)
        choices = tuple(EncodingChoice(*row) for row in rows)
        chosen = EncodingsChosen(picture.publication.id, choices, _KEPT.get(publish.keeps))
        picture.place.ask_to_send(chosen)


def _granted_bps(routes: PictureRoutes, estimate: Estimate) -> float:
    least_bps = 0.0 if estimate.leg in routes.telling else LEAST_UNTOLD_BPS
    return max(float(estimate.rate_bps), least_bps)


def _publish(layers: RoomLayers, track: TrackId, picture: PictureTrack, now_us: int) -> None:
    keeps, priority = meaning_of(picture)
    count = max(1, len(picture.rids))
    layers.publish(picture.leg.id, track, now_us, encodings=count, keeps=keeps, priority=priority)
