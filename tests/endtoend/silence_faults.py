"""Why somebody is not heard or seen: each cause as a test makes it, mends it, and reads of it."""

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


@dataclass(frozen=True)
class Fault:
    """A cause, how it is made and mended, and what is told of it."""

    inject: Act
    mend: Act
    source: str
    stage: str
    cause: str
    here: str
    """How what the practitioner reads begins."""
    there: str
    """The same for the patient, whose sound or picture is missing."""
    prepare: Act | None = None
    """What has to be so before."""


HEAR, HEARD = "You cannot hear the patient: ", "The practitioner cannot hear you: "
SEE, SEEN = "You cannot see the patient: ", "The practitioner cannot see you: "

FAULTS = {
    "the patient's sound is lost on its way to the relay": Fault(
        lose("patient", Kind.AUDIO, towards_relay=True),
        Scene.carry_all,
        "microphone",
        "not_arriving",
        "stopped",
        HEAR + "nothing arrives from there",
        HEARD + "nothing arrives from your connection",
    ),
    "the patient's picture is lost on its way to the relay": Fault(
        lose("patient", Kind.VIDEO, towards_relay=True),
        Scene.carry_all,
        "camera",
        "not_arriving",
        "stopped",
        SEE + "nothing arrives from there",
        SEEN + "nothing arrives from your connection",
    ),
    "sound is lost on its way to the practitioner": Fault(
        lose("practitioner", Kind.AUDIO, towards_relay=False),
        Scene.carry_all,
        "microphone",
        "not_received",
        "lost",
        HEAR + "it does not get through to you",
        HEARD + "it does not get through",
    ),
    "pictures are lost on their way to the practitioner": Fault(
        lose("practitioner", Kind.VIDEO, towards_relay=False),
        Scene.carry_all,
        "camera",
        "not_received",
        "lost",
        SEE + "it does not get through to you",
        SEEN + "it does not get through",
    ),
    "the patient's camera sends no key frames": Fault(
        in_turn(in_page("patient", "window.faults.withoutKeyFrames()"), Scene.rebind_picture),
        in_page("patient", "window.faults.withKeyFrames()"),
        "camera",
        "not_forwarded",
        "held",
        SEE,
        SEEN,
        Scene.see_encoded,
    ),
    "the microphone's track has ended": Fault(
        in_page("patient", "window.faults.stop('microphone')"),
        in_page("patient", "window.bare.publishDevices()"),
        "microphone",
        "not_captured",
        "device_ended",
        HEAR + "the microphone there is no longer connected",
        HEARD + "your microphone is no longer connected",
    ),
    "the camera's track has ended": Fault(
        in_page("patient", "window.faults.stop('camera')"),
        in_page("patient", "window.bare.publishDevices()"),
        "camera",
        "not_captured",
        "device_ended",
        SEE + "the camera there is no longer connected",
        SEEN + "your camera is no longer connected",
    ),
    "the camera gives no pictures": Fault(
        in_page("patient", "window.faults.stopDrawing()"),
        in_page("patient", "window.bare.publishDevices()"),
        "camera",
        "not_captured",
        "no_picture",
        SEE + "the camera there gives no picture",
        SEEN + "your camera gives no picture",
    ),
    "the microphone gives digital silence": Fault(
        in_page("patient", "window.faults.silent()"),
        in_page("patient", "window.faults.audible()"),
        "microphone",
        "not_captured",
        "no_sound",
        HEAR + "the microphone there gives no sound",
        HEARD + "your microphone gives no sound",
    ),
    "the system mutes the microphone": Fault(
        in_page("patient", "(window.faults.mutedBySystem('microphone'), window.faults.silent())"),
        in_page(
            "patient", "(window.faults.unmutedBySystem('microphone'), window.faults.audible())"
        ),
        "microphone",
        "not_captured",
        "device_muted",
        HEAR + "the device there holds the microphone back",
        HEARD + "your device holds the microphone back",
    ),
    "the system mutes the camera": Fault(
        in_page("patient", "window.faults.mutedBySystem('camera')"),
        in_page("patient", "window.faults.unmutedBySystem('camera')"),
        "camera",
        "not_captured",
        "device_muted",
        SEE + "the device there holds the camera back",
        SEEN + "your device holds the camera back",
    ),
    "another microphone is in use, and gives nothing": Fault(
        in_turn(
            in_page(
                "patient", "window.bare.consultation().switchDevice('microphone', 'another one')"
            ),
            in_page("patient", "window.faults.silent()"),
        ),
        in_page("patient", "window.faults.audible()"),
        "microphone",
        "not_captured",
        "wrong_device",
        HEAR + "another microphone is in use there",
        HEARD + "another microphone is in use than the one you chose",
    ),
    "the practitioner's page has paused": Fault(
        in_page("practitioner", "window.faults.pause()"),
        in_page("practitioner", "window.faults.play()"),
        "microphone",
        "not_played",
        "play_paused",
        HEAR + "playing is paused",
        HEARD + "playing is paused there",
    ),
    "the practitioner's audio context is suspended": Fault(
        in_page("practitioner", "window.faults.suspend()"),
        in_page("practitioner", "window.faults.resume()"),
        "microphone",
        "not_played",
        "audio_suspended",
        HEAR + "the sound of this page is suspended",
        HEARD + "the sound of the page there is suspended",
    ),
    "the practitioner's loudspeaker is gone": Fault(
        in_page("practitioner", "window.faults.loseSpeaker()"),
        in_page("practitioner", "window.faults.backToSpeaker()"),
        "microphone",
        "not_played",
        "no_speaker",
        HEAR + "the loudspeaker you chose is gone",
        HEARD + "the loudspeaker chosen there is gone",
    ),
}


ON_PURPOSE = {
    "muted": (
        "window.bare.consultation().mute('microphone')",
        "window.bare.consultation().mute('camera')",
    ),
    "an empty sender": (
        "window.faults.emptySender('microphone')",
        "window.faults.emptySender('camera')",
    ),
    "a whisper": ("(window.faults.gain.value = 0.0005)",),
    "another camera than the one chosen": (
        "window.bare.consultation().switchDevice('camera', 'another one')",
    ),
}
