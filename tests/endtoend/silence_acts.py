"""Two people, what carries them, and what a test does to that so that somebody falls silent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relay.legs.leg import NO_TRACK
from relay.rooms.permissions import Kind
from tests.endtoend.tab import call
from tests.endtoend.wire import FRONT

if TYPE_CHECKING:
    from relay.legs.leg import Leg
    from tests.endtoend.participant import Participant
    from tests.endtoend.relay_here import RelayHere
    from tests.endtoend.wire import Packet, Wire

SOUND = {111, 63}
"""Chromium's payload types of Opus, alone and redundant."""


@dataclass
class Scene:
    """A practitioner and a patient, what carries them, and what can be done to it."""

    room: str
    relay: RelayHere
    wire: Wire
    practitioner: Participant
    patient: Participant

    def leg(self, role: str) -> Leg:
        """The present leg of one of them."""
        leg = self.relay.place(self.room, role).leg
        assert leg is not None
        return leg

    def drop(self, role: str, kind: Kind, *, towards_relay: bool) -> None:
        """Lose everything of one kind that goes one way between somebody and the relay."""

        def is_lost(packet: Packet) -> bool:
            return (
                packet.towards_relay is towards_relay
                and (packet.payload_type in SOUND) is (kind is Kind.AUDIO)
                and packet.relay_ufrag == self.leg(role).credentials.ufrag
            )

        self.wire.drops = is_lost

    async def carry_all(self) -> None:
        """Lose nothing any more."""
        self.wire.drops = lambda _: False

    async def rebind_picture(self) -> None:
        """Begin the patient's picture anew at the practitioner's, as a newcomer's begins."""
        leg = self.leg("practitioner")
        mid, slot = next(
            (mid, slot)
            for mid, slot in leg.slots.items()
            if slot.kind is Kind.VIDEO and slot.track != NO_TRACK
        )
        track = slot.track
        leg.carry(mid, NO_TRACK)
        leg.carry(mid, track)

    async def see_encoded(self) -> None:
        """Load the patient's page anew, so that a test sees what it encodes."""
        tab: Any = self.patient.tab
        await tab.page.add_init_script("window.seesEncoded = true")
        await tab.reload()
        await self.patient.until("Boolean(window.bare)")
        token = await self.relay.token(self.room, "patient", "patient-blue")
        socket = f"ws://{FRONT}:{self.relay.port}/v1/ws"
        await tab.evaluate(call("window.bare.join", token, socket))
        await tab.evaluate("window.faults.useTestDevices()")
        await tab.evaluate("window.bare.publishDevices()")
        await self.practitioner.decodes(20)


Act = Callable[[Scene], Awaitable[Any]]


def in_page(role: str, expression: str) -> Act:
    """Do something in one of the pages."""
    return lambda scene: getattr(scene, role).tab.evaluate(expression)


def lose(role: str, kind: Kind, *, towards_relay: bool) -> Act:
    """Lose one kind of packets one way."""

    async def act(scene: Scene) -> None:
        scene.drop(role, kind, towards_relay=towards_relay)

    return act


def in_turn(*acts: Act) -> Act:
    """Do several things, one after the other."""

    async def act(scene: Scene) -> None:
        for each in acts:
            await each(scene)

    return act
