"""Somebody is not heard or seen: each cause is made, told on both sides, and told to be over.

`tests/artifacts/one_way_silence.json` keeps how long each took (docs/silence.md).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from relay.config import MediaConfig
from relay.legs import NO_TRACK
from relay.rooms.permissions import Kind
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.relay_process import free_udp_port
from tests.endtoend.wire import BACK, FRONT, Packet, Wire, forwarding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.legs import Leg
    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

TOLD_WITHIN_S = 6.0
"""People are to be told within 3 s; a machine full of tests gets as long again."""
MENDED_WITHIN_S = 20.0
NO_ALARM_FOR_S = 6.0
SOUND = {111, 63}
"""Chromium's payload types of Opus, alone and redundant."""
ARTIFACT = Path(__file__).resolve().parents[1] / "artifacts" / "one_way_silence.json"


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


@pytest_asyncio.fixture(loop_scope="session")
async def scene(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
) -> AsyncIterator[Scene]:
    """Two people who hear and see each other over a wire that a test can cut."""
    media = MediaConfig(listen=(BACK,), port=free_udp_port(), announce=(FRONT,), adaptation=False)
    async with (
        serving_here(front_end, media=media) as relay,
        forwarding(relay.port, media.port) as wire,
    ):
        room = Consultation(relay, front_end, browser, websocket_host=FRONT)
        practitioner = await room.join("practitioner", RED)
        patient = await room.join("patient", BLUE, publish=False)
        await patient.tab.evaluate("window.faults.useTestDevices()")
        await patient.tab.evaluate("window.bare.publishDevices()")
        await touch(practitioner)
        scene = Scene(room.room, relay, wire, practitioner, patient)
        await asyncio.gather(
            patient.sees(RED), patient.hears(RED), practitioner.decodes(20, within_s=15)
        )
        try:
            yield scene
        finally:
            await room.close()


async def touch(participant: Participant) -> None:
    """Touch the page, as everybody does who has joined by a button."""
    page: Any = participant.tab
    await page.page.mouse.click(5, 5)


async def told(
    participant: Participant, since_ms: float, within_s: float, *, over: bool
) -> dict[str, Any]:
    """Wait for the first word on a silence since a moment."""
    found = (
        "window.bare.seen.find(({ name, at_ms, detail }) => name === 'silence' && "
        f"at_ms >= {since_ms} && detail.over === {json.dumps(over)})"
    )
    seen: dict[str, Any] = await participant.until(found, within_s=within_s)
    return seen


@pytest.mark.parametrize("name", FAULTS)
async def test_both_sides_are_told_who_is_not_heard_or_seen_and_why(
    scene: Scene, name: str
) -> None:
    fault = FAULTS[name]
    begun_ms = time.time() * 1_000
    await fault.inject(scene)
    seen = [
        await told(person, begun_ms, TOLD_WITHIN_S, over=False)
        for person in (scene.practitioner, scene.patient)
    ]
    for word, direction, words in zip(
        seen, ("from", "towards"), (fault.here, fault.there), strict=True
    ):
        detail = word["detail"]
        assert (detail["stage"], detail["cause"]) == (fault.stage, fault.cause)
        assert (detail["direction"], detail["source"]) == (direction, fault.source)
        assert detail["words"].startswith(words)
    keep(name, max(word["at_ms"] for word in seen) - begun_ms)

    mended_ms = time.time() * 1_000
    await fault.mend(scene)
    again = [
        (await told(person, mended_ms, MENDED_WITHIN_S, over=True))["detail"]
        for person in (scene.practitioner, scene.patient)
    ]
    does = "see" if fault.source == "camera" else "hear"
    assert again[0]["words"] == f"You can {does} the patient again."
    assert again[1]["words"] == f"The practitioner can {does} you again."


def keep(name: str, told_ms: float) -> None:
    """Write how long it took beside the others."""
    ARTIFACT.parent.mkdir(exist_ok=True)
    known = json.loads(ARTIFACT.read_text()) if ARTIFACT.exists() else {}
    ARTIFACT.write_text(json.dumps(known | {name: round(told_ms)}, indent=2) + "\n")


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


@pytest.mark.parametrize("name", ON_PURPOSE)
async def test_no_alarm_is_raised_over_what_is_so_on_purpose(scene: Scene, name: str) -> None:
    for expression in ON_PURPOSE[name]:
        await scene.patient.tab.evaluate(f"Promise.resolve({expression}).then(() => null)")
    await asyncio.sleep(NO_ALARM_FOR_S)
    for person in (scene.practitioner, scene.patient):
        words = await person.tab.evaluate(
            "window.bare.seen.filter(({ name }) => name === 'silence').map(({ detail }) => detail)"
        )
        assert words == []
