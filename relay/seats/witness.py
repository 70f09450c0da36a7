"""What happens to a leg, and what that means for its participant and the room.

The other end of `relay.session`: states become `connection` events and counters, the engine's
events become presence and speech. Acts at once; starts no task; one per place.
"""

from __future__ import annotations

from typing import Final

import structlog

from relay.engine import Event, LegEvent
from relay.errors import ConsentLost, HandshakeFailed, PeerError
from relay.legs.leg import Leg
from relay.metrics import of_paths, table
from relay.places.open_rooms import Place
from relay.rooms.events import ConnectionChanged, SpeakingChanged
from relay.rooms.leg_states import LegInput, LegState, leg_after
from relay.routing.bindings import rebind
from relay.routing.conversation import converse_untrusted, deliver_held
from relay.units import seconds_of_ns

NO_PATH: Final = "no_path"
INTERNAL: Final = "internal"

_log: Final = structlog.get_logger(__name__)


class RoomWitness:
    """Watches the legs of one place."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def handle_state(self, leg: Leg, happening: LegInput, failure: PeerError | None = None) -> None:
        """Move the leg's state, and tell whom it concerns when it changes."""
        before, leg.state = leg.state, leg_after(leg.state, happening)
        if leg.state is before:
            return
        reason = None if happening is not LegInput.FAIL else self._count_failure(leg, failure)
        if happening is LegInput.LOSE_PATH:
            reason = ConsentLost.code
            self._place.room.tally.count(of_paths.ICE_FAILURES, reason=reason)
        _log.info("a leg changed", leg=leg.id, state=leg.state.value, reason=reason)
        if happening is LegInput.SECURE:
            self._secured(leg)
        if leg is self._place.leg and leg.state is not LegState.CLOSED:
            self._place.connection = ConnectionChanged(leg.state, reason)
            self._place.tell(self._place.connection)
        if before is LegState.INTERRUPTED and leg.state is LegState.CONNECTED:
            rebind(self._place.room)  # somebody who is back decodes again
        if leg.state is LegState.CONNECTED:
            deliver_held(self._place)
        if not leg.alive:
            self._over(leg)

    def handle_event(self, leg: Leg, event: LegEvent) -> None:
        """Turn what the engine reports into what it means."""
        match event:
            case Event.Connected() | Event.AddressChanged():
                leg.has_path = True
                self.handle_state(leg, LegInput.FIND_PATH)
            case Event.ConsentLost():
                self.handle_state(leg, LegInput.LOSE_PATH)
            case Event.MediaStarted() | Event.EncodingStarted() | Event.EncodingStopped():
                # Media alone proves no path: it may come from where nobody has answered yet.
                self._place.room.rerouted(self._place.room)
            case Event.SlotStarted():
                self._first_media()
            case Event.SpeakerLevel(voice=voice):
                self._speaks(speaking=voice)
            case Event.WorkerFailed():
                self.handle_state(leg, LegInput.FAIL)
                if leg.task is not None:
                    leg.task.cancel()
            case _:
                pass  # reports are read once a second by relay.monitoring.measuring

    def handle_channel(self, leg: Leg) -> None:
        """Deliver what was said while somebody could not be reached."""
        if leg is self._place.leg:
            deliver_held(self._place)

    def handle_message_untrusted(self, leg: Leg, text: str | bytes) -> None:
        """Route a data message; one of a leg that has ended is dropped.

        The leg before a reload counts: its page may have said something while it was going.
        """
        if leg in self._place.legs():
            converse_untrusted(self._place, text)

    def _secured(self, leg: Leg) -> None:
        """A leg carries keys: from now on it feeds the others."""
        place, room = self._place, self._place.room
        leg.secured_ns = room.clock.now_ns()
        if place.relocation is not None and place.relocation.leg is leg:
            place.relocation.ready()
            return
        handshake_ns = 0 if leg.datagrams is None else leg.datagrams.handled_ns
        room.tally.observe(table.HANDSHAKE_HANDLING, seconds_of_ns(handshake_ns))
        if not place.connected_once:
            place.connected_once = True
            since_join_s = seconds_of_ns(leg.secured_ns - place.joined_ns)
            room.tally.observe(table.JOIN_DURATION, since_join_s)
            own_s = seconds_of_ns(leg.answering_ns + handshake_ns)
            room.tally.observe(table.JOIN_HANDLING, own_s)
        old, place.previous = place.previous, None
        rebind(room)
        if old is not None and old is not leg:
            self.close(old)

    def close(self, leg: Leg) -> None:
        """End a leg because somebody wants it so."""
        self.handle_state(leg, LegInput.CLOSE)
        if leg.task is not None:
            leg.task.cancel()

    def _over(self, leg: Leg) -> None:
        """A leg is gone: nothing of it is carried, and nothing to it."""
        place = self._place
        if place.relocation is not None and place.relocation.leg is leg:
            place.relocation.leg = None
            place.relocation.late()
            return
        if place.previous is leg:
            place.previous = None
        if place.leg is leg:
            place.leg = None
            if leg.state is LegState.FAILED:
                self._fall_back()
        rebind(place.room)

    def _fall_back(self) -> None:
        """Go on with the leg before the one that failed, as long as it carries media."""
        place, previous = self._place, self._place.previous
        if previous is not None and previous.state is LegState.CONNECTED:
            place.leg, place.previous = previous, None
            place.connection = ConnectionChanged(previous.state)
            place.tell(place.connection)

    def _count_failure(self, leg: Leg, failure: PeerError | None) -> str:
        """Count a failure under whose fault it is, and give its reason."""
        tally = self._place.room.tally
        if failure is None:
            tally.count(table.LEG_FAILURES, reason=INTERNAL)
            return INTERNAL
        if isinstance(failure, HandshakeFailed) and not leg.has_path:
            tally.count(of_paths.ICE_FAILURES, reason=NO_PATH)
            return NO_PATH
        if isinstance(failure, HandshakeFailed):
            tally.count(table.DTLS_FAILURES, reason=failure.reason)
        else:
            tally.count(table.LEG_FAILURES, reason=failure.reason)
        return failure.reason

    def _first_media(self) -> None:
        place = self._place
        if not place.media_once:
            place.media_once = True
            since_join_ns = place.room.clock.now_ns() - place.joined_ns
            place.room.tally.observe(table.FIRST_MEDIA, seconds_of_ns(since_join_ns))

    def _speaks(self, *, speaking: bool) -> None:
        place = self._place
        if place.speaking is not speaking:
            place.speaking = speaking
            changed = SpeakingChanged(place.participant.id, speaking)
            place.tell(changed)
            place.room.tell_reached(place.participant.id, changed)
