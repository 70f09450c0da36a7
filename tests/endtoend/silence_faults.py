"""Why somebody is not heard or seen: each cause as a test makes it, mends it, and reads of it."""

from __future__ import annotations

from dataclasses import dataclass

from relay.rooms.permissions import Kind
from tests.endtoend.silence_acts import Act, Scene, in_page, in_turn, lose


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
    "the patient's sound never comes": Fault(
        in_turn(
            lose("patient", Kind.AUDIO, towards_relay=True),
            in_page(
                "patient", "window.bare.consultation().publish({ audio: true }).then(() => null)"
            ),
        ),
        Scene.carry_all,
        "microphone",
        "not_arriving",
        "never_came",
        HEAR + "nothing arrives from there",
        HEARD + "nothing arrives from your connection",
        in_page("patient", "window.bare.consultation().unpublish('microphone')"),
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
    "the practitioner's browser waits for a touch": Fault(
        in_page("practitioner", "window.faults.refuse()"),
        in_page("practitioner", "window.faults.touched()"),
        "microphone",
        "not_played",
        "play_refused",
        HEAR + "your browser waits for a touch before it plays",
        HEARD + "the browser there waits for a touch before it plays",
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
