"""Silences, told to whoever embeds the relay: when one begins, has another cause, or is over.

Starts no task. Called by `relay.service`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from relay.monitoring.silences import SilenceNews
from relay.rooms.happenings import SilenceKind, about_silence
from relay.seats.seating import Seating
from relay.silence.watch import Change

_KINDS: Final[Mapping[Change, SilenceKind]] = {
    "begun": "silence_began",
    "refined": "silence_refined",
    "over": "silence_ended",
}


def pass_on(seating: Seating, news: SilenceNews) -> None:
    """Say what has happened."""
    room = seating.rooms.get(news.room)
    if room is None:
        return
    happening = about_silence(_KINDS[news.change], room.model, news.silence)
    if happening is not None:
        seating.happened(replace(happening, ago_ns=news.ago_ns))
