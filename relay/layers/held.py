"""What a room's layers are remembered by: its tracks, its publishers, its receivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeGuard

from relay.ids import LegId, SlotId, TrackId
from relay.layers.audio import OPUS_BPS
from relay.layers.demand import Priority
from relay.layers.encoding import PRESUMED_HZ
from relay.layers.ladder import ALL_LAYERS, Keeps
from relay.layers.offered import TrackLayers
from relay.layers.publishing import Mode, TrackOrders
from relay.layers.receiver import Carried, Choice, Receiver
from relay.layers.remb import Cap
from relay.layers.sharing import Made, Room, Sharing
from relay.layers.state import State
from relay.layers.vain import Vain
from relay.layers.wire_cost import video_wire_bps

BEST_ENCODING: Final = 0


@dataclass(slots=True)
class HeldTrack:
    """One track of pictures."""

    publisher: LegId
    layers: TrackLayers
    keeps: Keeps
    priority: Priority
    orders: TrackOrders
    watchers: dict[SlotId, LegId] = field(default_factory=dict)
    vain: Vain = field(default_factory=Vain)
    sharing: Sharing = field(default_factory=Sharing)

    def miss(self, now_us: int) -> bool:
        """Give up counting on what was asked for and has not come; whether the offer changed."""
        overdue = self.orders.overdue(now_us) if self.watchers else frozenset[int]()
        sending = self.layers.sending if self.watchers else frozenset[int]()
        vain = self.vain.update(overdue, sending, self.layers.pixels, now_us)
        return self.layers.miss(vain)

    def shared_bps(self, rooms: Sequence[Room], now_us: int) -> float | None:
        """Give what its best encoding may take on the wire, where that is less than it could.

        Args:
            rooms: Of everybody who watches.
            now_us: The relay's clock.

        """
        count = self.layers.encodings
        if count == 1 or self.layers.has_sizes:
            return None
        best_bps = self.layers.costs_bps(BEST_ENCODING)
        made = Made(
            self._full_bps,
            [bps / best_bps[-1] for bps in best_bps[:-1]],
            [self.layers.costs_bps(which)[-1] for which in range(1, count)],
        )
        self.sharing.update(rooms, made, now_us)
        return self.sharing.most_bps if self.sharing.is_limited else None

    @property
    def unlimited_bps(self) -> int:
        """What its best encoding would take, where it is made smaller for others; else nothing."""
        return round(self._full_bps) if self.sharing.is_limited else 0

    @property
    def _full_bps(self) -> float:
        return video_wire_bps(self.layers.most_bps[0], PRESUMED_HZ)


@dataclass(slots=True)
class HeldPublisher:
    """One leg that publishes pictures."""

    cap: Cap
    mode: Mode = field(default_factory=Mode)
    tracks: dict[TrackId, HeldTrack] = field(default_factory=dict)

    @property
    def watchers(self) -> frozenset[LegId]:
        """Everybody who watches anything of it."""
        tracks = self.tracks.values()
        return frozenset(leg for track in tracks for leg in track.watchers.values())


@dataclass(slots=True)
class HeldReceiver:
    """One leg that receives, and what was last told of it."""

    receiver: Receiver
    slots: dict[SlotId, TrackId] = field(default_factory=dict)
    choices: dict[SlotId, Choice] = field(default_factory=dict)
    estimate_bps: float = 0.0
    """What its path is thought to carry; its rate is less for a moment now and then."""
    distance: int = 0
    useful_bps: float | None = None
    state: State | None = None
    opus_bps: int = OPUS_BPS[0]
    """What its own voice was last asked to be made of."""
    is_stale: bool = True

    def welcome(self, slot: SlotId, now_us: int) -> None:
        """Take in that the best encoding of a slot's track is smaller now, for who lacks it."""
        choice = self.choices.get(slot)
        if not _is_best(choice):
            self.receiver.restraint.welcome(now_us)

    def room(self, slot: SlotId, now_us: int) -> Room:
        """Say what its path has room for in one slot, while what else it is sent stays."""
        allocation, receiver = self.receiver.allocation, self.receiver
        choice = allocation.choices.get(slot)
        own_bps = choice.cost_bps if isinstance(choice, Carried) else 0
        others_bps = allocation.audio_bps + max(allocation.video_bps - own_bps, 0)
        believed_bps = max(receiver.rate_bps, self.estimate_bps)
        room_bps = receiver.restraint.room_bps(believed_bps, now_us) - others_bps
        return Room(room_bps, _is_best(choice) and choice.temporal == ALL_LAYERS)


def _is_best(choice: Choice | None) -> TypeGuard[Carried]:
    return isinstance(choice, Carried) and choice.encoding == BEST_ENCODING
