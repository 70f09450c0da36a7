"""What has to change in a room after a tick. Pure data: others carry it out."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.ids import LegId, SlotId, TrackId
from relay.layers.publishing import Publish
from relay.layers.receiver import Choice
from relay.layers.state import State


@dataclass(slots=True)
class Changes:
    """Only what is not as it was told before."""

    choices: dict[SlotId, Choice] = field(default_factory=dict)
    """To the engine: the layers of a slot, or that it pauses."""
    distances: dict[LegId, int] = field(default_factory=dict)
    """To the engine: how many earlier frames each packet of sound to this leg carries (RED)."""
    useful_bps: dict[LegId, float] = field(default_factory=dict)
    """To the estimator: above which rate nobody needs to know more of a receiver's path."""
    states: dict[LegId, State] = field(default_factory=dict)
    """To the receiver's page, and to metrics."""
    publishes: dict[TrackId, Publish] = field(default_factory=dict)
    """To the publisher's page."""
    opus_bps: dict[LegId, int] = field(default_factory=dict)
    """Likewise: what its voice should be made of, for the worst of those who hear it."""
    remb_bps: dict[LegId, int] = field(default_factory=dict)
    """To the engine: a REMB to send to this leg now; 0 takes a cap back."""
