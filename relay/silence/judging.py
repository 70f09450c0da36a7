"""From figures to findings: is what is due there, and if not, how far does it come?

Pure. What the relay measures counts for more than what a client says: a claim explains a silence,
and only where the relay cannot see (a picture's device, a player) does it make one. That all is
well is believed for a moment only: a page may hang. Called by `relay.monitoring.silences`.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from relay.silence.watch import Finding, Lack
from relay.trouble import (
    CAUSE_OF_PLAYING,
    CAUSE_OF_SENDING,
    Cause,
    Playing,
    Sending,
    Stage,
    Trouble,
)

STOPPED_AFTER_MS: Final = 1_800
"""Discontinuous Opus comes every 400 ms (RFC 6716 §2.1.9): four of those in a row, lost or late."""
PICTURE_STOPPED_AFTER_MS: Final = 2_300
"""The stillest cameras give some pictures a second; a browser that falls behind skips a few."""
NEVER_CAME_AFTER_MS: Final = 1_500
"""A client says that it sends up to a second after it began: people are told within three."""
NO_SOUND_AFTER_MS: Final = 2_000
"""Digital silence: a quiet room is never that (docs/silence.md)."""
HELD_AFTER_MS: Final = 1_500
PICTURE_HELD_AFTER_MS: Final = 2_300
"""A key frame takes a round trip and an encoder's time; it is asked for again every second."""
SCREEN_HELD_AFTER_MS: Final = 4_000
"""A still screen is a frame a second."""
SCREEN_STOPPED_AFTER_MS: Final = 4_000
"""A client takes up to 2.1 s to see that no new frames leave it (`signalling/client/health.js`)."""
REFUTED_AFTER_MS: Final = 2_000
"""A packet that came so long after its client had said that none leave was not on its way then."""
LOST_AFTER_MS: Final = 2_000
"""Transport-wide feedback comes every 100 ms."""
REPORTED_LOST_AFTER_MS: Final = 12_000
"""Reports on sound are 5 s apart, give or take half (RFC 3550 §6.2): two that say nothing new."""
OPENED_WITHIN_MS: Final = 15_000
"""Some phones take seconds to open another camera; a question to the person takes longer."""
CLAIMED_AFTER_MS: Final = 500
"""A client has waited before it said so; this is for what has just become due here."""


class Claim(NamedTuple):
    """What a client says of one track, and for how long it has said so."""

    state: Sending | Playing
    age_ms: int


class Nature(NamedTuple):
    """What a track is made of."""

    voice: bool
    screen: bool = False


class Published(NamedTuple):
    """One track as it comes, or does not."""

    nature: Nature
    is_due: bool
    is_still: bool
    """Whether the engine has seen nothing of it, or nothing audible, for a second."""
    silent_ms: int = 0
    """Since its last packet; -1 before any."""
    zero_ms: int = 0
    """Since its last packet above digital silence; -1 unknown."""
    ended: bool = False
    claim: Claim | None = None


class Delivered(NamedTuple):
    """One track on its way to one receiver."""

    nature: Nature
    is_due: bool
    """Whether it is to be sent, and comes."""
    is_still: bool
    """Whether the engine has sent nothing, or heard of nothing that arrived, for a second."""
    sent_ms: int = 0
    """Since the last packet; -1 before any."""
    unheard_ms: int = 0
    tells_arrivals: bool = True
    """Whether the receiver gives transport-wide feedback."""
    is_heard: bool = True
    """Whether anything comes from the receiver: otherwise its feedback may be what is lost."""
    claim: Claim | None = None


def judge_published(track: Published) -> Finding:  # noqa: PLR0911 - one rule each, in their order
    """Find how a track comes from its publisher."""
    if not track.is_due:
        return "rest"
    claim, cause = track.claim, _cause(track)
    if claim is not None and cause is not None and not track.nature.voice:
        return _captured(cause, claim.age_ms, CLAIMED_AFTER_MS)
    if not track.is_still:
        return "flow"
    if claim is not None and claim.state is Sending.OPENING and claim.age_ms < OPENED_WITHIN_MS:
        return "rest"
    if track.silent_ms < 0:
        return _never_came(track, cause)
    if track.ended or _says_nothing_leaves(track):
        # Its sender was switched off by its page; unless the device is why, that is on purpose.
        return _captured(cause, track.silent_ms, CLAIMED_AFTER_MS) if cause else "rest"
    if track.silent_ms >= STILL_AFTER_MS:
        if cause is not None:
            return _captured(cause, track.silent_ms, CLAIMED_AFTER_MS)
        return _stopped(track)
    if not track.nature.voice or track.zero_ms < STILL_AFTER_MS:
        return "flow"
    return _captured(cause or Cause.NO_SOUND, track.zero_ms, NO_SOUND_AFTER_MS)


def judge_delivered(track: Delivered) -> Finding:
    """Find how a track goes from the relay to one receiver."""
    if not track.is_due:
        return "rest"
    claim = track.claim
    if track.is_still and (track.sent_ms < 0 or track.sent_ms >= STILL_AFTER_MS):
        # Before the first packet, it is due that counts.
        age_ms = track.sent_ms if track.sent_ms >= 0 else ENDLESS_MS
        return Lack(Trouble(Stage.NOT_FORWARDED, Cause.HELD), age_ms, _held_patience_ms(track))
    lost = Trouble(Stage.NOT_RECEIVED, Cause.LOST)
    if claim is not None and claim.state is Playing.MISSING:
        return Lack(lost, claim.age_ms, CLAIMED_AFTER_MS)
    patience_ms = LOST_AFTER_MS if track.tells_arrivals else REPORTED_LOST_AFTER_MS
    is_unheard = track.is_still and track.is_heard
    if claim is not None:
        # What it says of what arrives counts for as long as feedback needs to say the same.
        is_believed = claim.age_ms < patience_ms or track.unheard_ms < patience_ms
        cause = CAUSE_OF_PLAYING.get(Playing(claim.state))
        if cause is not None and (is_believed or not is_unheard):
            return Lack(Trouble(Stage.NOT_PLAYED, cause), claim.age_ms, CLAIMED_AFTER_MS)
        if is_believed:
            return "flow"
    return Lack(lost, track.unheard_ms, patience_ms) if is_unheard else "flow"


def _cause(track: Published) -> Cause | None:
    """Give what a client says its device withholds, as far as that explains anything.

    Another camera than the one chosen shows something. A window that is minimised or does not
    change looks like a screen that is withheld. Of a camera that gives nothing new, no packets come
    either; but a browser may go on sending black where the system withholds it.
    """
    cause = None if track.claim is None else CAUSE_OF_SENDING.get(Sending(track.claim.state))
    if track.nature.voice or cause is None:
        return cause
    if track.nature.screen:
        return cause if cause is Cause.DEVICE_ENDED else None
    is_seen = cause in (Cause.DEVICE_ENDED, Cause.DEVICE_MUTED)
    return cause if is_seen or (cause is Cause.NO_PICTURE and track.is_still) else None


def _says_nothing_leaves(track: Published) -> bool:
    """Whether a client says so, and no packet has come since that shows otherwise."""
    claim = track.claim
    if claim is None or claim.state is not Sending.IDLE:
        return False
    return claim.age_ms <= track.silent_ms + REFUTED_AFTER_MS


def _stopped(track: Published) -> Finding:
    """Packets came, and no longer do; a screen lacks them only where its client sends them."""
    patience_ms = STOPPED_AFTER_MS if track.nature.voice else PICTURE_STOPPED_AFTER_MS
    if track.nature.screen:
        # A window that is minimised, or does not change, gives nothing to send.
        if track.claim is None or track.claim.state is not Sending.SENDING:
            return "rest"
        patience_ms = SCREEN_STOPPED_AFTER_MS
    return Lack(Trouble(Stage.NOT_ARRIVING, Cause.STOPPED), track.silent_ms, patience_ms)


def _never_came(track: Published, cause: Cause | None) -> Finding:
    """Nothing is missing of what was announced before it is switched on, unless its page sends."""
    if track.claim is None:
        return "rest"
    if cause is not None:
        return _captured(cause, track.claim.age_ms, CLAIMED_AFTER_MS)
    if track.claim.state is not Sending.SENDING:
        return "rest"
    trouble = Trouble(Stage.NOT_ARRIVING, Cause.NEVER_CAME)
    return Lack(trouble, track.claim.age_ms, NEVER_CAME_AFTER_MS)


def _captured(cause: Cause, age_ms: int, patience_ms: int) -> Lack:
    return Lack(Trouble(Stage.NOT_CAPTURED, cause), age_ms, patience_ms)


def _held_patience_ms(track: Delivered) -> int:
    if track.nature.voice:
        return HELD_AFTER_MS
    return SCREEN_HELD_AFTER_MS if track.nature.screen else PICTURE_HELD_AFTER_MS


STILL_AFTER_MS: Final = 1_000
"""From here on the engine tells (`codecs/forward/src/control/stillness.rs`)."""
ENDLESS_MS: Final = 2**31
