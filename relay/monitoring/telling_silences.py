"""Silences, told to whoever embeds the relay: when one begins and when it is over.

Starts no task. Called by `relay.service`.
"""

from __future__ import annotations

from dataclasses import replace

from relay.monitoring.silences import SilenceNews
from relay.rooms.happenings import SilenceKind, about_silence
from relay.seats.seating import Seating


def pass_on(seating: Seating, news: SilenceNews) -> None:
    """Say what has happened; whoever wants the cause of the moment looks at the room."""
    room = seating.rooms.get(news.room)
    if room is None or news.change == "refined":
        return
    kind: SilenceKind = "silence_began" if news.change == "begun" else "silence_ended"
    happening = about_silence(kind, room.model, news.silence)
    if happening is not None:
        seating.happened(replace(happening, ago_ns=news.ago_ns))
