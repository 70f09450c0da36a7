"""What somebody's own check before the consultation found: the words of it.

Pure data: clients report it, a participant carries it (`relay.rooms.participant`), a consultation's
report shows it. Words of closed sets and plain figures: no device's name, no address.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

CheckedThing = Literal["camera", "microphone", "speaker", "network", "bandwidth", "browser"]
CheckVerdict = Literal["good", "weak", "bad", "unknown"]


class Check(NamedTuple):
    """What was found of one thing."""

    what: CheckedThing
    verdict: CheckVerdict


class Precall(NamedTuple):
    """What was found in all."""

    verdict: CheckVerdict
    checks: tuple[Check, ...] = ()
    up_kbps: int | None = None
    """Measured from the browser to the relay."""
    down_kbps: int | None = None
