"""What can keep somebody's sound or picture from where it should arrive: where, and why.

Pure data: the words that `relay.silence` judges in, `relay.rooms.events` tells, and clients report.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Stage(StrEnum):
    """How far it comes; each stage is one that the one before it leads to."""

    NOT_CAPTURED = "not_captured"
    """The publisher's device gives nothing."""
    NOT_ARRIVING = "not_arriving"
    """It is published, and no packets come."""
    NOT_FORWARDED = "not_forwarded"
    """Packets come, and are not sent on to a receiver."""
    NOT_RECEIVED = "not_received"
    """They are sent on, and do not arrive."""
    NOT_PLAYED = "not_played"
    """They arrive, and the receiver's browser plays nothing."""


class Cause(StrEnum):
    """What is most likely behind it."""

    DEVICE_ENDED = "device_ended"
    """The device is gone."""
    DEVICE_MUTED = "device_muted"
    """The system, or a switch on the device, withholds what it captures."""
    WRONG_DEVICE = "wrong_device"
    """Another device is in use than the one that was chosen, and gives nothing."""
    NO_SOUND = "no_sound"
    """The microphone gives digital silence."""
    NO_PICTURE = "no_picture"
    """The camera gives no new pictures."""
    STOPPED = "stopped"
    """Packets came, and no longer do."""
    NEVER_CAME = "never_came"
    """The publisher sends, and not one packet has come."""
    HELD = "held"
    """The relay has nothing it could send on: mostly, no key frame comes."""
    LOST = "lost"
    """Packets are lost on the way to the receiver, or another one reads them."""
    PLAY_REFUSED = "play_refused"
    """The browser plays no sound before the person has touched the page."""
    PLAY_PAUSED = "play_paused"
    """What should play is paused."""
    AUDIO_SUSPENDED = "audio_suspended"
    """The page's audio context is suspended."""
    NO_SPEAKER = "no_speaker"
    """The loudspeaker that was chosen is gone."""


class Trouble(NamedTuple):
    """Where and why."""

    stage: Stage
    cause: Cause


class Sending(StrEnum):
    """What a client says of a track of its own."""

    SENDING = "sending"
    """Packets leave the browser."""
    OPENING = "opening"
    """A device is being opened."""
    IDLE = "idle"
    """None do, and the browser has not said why."""
    ENDED = "ended"
    MUTED = "muted"
    WRONG_DEVICE = "wrong_device"
    NO_PICTURE = "no_picture"


class Playing(StrEnum):
    """What a client says of a track that it should receive."""

    PLAYING = "playing"
    """Packets arrive, and as far as the client knows they are played."""
    MISSING = "missing"
    """No packets arrive."""
    REFUSED = "refused"
    PAUSED = "paused"
    SUSPENDED = "suspended"
    NO_SPEAKER = "no_speaker"


CAUSE_OF_SENDING: Final[Mapping[Sending, Cause]] = {
    Sending.ENDED: Cause.DEVICE_ENDED,
    Sending.MUTED: Cause.DEVICE_MUTED,
    Sending.WRONG_DEVICE: Cause.WRONG_DEVICE,
    Sending.NO_PICTURE: Cause.NO_PICTURE,
}
"""What a client's own device is said to withhold, and how."""

CAUSE_OF_PLAYING: Final[Mapping[Playing, Cause]] = {
    Playing.REFUSED: Cause.PLAY_REFUSED,
    Playing.PAUSED: Cause.PLAY_PAUSED,
    Playing.SUSPENDED: Cause.AUDIO_SUSPENDED,
    Playing.NO_SPEAKER: Cause.NO_SPEAKER,
}
