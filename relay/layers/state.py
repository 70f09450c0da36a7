"""How a receiver stands, in the few words that metrics count and the SDK says to people.

Closed sets: they are metric labels. Pure data.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What one receiver gets of the pictures it wants."""

    FULL = "full"
    """All of them, at their best."""
    REDUCED = "reduced"
    """All of them, some smaller or less smooth than they could be."""
    FOLLOWED = "followed"
    """All of them, each as good as its encoder makes it for this receiver alone."""
    PARTLY_PAUSED = "partly_paused"
    """Some, so that the others can be seen."""
    VIDEO_PAUSED = "video_paused"
    """None, so that people can hear each other."""
    AUDIO_ONLY = "audio_only"
    """None is wanted, or none is being sent."""


class Pause(StrEnum):
    """Why a slot carries no picture although it should."""

    LOW_RATE = "low_rate"
    """The path carries too little for it beside sound, however small it is made."""
    NO_ROOM = "no_room"
    """The path would carry it alone, and what matters more, or came before, takes what there is."""
    NOT_SENT = "not_sent"
    """Its publisher sends nothing that would fit; it is asked to."""


def state_of(*, pauses: list[Pause], shown: int, at_best: bool, followed: bool) -> State:
    """Put a receiver's pictures into one word.

    Args:
        pauses: Why each picture that is not shown is not.
        shown: How many are.
        at_best: Whether those shown are as good as they can be had.
        followed: Whether encoders follow the receiver in all of them.

    """
    withheld = [pause for pause in pauses if pause is not Pause.NOT_SENT]
    if not shown:
        return State.VIDEO_PAUSED if withheld else State.AUDIO_ONLY
    if withheld:
        return State.PARTLY_PAUSED
    if followed:
        return State.FOLLOWED
    return State.FULL if at_best and not pauses else State.REDUCED
