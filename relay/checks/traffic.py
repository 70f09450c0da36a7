"""What goes over one leg of a check: messages without meaning, counted.

The other end of `relay.session` for such a leg, in the place of a room's witness. Knows no room and
nobody; acts at once and starts no task. Made by `relay.checks.check`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from relay.checks.flow import MESSAGE_BYTES, Arrivals, Departures
from relay.clock import Clock
from relay.engine import Event, LegEvent
from relay.errors import Conflict, NotFound, Overloaded, PeerError, TooLarge
from relay.legs.leg import Leg
from relay.messages.message import CHANNEL
from relay.rooms.leg_states import LegInput, LegState, leg_after
from relay.units import NS_PER_MS, ns_of_seconds

TICK_S: Final = 0.01
"""At 3 Mbit/s, three messages."""
BEGINS_WITHIN_S: Final = 2.0
"""The first message of a measurement: the channel opens a round trip or two after the path."""
MOST_RECEIVED_BYTES: Final = 4_000_000
"""Over one leg, in all: four times what two seconds bring at the rate that is measured at most."""
FILLING: Final = "0" * MESSAGE_BYTES
BEGIN: Final = "0"
"""Nothing has come: the other end may begin."""
_ACKNOWLEDGEMENT: Final = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Measured:
    """One direction of one path."""

    received_bytes: int
    """Towards the participant: what they acknowledged."""
    duration_ms: int
    kbps: int | None
    """As links carry it; `None` where too little came to tell."""


@dataclass(slots=True, eq=False)
class Traffic:
    """One leg of a check."""

    clock: Clock
    received_bytes: int = 0
    _arrivals: Arrivals | None = None
    _departures: Departures | None = None

    def handle_state(self, leg: Leg, happening: LegInput, failure: PeerError | None = None) -> None:
        """Move the leg's state; whose check it is learns of it from their own end."""
        del failure
        leg.state = leg_after(leg.state, happening)

    def handle_event(self, leg: Leg, event: LegEvent) -> None:
        """End the leg whose worker has failed."""
        match event:
            case Event.Connected() | Event.AddressChanged():
                leg.has_path = True
            case Event.WorkerFailed():
                self.handle_state(leg, LegInput.FAIL)
                if leg.task is not None:
                    leg.task.cancel()
            case _:
                pass

    def handle_channel(self, leg: Leg) -> None:
        """Take note of nothing: whether it is open is looked at when it is needed."""
        del leg

    def handle_message_untrusted(self, leg: Leg, text: str | bytes) -> None:
        """Count a message, or take it for the other end's word for what has come there."""
        now_ns = self.clock.now_ns()
        self.received_bytes += len(text)
        if self.received_bytes > MOST_RECEIVED_BYTES:
            if leg.task is not None:
                leg.task.cancel()
        elif (total_bytes := acknowledged_untrusted(text)) is not None:
            if self._departures is not None:
                self._departures.note_acknowledged(total_bytes, now_ns)
        elif self._arrivals is not None and self._arrivals.note(len(text), now_ns):
            self._send(leg, str(self._arrivals.received_bytes))

    async def measure_ingress(self, leg: Leg) -> Measured:
        """Count what the participant sends, for two seconds from its beginning.

        Raises:
            Conflict: The leg is gone, or is not up.

        *Cancellation:* nothing is counted any more.
        """
        await self._await_up(leg)
        arrivals = self._arrivals = Arrivals()
        asked_ns = self.clock.now_ns()
        is_asked = False
        try:
            while not arrivals.is_over(now_ns := self.clock.now_ns()):
                self._require_up(leg)
                # What came before it is counted would never be acknowledged.
                is_asked = is_asked or self._send(leg, BEGIN)
                is_late = now_ns - asked_ns > ns_of_seconds(BEGINS_WITHIN_S)
                if is_late and arrivals.begun_ns is None:
                    break
                await self.clock.sleep(TICK_S)
        finally:
            self._arrivals = None
        begun_ns = now_ns if arrivals.begun_ns is None else arrivals.begun_ns
        duration_ms = (now_ns - begun_ns) // NS_PER_MS
        return Measured(arrivals.received_bytes, duration_ms, arrivals.kbps(now_ns))

    async def measure_egress(self, leg: Leg, *, most_kbps: int, duration_s: float) -> Measured:
        """Send the participant messages, as fast as they acknowledge them and no faster than said.

        Raises:
            Conflict: The leg is gone, or is not up.

        *Cancellation:* nothing more is sent.
        """
        await self._await_up(leg)
        begun_ns = self.clock.now_ns()
        departures = self._departures = Departures(most_kbps * 1_000, begun_ns)
        try:
            while (now_ns := self.clock.now_ns()) - begun_ns < ns_of_seconds(duration_s):
                self._require_up(leg)
                for _ in range(departures.allowed(now_ns)):
                    if not self._send(leg, FILLING):
                        break
                    departures.note_sent(now_ns)
                await self.clock.sleep(TICK_S)
        finally:
            self._departures = None
        # What came and when is known at the other end.
        return Measured(departures.acknowledged_bytes, (now_ns - begun_ns) // NS_PER_MS, None)

    async def _await_up(self, leg: Leg) -> None:
        """Wait until the data channel is open at this end, too: the other end may know of it first.

        Raises:
            Conflict: The leg is gone, or takes too long.

        *Cancellation:* there is nothing to undo.
        """
        asked_ns = self.clock.now_ns()
        while not _is_up(leg):
            is_late = self.clock.now_ns() - asked_ns > ns_of_seconds(BEGINS_WITHIN_S)
            if is_late or not leg.alive:
                raise _not_up()
            await self.clock.sleep(TICK_S)

    def _require_up(self, leg: Leg) -> None:
        if not _is_up(leg):
            raise _not_up()

    def _send(self, leg: Leg, text: str) -> bool:
        """Send a message, or leave it: what does not fit now was more than the path carries."""
        if leg.channels is None:
            return False
        try:
            leg.channels.send(CHANNEL, text)
        except (NotFound, TooLarge, Overloaded):
            return False
        return True


def _is_up(leg: Leg) -> bool:
    channels = leg.channels
    return leg.state is LegState.CONNECTED and channels is not None and CHANNEL in channels.opened


def _not_up() -> Conflict:
    return Conflict(
        "The connection of this check is not up.",
        action="Measure over a connection whose data channel is open.",
    )


def acknowledged_untrusted(text: str | bytes) -> int | None:
    """Read how many bytes the other end has; `None` where this is no acknowledgement."""
    if isinstance(text, str) and _ACKNOWLEDGEMENT.fullmatch(text):
        return int(text)
    return None
