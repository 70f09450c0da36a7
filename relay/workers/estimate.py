"""What the engine knows of a leg's path towards its participant.

Pure data, between `relay.engine`, which brings it, and whoever spends or shows it.
"""

from __future__ import annotations

from typing import NamedTuple

from relay.ids import LegId


class Estimate(NamedTuple):
    """One leg's path, as last told: at most 50 ms after it moved by 2 %, and once a second."""

    leg: LegId
    rate_bps: int
    """What may be sent: media, retransmissions and padding, with headers."""
    estimate_bps: int
    """What the path is thought to carry; above the rate while a queue empties."""
    owed_bps: int
    """By how much less than the rate should be sent anew, while pictures wait in the relay."""
    sound_told: int = 0
    """Packets of sound of which the participant has told whether they arrived; cumulative."""
    sound_lost: int = 0
    """Those of them that have not."""
