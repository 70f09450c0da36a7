"""What a platform does with the people in a room: list them, see how they are heard and seen.

One function for each operation, as in `signalling.api.rooms`. Called through
`signalling.api.operations`.
"""

from __future__ import annotations

from typing import Final, Literal

from relay.ids import ConsultationId, RoomId
from relay.rooms.leg_states import LegState
from relay.steering import ParticipantView, PathView
from signalling.api import schemas as s
from signalling.api.desk import Desk
from signalling.api.errors import NoSuchConsultation
from signalling.api.rooms import require_room


async def list_participants(desk: Desk, *, path: s.InRoom, query: s.Page) -> s.ParticipantList:
    """List who is in a room, and how they are heard and seen."""
    require_room(desk, path.room)
    people = sorted(desk.steering.participants(RoomId(path.room)), key=lambda who: who.participant)
    after = [who for who in people if who.participant > (query.cursor or "")]
    shown = after[: query.limit]
    return s.ParticipantList(
        participants=tuple(_participant(who) for who in shown),
        next_cursor=shown[-1].participant if len(after) > len(shown) else None,
    )


async def show_quality(desk: Desk, *, path: s.InRoom) -> s.RoomQuality:
    """Tell how everybody's sound and picture travel just now, judged every second."""
    view = require_room(desk, path.room)
    return s.RoomQuality(
        room=path.room,
        consultation=None if view is None else view.consultation,
        participants=tuple(
            s.ParticipantQuality(
                identity=who.identity,
                participant=who.participant,
                role=who.role,
                quality=_quality(who),
            )
            for who in desk.steering.participants(RoomId(path.room))
        ),
    )


async def show_report(desk: Desk, *, path: s.InConsultation) -> s.Report:
    """Report on a consultation, while it goes on or after its end."""
    report = desk.reports.find(ConsultationId(path.consultation))
    if report is None:
        raise NoSuchConsultation
    return report


def _participant(who: ParticipantView) -> s.Participant:
    return s.Participant(
        identity=who.identity,
        participant=who.participant,
        role=who.role,
        connected=who.connected,
        media=_MEDIA.get(who.media, "none"),
        present_s=who.present_s,
        speaking=who.speaking,
        tracks=tuple(
            s.Track(id=track.id, kind=track.kind, source=track.source, muted=track.muted)
            for track in who.tracks
        ),
        quality=_quality(who),
    )


def _quality(who: ParticipantView) -> s.Quality:
    return s.Quality(from_=_path(who.quality["from"]), towards=_path(who.quality["towards"]))


def _path(path: PathView) -> s.Path:
    return s.Path(verdict=path.verdict, loss_ratio=path.loss_ratio, rtt_ms=path.rtt_ms)


_MEDIA: Final[dict[LegState | None, Literal["none", "connecting", "connected", "interrupted"]]] = {
    LegState.CONNECTING: "connecting",
    LegState.CONNECTED: "connected",
    LegState.INTERRUPTED: "interrupted",
}
