"""What a room's layers are remembered by: its tracks, its publishers, its receivers."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.ids import LegId, SlotId, TrackId
from relay.layers.audio import OPUS_BPS
from relay.layers.demand import Priority
from relay.layers.ladder import Keeps
from relay.layers.offered import TrackLayers
from relay.layers.publishing import Mode, TrackOrders
from relay.layers.receiver import Choice, Receiver
from relay.layers.remb import Cap
from relay.layers.state import State
from relay.layers.vain import Vain


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

    def miss(self, now_us: int) -> bool:
        """Give up counting on what was asked for and has not come; whether the offer changed."""
        overdue = self.orders.overdue(now_us) if self.watchers else frozenset[int]()
        sending = self.layers.sending if self.watchers else frozenset[int]()
        vain = self.vain.update(overdue, sending, self.layers.pixels, now_us)
        return self.layers.miss(vain)


@dataclass(slots=True)
class HeldPublisher:
    """One leg that publishes pictures."""

    cap: Cap
    mode: Mode = field(default_factory=Mode)
    tracks: dict[TrackId, HeldTrack] = field(default_factory=dict)


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
