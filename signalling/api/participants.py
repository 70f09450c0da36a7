"""What a platform asks about the people in a room: who they are, how they are heard and seen.

One function for each operation, as in `signalling.api.rooms`. Called through
`signalling.api.operations`.
"""

from __future__ import annotations

from typing import Final, Literal

from relay.errors import NotFound
from relay.ids import RoomId
from relay.moderation.room_desk import PersonView
from relay.moderation.steering import MediaView, PathView, SilenceView
from relay.rooms.leg_states import LegState
from signalling.api import schemas as s
from signalling.api.desk import Desk
from signalling.api.rooms import view


async def list_participants(desk: Desk, *, path: s.InRoom, query: s.Page) -> s.ParticipantList:
    """List who is in a room or waits, and how they are heard and seen."""
    seen = view(desk, path.room)
    people = sorted(() if seen is None else seen.people, key=lambda who: who.participant)
    after = [who for who in people if who.participant > (query.cursor or "")]
    shown = after[: query.limit]
    media = desk.steering.media(RoomId(path.room))
    return s.ParticipantList(
        participants=tuple(_described(who, media.get(who.participant)) for who in shown),
        next_cursor=shown[-1].participant if len(after) > len(shown) else None,
    )


async def show_quality(desk: Desk, *, path: s.InRoom) -> s.RoomQuality:
    """Tell how the sound and picture of all who are in travel just now, and who is not heard."""
    seen = view(desk, path.room)
    media = desk.steering.media(RoomId(path.room))
    return s.RoomQuality(
        room=path.room,
        consultation=desk.consultations.of(RoomId(path.room)),
        participants=tuple(
            s.ParticipantQuality(
                identity=who.identity,
                participant=who.participant,
                role=who.role,
                quality=_quality(media[who.participant]),
            )
            for who in (() if seen is None else seen.people)
            if who.participant in media
        ),
        silences=tuple(map(_silence, desk.steering.silences(RoomId(path.room)))),
    )


def show_one(desk: Desk, room: str, identity: str) -> s.Participant:
    """Describe somebody.

    Raises:
        NotFound: The room is not open, or they are not there.

    """
    seen = view(desk, room)
    for who in () if seen is None else seen.people:
        if who.identity == identity:
            return _described(who, desk.steering.media(RoomId(room)).get(who.participant))
    raise NotFound("This participant is not in the room.")


def _described(who: PersonView, media: MediaView | None) -> s.Participant:
    return s.Participant(
        identity=who.identity,
        participant=who.participant,
        role=who.role,
        standing=who.standing,
        place=who.place,
        connected=who.connected,
        here_s=who.here_s,
        media=_MEDIA.get(None if media is None else media.state, "none"),
        speaking=media is not None and media.speaking,
        tracks=tuple(
            s.Track(id=track.id, kind=track.kind, source=track.source, muted=track.muted)
            for track in who.tracks
        ),
        held_back=tuple(sorted(who.held_back)),
        private=who.private,
        quality=None if media is None else _quality(media),
        precall=None
        if who.precall is None
        else s.PrecallCheck(age_s=who.precall_age_s, result=who.precall),
    )


def _quality(media: MediaView) -> s.Quality:
    return s.Quality(from_=_path(media.paths["from"]), towards=_path(media.paths["towards"]))


def _silence(view: SilenceView) -> s.Silence:
    silence = view.silence
    return s.Silence(
        identity=view.publisher,
        participant=silence.publisher,
        source=silence.source,
        receiver=silence.receiver,
        receiver_identity=view.receiver,
        stage=silence.stage,
        cause=silence.cause,
    )


def _path(path: PathView) -> s.Path:
    return s.Path(verdict=path.verdict, loss_ratio=path.loss_ratio, rtt_ms=path.rtt_ms)


_MEDIA: Final[dict[LegState | None, Literal["none", "connecting", "connected", "interrupted"]]] = {
    LegState.CONNECTING: "connecting",
    LegState.CONNECTED: "connected",
    LegState.INTERRUPTED: "interrupted",
}
