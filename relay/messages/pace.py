"""How many data messages one participant may send: a token bucket, and how often to say so.

Pure: the time is an argument. A message is routed to everybody it addresses, so one sender's haste
is paid for by the whole process. Kept per seat, so that a reload does not fill it. Called by
`relay.routing.conversation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relay.units import ns_of_seconds

BURST: Final = 100
PER_S: Final = 20.0
"""Far above what people type or a pointer needs; far below what costs the loop anything."""

_NS_PER_MESSAGE: Final = ns_of_seconds(1 / PER_S)
_BURST_NS: Final = BURST * _NS_PER_MESSAGE
_SECOND_NS: Final = ns_of_seconds(1.0)


@dataclass(slots=True)
class MessagePace:
    """What one participant has left of their messages."""

    _free_from_ns: int = 0
    """When all that was sent is paid for; at most a burst ahead of now."""
    _quiet_until_ns: int = 0

    def admits(self, now_ns: int) -> bool:
        """Spend one message, if there is one left."""
        paid_ns = max(self._free_from_ns, now_ns) + _NS_PER_MESSAGE
        if paid_ns - now_ns > _BURST_NS:
            return False
        self._free_from_ns = paid_ns
        return True

    def is_worth_saying(self, now_ns: int) -> bool:
        """Whether to tell the sender of a refusal: once a second, for telling has a price."""
        if now_ns < self._quiet_until_ns:
            return False
        self._quiet_until_ns = now_ns + _SECOND_NS
        return True
