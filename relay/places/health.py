"""What a participant's client says of its own devices and players, and of what it receives.

Claims, not facts: `relay.silence` weighs them, `relay.charts` shows them as such. Pure but for
being remembered. Filled by `relay.seats.seat`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from relay.charts.facts import Network, Stood
from relay.ids import PublicationId
from relay.trouble import Playing, Sending
from relay.units import NS_PER_MS

_State = TypeVar("_State", Sending, Playing)


@dataclass(slots=True)
class Experience:
    """What has become of what a client received, since it was last taken note of."""

    network: Network | None = None
    """By which way it comes; a client that never said tells nothing of the rest, either."""
    made_up_ms: int = 0
    """Of sound, by all its players together."""
    frozen_ms: int = 0
    """Of pictures."""

    def take(self) -> tuple[int, int]:
        """Give both, and begin to count anew."""
        taken = (self.made_up_ms, self.frozen_ms)
        self.made_up_ms = self.frozen_ms = 0
        return taken


@dataclass(slots=True)
class Health:
    """The last word on each track, and when it was first said, monotonic ns."""

    sending: dict[PublicationId, tuple[Sending, int]] = field(default_factory=dict)
    playing: dict[PublicationId, tuple[Playing, int]] = field(default_factory=dict)
    experience: Experience = field(default_factory=Experience)
    stood: Stood | None = None
    """When its page last stood still."""

    def note(
        self,
        sending: Mapping[PublicationId, Sending],
        playing: Mapping[PublicationId, Playing],
        now_ns: int,
    ) -> None:
        """Take in a report, which replaces the last; what it repeats keeps its age."""
        self.sending = _aged(sending, self.sending, now_ns)
        self.playing = _aged(playing, self.playing, now_ns)

    def note_received(self, network: Network | None, made_up_ms: int, frozen_ms: int) -> None:
        """Take in what became of what was received since the word before."""
        mine = self.experience
        mine.network = network or mine.network
        mine.made_up_ms += made_up_ms
        mine.frozen_ms += frozen_ms

    def note_stood(self, began_ms_ago: int, ended_ms_ago: int, now_ns: int) -> None:
        """Take in when the page stood still."""
        ago_ns = (began_ms_ago * NS_PER_MS, ended_ms_ago * NS_PER_MS)
        self.stood = Stood(now_ns - ago_ns[0], now_ns - ago_ns[1])


def _aged(
    said: Mapping[PublicationId, _State],
    before: Mapping[PublicationId, tuple[_State, int]],
    now_ns: int,
) -> dict[PublicationId, tuple[_State, int]]:
    aged = {}
    for track, state in said.items():
        known = before.get(track)
        aged[track] = known if known is not None and known[0] is state else (state, now_ns)
    return aged
