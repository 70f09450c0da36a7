"""What a participant's client says of its own devices and players.

Claims, not facts: `relay.silence` weighs them. Pure but for being remembered. Filled by
`relay.seats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from relay.ids import PublicationId
from relay.trouble import Playing, Sending

_State = TypeVar("_State", Sending, Playing)


@dataclass(slots=True)
class Health:
    """The last word on each track, and when it was first said, monotonic ns."""

    sending: dict[PublicationId, tuple[Sending, int]] = field(default_factory=dict)
    playing: dict[PublicationId, tuple[Playing, int]] = field(default_factory=dict)

    def note(
        self,
        sending: Mapping[PublicationId, Sending],
        playing: Mapping[PublicationId, Playing],
        now_ns: int,
    ) -> None:
        """Take in a report, which replaces the last; what it repeats keeps its age."""
        self.sending = _aged(sending, self.sending, now_ns)
        self.playing = _aged(playing, self.playing, now_ns)


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
