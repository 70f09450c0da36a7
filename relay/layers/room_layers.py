"""The door: one room's receivers and publishers, told what there is and what each path carries.

Called in every adaptation tick with the estimator's rates. Everything that is told is remembered;
everything that comes out is what has changed. Whatever is named has been announced before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from relay.ids import LegId, SlotId, TrackId
from relay.layers.audio import OPUS_BPS
from relay.layers.changes import Changes
from relay.layers.demand import Demand, Followed, Priority
from relay.layers.encoding import AnnouncedLayer
from relay.layers.following import (
    FOLLOW_LEAST_SHARE,
    FOLLOWED_ENCODING,
    FOLLOWED_LEAST_BPS,
)
from relay.layers.held import HeldPublisher, HeldReceiver, HeldTrack
from relay.layers.ladder import Keeps
from relay.layers.offered import Measured, TrackLayers
from relay.layers.publishing import TrackOrders, Watched
from relay.layers.receiver import Allocation, Receiver
from relay.layers.remb import Cap
from relay.layers.wire_cost import audio_wire_bps

USEFUL_SHARE: Final = 0.02
"""A smaller change of what is useful is not told."""


class RoomLayers:
    """The layers of one room."""

    def __init__(self) -> None:
        self._receivers: dict[LegId, HeldReceiver] = {}
        self._publishers: dict[LegId, HeldPublisher] = {}
        self._tracks: dict[TrackId, HeldTrack] = {}
        self._is_news = True

    def admit(self, leg: LegId, rate_bps: float, now_us: int) -> None:
        """Take in a leg whose media may flow, with what it may be sent."""
        self._receivers[leg] = HeldReceiver(Receiver(rate_bps, now_us))
        self._publishers[leg] = HeldPublisher(Cap(now_us))

    def dismiss(self, leg: LegId) -> None:
        """Forget a leg with all that it receives and publishes."""
        for slot in list(self._receivers[leg].slots):
            self.bind(leg, slot, None)
        for track in list(self._publishers[leg].tracks):
            self.unpublish(track)
        del self._receivers[leg], self._publishers[leg]

    def publish(
        self,
        leg: LegId,
        track: TrackId,
        now_us: int,
        *,
        encodings: int,
        keeps: Keeps = Keeps.BOTH,
        priority: Priority = Priority.USUAL,
    ) -> None:
        """Take in a track of pictures; sound is told by `speak`."""
        orders = TrackOrders.begin(now_us)
        made = HeldTrack(leg, TrackLayers(encodings), keeps, priority, orders)
        self._tracks[track] = self._publishers[leg].tracks[track] = made
        self._is_news = True

    def keep(self, track: TrackId, keeps: Keeps) -> None:
        """Say what of a track is given up last; its ladder is climbed anew where that is news."""
        known = self._tracks[track]
        is_news, known.keeps = known.keeps is not keeps, keeps
        self._heard(known, changed=is_news)

    def unpublish(self, track: TrackId) -> None:
        """Forget a track; slots that carried it carry nothing."""
        gone = self._tracks[track]
        for slot, leg in list(gone.watchers.items()):
            self.bind(leg, slot, None)
        del self._tracks[track], self._publishers[gone.publisher].tracks[track]
        self._is_news = True

    def bind(self, leg: LegId, slot: SlotId, track: TrackId | None) -> None:
        """Say what a slot for pictures is to carry; `None` is nothing, as for a muted track."""
        held = self._receivers[leg]
        before = held.slots.pop(slot, None)
        if before is not None:
            del self._tracks[before].watchers[slot]
        if track is not None:
            held.slots[slot] = track
            self._tracks[track].watchers[slot] = leg
        # The engine begins anew with all layers where a slot is bound.
        held.choices.pop(slot, None)
        held.is_stale = self._is_news = True

    def speak(self, leg: LegId, voices: int, *, repeats: bool) -> None:
        """Say how many of a leg's slots carry sound, and whether packets may repeat it (RED)."""
        self._receivers[leg].receiver.speak(voices, repeats=repeats)

    def announce_untrusted(self, track: TrackId, rows: Sequence[AnnouncedLayer]) -> None:
        """Take the engine's `LayersChanged`."""
        known = self._tracks[track]
        self._heard(known, changed=known.layers.announce_untrusted(rows))

    def start(self, track: TrackId, encoding: int) -> None:
        """Take the engine's `EncodingStarted`."""
        known = self._tracks[track]
        self._heard(known, changed=known.layers.start(encoding))

    def stop(self, track: TrackId, encoding: int) -> None:
        """Take the engine's `EncodingStopped`."""
        known = self._tracks[track]
        self._heard(known, changed=known.layers.stop(encoding))

    def measure(self, track: TrackId, rows: Mapping[int, Measured], now_us: int) -> None:
        """Take the engine's cumulative figures of a track, by encoding: see `TrackLayers`."""
        known = self._tracks[track]
        self._heard(known, changed=known.layers.measure(rows, now_us))

    def hear(self, leg: LegId, loss_ratio: float | None, now_us: int) -> None:
        """Take in what a leg lost of its sound, where that is known; once a second."""
        if self._receivers[leg].receiver.hear(loss_ratio, now_us):
            self._is_news = True

    def hold(self, leg: LegId, estimate_bps: float, owed_bps: float) -> None:
        """Say what a leg's path carries, and by how much less should be sent anew for a moment.

        Args:
            leg: Whose.
            estimate_bps: Above its rate while a queue empties, or losses are asked.
            owed_bps: So much waits in the relay for its path already.

        """
        held = self._receivers[leg]
        held.estimate_bps, held.receiver.owed_bps = estimate_bps, owed_bps
        held.receiver.restraint.find(estimate_bps)

    def standing(self, leg: LegId) -> Allocation:
        """Say how a leg stands, for who asks."""
        return self._receivers[leg].receiver.allocation

    def update(
        self, rates_bps: Mapping[LegId, float], now_us: int, *, is_round: bool = True
    ) -> Changes:
        """Take in what each leg may be sent; give what has to change.

        Args:
            rates_bps: Of legs with news; others stay as they are.
            now_us: The relay's clock.
            is_round: Whether publishers are looked at although nothing has happened: waits come to
                their end. Once a second is often enough.

        """
        changes = Changes()
        is_round |= self._is_news
        if is_round:
            self._choose_modes(now_us)
        for leg, rate_bps in rates_bps.items():
            held = self._receivers.get(leg)
            if held is not None and self._allocate(leg, held, rate_bps, now_us, changes):
                is_round = True
        if is_round:
            self._is_news = False
            self._order(now_us, changes)
        self._cap(None if is_round else rates_bps.keys(), now_us, changes)
        return changes

    def _heard(self, track: HeldTrack, *, changed: bool) -> None:
        if changed:
            for leg in track.watchers.values():
                self._receivers[leg].is_stale = True
            self._is_news = True

    def _choose_modes(self, now_us: int) -> None:
        for publisher in self._publishers.values():
            if publisher.mode.update(publisher.watchers, now_us):
                for track in publisher.tracks.values():
                    self._heard(track, changed=True)

    def _allocate(
        self, leg: LegId, held: HeldReceiver, rate_bps: float, now_us: int, changes: Changes
    ) -> bool:
        """Spend one leg's rate; whether that was anew."""
        receiver = held.receiver
        if held.is_stale:
            receiver.want([self._demand(leg, *bound) for bound in held.slots.items()])
            held.is_stale = False
        allocation = receiver.update(rate_bps, now_us)
        if allocation is None:
            return False
        for slot, choice in allocation.choices.items():
            if held.choices.get(slot) != choice:
                held.choices[slot] = changes.choices[slot] = choice
        if receiver.sound.distance != held.distance:
            held.distance = changes.distances[leg] = receiver.sound.distance
        if _differs(allocation.useful_bps, held.useful_bps):
            held.useful_bps = changes.useful_bps[leg] = allocation.useful_bps
        if allocation.state != held.state:
            held.state = changes.states[leg] = allocation.state
        return True

    def _demand(self, leg: LegId, slot: SlotId, track: TrackId) -> Demand:
        known = self._tracks[track]
        followed = None
        if self._publishers[known.publisher].mode.follows == leg:
            sent_bps = known.layers.sent_bps(FOLLOWED_ENCODING)
            # Of an encoding whose layers nobody has told, none can be left out.
            followed = Followed(FOLLOWED_ENCODING, sent_bps if len(sent_bps) > 1 else ())
        offer = known.layers.offer(known.keeps)
        return Demand(slot, offer, known.priority, followed, known.unlimited_bps)

    def _order(self, now_us: int, changes: Changes) -> None:
        """Tell publishers what to send."""
        for publisher in self._publishers.values():
            by_itself = sum(bool(track.watchers) for track in publisher.tracks.values()) == 1
            for name, track in publisher.tracks.items():
                before_bps = track.sharing.most_bps
                published = track.orders.update(
                    self._wanted(publisher, track, now_us),
                    by_itself=by_itself,
                    follows=publisher.mode.follows is not None,
                    now_us=now_us,
                )
                self._heard(track, changed=track.miss(now_us))
                if track.sharing.most_bps < before_bps:
                    for slot, leg in track.watchers.items():
                        self._receivers[leg].welcome(slot, now_us)
                if published is not None:
                    changes.publishes[name] = published
                    limited = track.layers.limit(published.max_bitrate_bps[0])
                    self._heard(track, changed=limited)
        for leg, held in self._receivers.items():
            opus_bps = self._opus_bps(leg)
            if opus_bps != held.opus_bps:
                held.opus_bps = changes.opus_bps[leg] = opus_bps

    def _wanted(self, publisher: HeldPublisher, track: HeldTrack, now_us: int) -> Watched:
        watching = track.watchers.items()
        rooms = [self._receivers[leg].room(slot, now_us) for slot, leg in watching]
        standing = {slot: self.standing(leg) for slot, leg in watching}
        wanted = (each.wanted.get(slot, frozenset()) for slot, each in standing.items())
        wishes = (each.wishes_bps.get(slot) for slot, each in standing.items())
        least_bps = min((wish for wish in wishes if wish is not None), default=None)
        return Watched(
            track.layers.most_bps,
            track.keeps,
            track.vain.wanted.union(*wanted) if track.watchers else frozenset[int](),
            # Of several sizes in one encoding, everybody is sent what suits them.
            None if track.layers.has_sizes else least_bps,
            self._follow_bps(publisher, track),
            track.shared_bps(rooms, now_us),
        )

    def _follow_bps(self, publisher: HeldPublisher, track: HeldTrack) -> float | None:
        """What the followed receiver's path leaves for a track; `None` where it is paused."""
        if publisher.mode.follows is None:
            return None
        held = self._receivers[publisher.mode.follows]
        shares = held.receiver.follow_bps(FOLLOW_LEAST_SHARE * held.estimate_bps)
        own = [shares[slot] for slot in track.watchers if slot in shares]
        if not own:
            return None
        if len(track.layers.sent_bps(FOLLOWED_ENCODING)) > 1:
            # Its upper layers make room.
            return sum(own)
        # Whoever is sent more has brought more of what waits.
        owed_bps = held.receiver.owed_bps * sum(own) / sum(shares.values())
        return max(sum(own) - owed_bps, float(FOLLOWED_LEAST_BPS))

    def _opus_bps(self, leg: LegId) -> int:
        """What a leg's voice should be made of: what suits all others who hear anything."""
        others = (held.receiver.sound for other, held in self._receivers.items() if other != leg)
        return min((sound.opus_bps for sound in others if sound.voices), default=OPUS_BPS[0])

    def _cap(self, moved: Collection[LegId] | None, now_us: int, changes: Changes) -> None:
        """Tell publishers what their encoders may make who follow one of these legs, or any."""
        for leg, publisher in self._publishers.items():
            if moved is not None and publisher.mode.follows not in moved:
                continue
            cap_bps = self._cap_bps(leg, publisher)
            said_bps = publisher.cap.say(cap_bps, now_us)
            if said_bps is not None:
                changes.remb_bps[leg] = said_bps

    def _cap_bps(self, leg: LegId, publisher: HeldPublisher) -> float | None:
        if publisher.mode.follows is None:
            return None
        watched = [track for track in publisher.tracks.values() if track.watchers]
        if len(watched) != 1:
            return None
        video_bps = self._follow_bps(publisher, watched[0])
        audio_bps = audio_wire_bps(self._receivers[leg].opus_bps, 0)
        return (video_bps or FOLLOWED_LEAST_BPS) + audio_bps


def _differs(useful_bps: float, told_bps: float | None) -> bool:
    return told_bps is None or abs(useful_bps - told_bps) > USEFUL_SHARE * told_bps
