"""Every rule of what counts as silence, and of what does not."""

from __future__ import annotations

import pytest

from relay.silence import judging
from relay.silence.judging import (
    Claim,
    Delivered,
    Nature,
    Published,
    judge_delivered,
    judge_published,
)
from relay.silence.watch import Lack
from relay.trouble import Cause, Playing, Sending, Stage

VOICE, CAMERA, SCREEN = (
    Nature(voice=True),
    Nature(voice=False),
    Nature(voice=False, screen=True),
)
LONG_MS = 30_000


def comes(
    nature: Nature = VOICE,
    *,
    silent_ms: int = 20,
    zero_ms: int = 0,
    ended: bool = False,
    says: Sending | None = None,
) -> Published:
    """A track that is due."""
    is_still = silent_ms < 0 or max(silent_ms, zero_ms) >= judging.STILL_AFTER_MS
    claim = None if says is None else Claim(says, LONG_MS)
    return Published(nature, True, is_still, silent_ms, zero_ms, ended, claim)


def goes(
    nature: Nature = VOICE,
    *,
    sent_ms: int = 20,
    unheard_ms: int = 100,
    tells_arrivals: bool = True,
    is_heard: bool = True,
    says: Playing | None = None,
    says_for_ms: int = LONG_MS,
) -> Delivered:
    """A track that is due to somebody."""
    is_still = sent_ms < 0 or max(sent_ms, unheard_ms) >= judging.STILL_AFTER_MS
    claim = None if says is None else Claim(says, says_for_ms)
    return Delivered(nature, True, is_still, sent_ms, unheard_ms, tells_arrivals, is_heard, claim)


NO_ALARMS = {
    "speech": comes(),
    "discontinuous sound": comes(silent_ms=400),
    "two such packets lost": comes(silent_ms=1_250),
    "a quiet room, which is not digital silence": comes(zero_ms=400),
    "an announced sender without a track": comes(silent_ms=-1),
    "the same, as its client says": comes(silent_ms=-1, says=Sending.IDLE),
    "a sender switched off": comes(silent_ms=LONG_MS, ended=True),
    "one that its page has emptied": comes(silent_ms=LONG_MS + 1_000, says=Sending.IDLE),
    "the same, with its last packet slower than the word on it": comes(
        silent_ms=LONG_MS - 1_500, says=Sending.IDLE
    ),
    "a screen that does not change": comes(SCREEN, silent_ms=LONG_MS),
    "a minimised window": comes(SCREEN, silent_ms=LONG_MS, says=Sending.MUTED),
    "a screen without news": comes(SCREEN, silent_ms=LONG_MS, says=Sending.NO_PICTURE),
    "a voice that is heard, whatever its client says": comes(says=Sending.ENDED),
    "another camera than the one chosen, which works": comes(CAMERA, says=Sending.WRONG_DEVICE),
    "a camera whose pictures come, whatever its client sees": comes(
        CAMERA, says=Sending.NO_PICTURE
    ),
    "a camera that is being changed": comes(CAMERA, silent_ms=9_000)._replace(
        claim=Claim(Sending.OPENING, 9_000)
    ),
    "a screen of which its client does not say that it is sent": comes(SCREEN, silent_ms=LONG_MS),
    "a screen whose client has yet to see that nothing leaves": comes(
        SCREEN, silent_ms=3_900, says=Sending.SENDING
    ),
    "what is not due": comes(silent_ms=LONG_MS)._replace(is_due=False),
}


@pytest.mark.parametrize("track", NO_ALARMS.values(), ids=NO_ALARMS.keys())
def test_no_alarm_is_raised_over(track: Published) -> None:
    finding = judge_published(track)
    assert not isinstance(finding, Lack) or finding.age_ms < finding.patience_ms


ALARMS = {
    "no packets of a voice": (comes(silent_ms=2_000), Stage.NOT_ARRIVING, Cause.STOPPED),
    "no packets of a camera": (comes(CAMERA, silent_ms=2_400), Stage.NOT_ARRIVING, Cause.STOPPED),
    "no packets of another camera than the one chosen": (
        comes(CAMERA, silent_ms=2_400, says=Sending.WRONG_DEVICE),
        Stage.NOT_ARRIVING,
        Cause.STOPPED,
    ),
    "a camera that never opens": (
        comes(CAMERA, silent_ms=20_000, says=Sending.OPENING),
        Stage.NOT_ARRIVING,
        Cause.STOPPED,
    ),
    "its client sends, and nothing ever came": (
        comes(silent_ms=-1, says=Sending.SENDING),
        Stage.NOT_ARRIVING,
        Cause.NEVER_CAME,
    ),
    "the same, soon enough that people are told within three seconds": (
        comes(silent_ms=-1)._replace(claim=Claim(Sending.SENDING, 1_600)),
        Stage.NOT_ARRIVING,
        Cause.NEVER_CAME,
    ),
    "digital silence": (comes(zero_ms=2_000), Stage.NOT_CAPTURED, Cause.NO_SOUND),
    "the same, from another device than was chosen": (
        comes(zero_ms=2_000, says=Sending.WRONG_DEVICE),
        Stage.NOT_CAPTURED,
        Cause.WRONG_DEVICE,
    ),
    "a microphone that is gone": (
        comes(silent_ms=1_300, says=Sending.ENDED),
        Stage.NOT_CAPTURED,
        Cause.DEVICE_ENDED,
    ),
    "one that is gone and said goodbye": (
        comes(silent_ms=1_300, ended=True, says=Sending.ENDED),
        Stage.NOT_CAPTURED,
        Cause.DEVICE_ENDED,
    ),
    "one that was gone from the start": (
        comes(silent_ms=-1, says=Sending.ENDED),
        Stage.NOT_CAPTURED,
        Cause.DEVICE_ENDED,
    ),
    "one that the system mutes": (
        comes(zero_ms=2_000, says=Sending.MUTED),
        Stage.NOT_CAPTURED,
        Cause.DEVICE_MUTED,
    ),
    "a camera that the system mutes, which sends black": (
        comes(CAMERA, says=Sending.MUTED),
        Stage.NOT_CAPTURED,
        Cause.DEVICE_MUTED,
    ),
    "a camera that stands still": (
        comes(CAMERA, silent_ms=1_500, says=Sending.NO_PICTURE),
        Stage.NOT_CAPTURED,
        Cause.NO_PICTURE,
    ),
    "a screen that its client sends, and that does not arrive": (
        comes(SCREEN, silent_ms=4_100, says=Sending.SENDING),
        Stage.NOT_ARRIVING,
        Cause.STOPPED,
    ),
    "a voice that came after its client had said that nothing leaves": (
        comes(silent_ms=2_000, says=Sending.IDLE),
        Stage.NOT_ARRIVING,
        Cause.STOPPED,
    ),
    "a screen that is no longer shared": (
        comes(SCREEN, silent_ms=1_500, says=Sending.ENDED),
        Stage.NOT_CAPTURED,
        Cause.DEVICE_ENDED,
    ),
}


@pytest.mark.parametrize(("track", "stage", "cause"), ALARMS.values(), ids=ALARMS.keys())
def test_an_alarm_is_raised_over(track: Published, stage: Stage, cause: Cause) -> None:
    finding = judge_published(track)
    assert isinstance(finding, Lack)
    assert finding.trouble == (stage, cause)
    assert finding.age_ms >= finding.patience_ms


@pytest.mark.parametrize(
    ("track", "stage", "cause"),
    [
        (goes(sent_ms=1_600), Stage.NOT_FORWARDED, Cause.HELD),
        (goes(sent_ms=-1, unheard_ms=0), Stage.NOT_FORWARDED, Cause.HELD),
        (goes(CAMERA, sent_ms=2_400), Stage.NOT_FORWARDED, Cause.HELD),
        (goes(SCREEN, sent_ms=4_500), Stage.NOT_FORWARDED, Cause.HELD),
        (goes(unheard_ms=2_100), Stage.NOT_RECEIVED, Cause.LOST),
        (goes(unheard_ms=12_100, tells_arrivals=False), Stage.NOT_RECEIVED, Cause.LOST),
        # A page that hangs goes on saying what it said last, and so does who reports once.
        (goes(unheard_ms=2_100, says=Playing.PLAYING), Stage.NOT_RECEIVED, Cause.LOST),
        (
            goes(unheard_ms=12_100, tells_arrivals=False, says=Playing.PLAYING),
            Stage.NOT_RECEIVED,
            Cause.LOST,
        ),
        # What does not arrive is not held back by a player first.
        (goes(unheard_ms=2_100, says=Playing.PAUSED), Stage.NOT_RECEIVED, Cause.LOST),
        (goes(unheard_ms=1_100, says=Playing.PAUSED), Stage.NOT_PLAYED, Cause.PLAY_PAUSED),
        (
            goes(unheard_ms=LONG_MS, is_heard=False, says=Playing.PAUSED),
            Stage.NOT_PLAYED,
            Cause.PLAY_PAUSED,
        ),
        (goes(says=Playing.MISSING), Stage.NOT_RECEIVED, Cause.LOST),
        (goes(says=Playing.REFUSED), Stage.NOT_PLAYED, Cause.PLAY_REFUSED),
        (goes(says=Playing.PAUSED), Stage.NOT_PLAYED, Cause.PLAY_PAUSED),
        (goes(says=Playing.SUSPENDED), Stage.NOT_PLAYED, Cause.AUDIO_SUSPENDED),
        (goes(says=Playing.NO_SPEAKER), Stage.NOT_PLAYED, Cause.NO_SPEAKER),
    ],
)
def test_what_does_not_reach_a_receiver(track: Delivered, stage: Stage, cause: Cause) -> None:
    finding = judge_delivered(track)
    assert isinstance(finding, Lack)
    assert finding.trouble == (stage, cause)
    assert finding.age_ms >= finding.patience_ms


@pytest.mark.parametrize(
    "track",
    [
        goes(),
        goes(sent_ms=400),
        # A client that says just now that it receives is ahead of its feedback.
        goes(unheard_ms=LONG_MS, says=Playing.PLAYING, says_for_ms=1_900),
        goes(unheard_ms=LONG_MS, tells_arrivals=False, says=Playing.PLAYING, says_for_ms=11_900),
        # An old word is as good as ever while feedback says the same.
        goes(unheard_ms=1_900, says=Playing.PLAYING),
        # Nothing comes from there: it may be the feedback that is lost, and that is told by itself.
        goes(unheard_ms=LONG_MS, is_heard=False),
        goes(unheard_ms=9_000, tells_arrivals=False),
        goes(SCREEN, sent_ms=2_500),
    ],
)
def test_what_may_well_have_reached_a_receiver(track: Delivered) -> None:
    finding = judge_delivered(track)
    assert not isinstance(finding, Lack) or finding.age_ms < finding.patience_ms
