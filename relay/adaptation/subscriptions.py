"""What each receiver is sent of every picture they subscribe to, told to their page step by step.

Looked at once a second by `relay.adaptation.adapting`; a receiver is told when something has
changed by a step, so a steady consultation is told nothing. Decides nothing, starts no task.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final, NamedTuple

from relay.ids import LegId, SlotId, TrackId
from relay.layers.ladder import ALL_LAYERS
from relay.layers.receiver import Carried, Choice
from relay.layers.room_layers import RoomLayers
from relay.layers.state import Pause, State
from relay.metrics.table import RECEIVER_STATE_SECONDS
from relay.metrics.tally import Tally
from relay.places.open_rooms import Place
from relay.ports import Reports
from relay.rooms.events import PictureSent, SubscriptionsChanged
from relay.routing.picture_routes import PictureRoutes, PictureTrack
from relay.units import NS_PER_S
from relay.workers.rows import Layer

STEP_TIMES: Final = 1.25
"""By so much a rate differs from what was told of it to be worth a message: more than an estimate
wobbles on a steady link (15 %), less than from one rung to the next (a third and more)."""

NEW_WEIGHT: Final = 0.3
"""Of a second's new measurement: a key frame is no other rate."""

_BITS: Final = 8

_IF_SEEN: Final = {State.AUDIO_ONLY: State.REDUCED, State.VIDEO_PAUSED: State.PARTLY_PAUSED}
"""Of receivers who are to see nothing, and do for a moment still."""

_FED_BY: Final = 10
"""The column of the engine's report that names the encoding a slot is sent (`_engine.pyi`)."""

_STEPPED: Final = attrgetter("track", "state", "rid", "spatial", "temporal", "width", "height")
"""Of a picture, everything but its rate."""


class _Counted(NamedTuple):
    """What a slot had been sent at a report, and its rate by then."""

    total_bytes: int
    filed_ns: int
    bps: float | None


@dataclass(slots=True)
class Subscriptions:
    """One room's."""

    _told: dict[LegId, SubscriptionsChanged] = field(default_factory=dict)
    _counted: dict[SlotId, _Counted] = field(default_factory=dict)
    _looked_ns: int | None = None

    def look(
        self, routes: PictureRoutes, layers: RoomLayers, reports: Reports, tally: Tally, now_ns: int
    ) -> None:
        """Count the last second, and tell every receiver what is news to them.

        Args:
            routes: What there is.
            layers: What has been decided; it knows every leg of the routes.
            reports: The engine's figures.
            tally: Where the time is counted.
            now_ns: The relay's clock.

        """
        carried: dict[LegId, list[tuple[SlotId, TrackId]]] = {leg: [] for leg in routes.legs}
        for slot, track in routes.carried.items():
            carried[routes.lines[slot].leg.id].append((slot, track))
        self._count_time(carried, layers, tally, now_ns)
        rates = ((slot, self._rate(slot, reports)) for slot in routes.carried)
        self._counted = {slot: rate for slot, rate in rates if rate is not None}
        told, self._told = self._told, {}
        for leg, (place, carrier) in routes.legs.items():
            known = told.get(leg)
            if place.leg is carrier:
                choices = layers.standing(leg).choices
                pictures = tuple(
                    self._picture(slot, routes.tracks[track], track, choices[slot], reports)
                    for slot, track in carried[leg]
                    if slot in choices
                )
                estimate = reports.estimates.get(leg)
                path_bps = None if estimate is None else estimate.estimate_bps
                state = _seen(layers.standing(leg).state, pictures)
                known = _tell(place, known, SubscriptionsChanged(state.value, path_bps, pictures))
            if known is not None:
                self._told[leg] = known

    def _count_time(
        self,
        carried: Mapping[LegId, Sequence[object]],
        layers: RoomLayers,
        tally: Tally,
        now_ns: int,
    ) -> None:
        before_ns, self._looked_ns = self._looked_ns, now_ns
        if before_ns is None:
            return
        times: Counter[State] = Counter()
        for leg, slots in carried.items():
            times[layers.standing(leg).state] += len(slots)
        for state, slots_in_it in times.items():
            seconds = slots_in_it * (now_ns - before_ns) / NS_PER_S
            tally.count(RECEIVER_STATE_SECONDS, seconds, state=state.value)

    def _rate(self, slot: SlotId, reports: Reports) -> _Counted | None:
        """Take the engine's count of a slot; reports and looks come once a second, and slip."""
        before = self._counted.get(slot)
        row, filed_ns = reports.slots.get(slot), reports.slots_filed_ns.get(slot)
        if row is None or filed_ns is None:
            return before
        total_bytes = row[2]
        if before is None:
            return _Counted(total_bytes, filed_ns, None)
        passed_ns, sent_bytes = filed_ns - before.filed_ns, total_bytes - before.total_bytes
        if passed_ns <= 0 or sent_bytes < 0:
            return before
        bps = sent_bytes * _BITS * NS_PER_S / passed_ns
        if before.bps is not None:
            bps = before.bps + NEW_WEIGHT * (bps - before.bps)
        return _Counted(total_bytes, filed_ns, bps)

    def _picture(
        self,
        slot: SlotId,
        picture: PictureTrack,
        brought: TrackId,
        choice: Choice,
        reports: Reports,
    ) -> PictureSent:
        track = picture.publication.id
        said = reports.layers.get(brought, ())
        if not isinstance(choice, Carried):
            paused = PictureSent(track, choice.value)
            if choice is not Pause.NOT_SENT:
                return paused
        arriving = reports.arriving.get(brought, ())
        if not isinstance(choice, Carried) or choice.encoding not in arriving:
            row = reports.slots.get(slot)
            if row is None or row[_FED_BY] not in arriving:
                return PictureSent(track, "not_sent")
            choice = _still_sent(choice, row[_FED_BY], said)
        width, height = _size(choice, said)
        counted = self._counted.get(slot)
        bps = None if counted is None else counted.bps
        return PictureSent(
            track,
            "sent",
            rid=picture.rids[choice.encoding] if picture.rids else None,
            spatial=None if choice.spatial == ALL_LAYERS else choice.spatial,
            temporal=None if choice.temporal == ALL_LAYERS else choice.temporal,
            width=width,
            height=height,
            bps=None if bps is None else round(bps),
        )


def _still_sent(awaited: Choice, encoding: int, said: Sequence[Layer]) -> Carried:
    """Give what goes on until the awaited encoding comes; of a better one, the least it has."""
    is_better = isinstance(awaited, Carried) and encoding < awaited.encoding
    has_layers = any(row[0] == encoding and len(row[5]) > 1 for row in said)
    return Carried(encoding, 0 if is_better and has_layers else ALL_LAYERS, 0)


def _seen(state: State, pictures: Sequence[PictureSent]) -> State:
    """Give the state by what is still sent of what was decided against."""
    is_seen = any(picture.state == "sent" for picture in pictures)
    return _IF_SEEN.get(state, state) if is_seen else state


def _tell(
    place: Place, known: SubscriptionsChanged | None, found: SubscriptionsChanged
) -> SubscriptionsChanged | None:
    """Tell a receiver what is news; give what they know then."""
    if known is None and found.path_bps is None and not found.pictures:
        return None
    if known is not None and _is_alike(known, found):
        return known
    place.subscriptions = found
    place.tell(found)
    return found


def _is_alike(known: SubscriptionsChanged, found: SubscriptionsChanged) -> bool:
    if known.state != found.state or not _is_near(known.path_bps, found.path_bps):
        return False
    if len(known.pictures) != len(found.pictures):
        return False
    pairs = zip(known.pictures, found.pictures, strict=True)
    return all(_STEPPED(old) == _STEPPED(new) and _is_near(old.bps, new.bps) for old, new in pairs)


def _is_near(told_bps: int | None, bps: int | None) -> bool:
    if told_bps is None or bps is None:
        return told_bps is bps
    return bps <= told_bps * STEP_TIMES and told_bps <= bps * STEP_TIMES


def _size(choice: Carried, said: Sequence[Layer]) -> tuple[int | None, int | None]:
    """Give width and height as the publisher says them, where it does."""
    sizes = {
        spatial: (width, height)
        for encoding, spatial, width, height, *_ in said
        if encoding == choice.encoding
        and (choice.spatial == ALL_LAYERS or spatial <= choice.spatial)
    }
    width, height = sizes[max(sizes)] if sizes else (0, 0)
    return (width, height) if width > 0 and height > 0 else (None, None)
