"""What a seat does for its client: one function per message of a joined connection.

No socket. Each returns its reply, or raises a `RelayError` that becomes an error reply. Called by
`signalling.websocket.connection`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, assert_never

from relay.charts.facts import Network
from relay.ids import Mid, PublicationId
from signalling.messages import (
    PROTOCOL_VERSION,
    Answer,
    Health,
    IceServer,
    Joined,
    Mark,
    Moderate,
    Mute,
    Offer,
    Ok,
    Publish,
    Published,
    RelayMessage,
    SlotCount,
    Subscribe,
    Unpublish,
)
from signalling.websocket.events import room_info
from signalling.websocket.moderating import obey

if TYPE_CHECKING:
    from relay.seats.seat import Seat

SeatRequest = Offer | Publish | Unpublish | Mute | Mark | Subscribe | Moderate | Health

OFFERED_SLOTS: Final = SlotCount(audio=2, video=3)
"""What a client offers to receive when it joins: a practitioner, a companion, and a screen."""


def joined(
    seat: Seat,
    request_id: int,
    *,
    resumed: bool,
    keep_s: float,
    ice_servers: tuple[IceServer, ...],
) -> Joined:
    """Describe a seat and its room to the client that has just taken it."""
    return Joined(
        id=request_id,
        protocol=PROTOCOL_VERSION,
        resumed=resumed,
        seat=seat.id,
        secret=seat.resume_secret,
        participant=seat.participant,
        role=seat.role,
        tracks=seat.tracks(),
        room=room_info(seat.snapshot()),
        standing=seat.standing,
        rights=tuple(sorted(seat.rights)),
        private=seat.confers,
        group=seat.group,
        ice_servers=ice_servers,
        keep_s=keep_s,
        slots=OFFERED_SLOTS,
    )


async def perform(seat: Seat, request: SeatRequest) -> RelayMessage:
    """Do what a client asks of its seat.

    Raises:
        RelayError: It cannot be done; the seat is as it was.

    """
    match request:
        case Offer():
            return await _offer(seat, request)
        case Publish():
            tracks = seat.publish({Mid(mid): source for mid, source in request.tracks.items()})
            return Published(id=request.id, tracks=tuple(tracks))
        case Unpublish():
            seat.unpublish(PublicationId(request.track))
        case Mute():
            seat.mute(PublicationId(request.track), request.muted)
        case Mark():
            seat.mark(PublicationId(request.track), request.keeps)
        case Subscribe():
            seat.subscribe(PublicationId(request.track), request.wanted)
        case Moderate():
            obey(seat.moderation(), request.command)
        case Health():
            seat.report(
                {PublicationId(track): state for track, state in request.sending.items()},
                {PublicationId(track): state for track, state in request.playing.items()},
            )
            _note_more(seat, request)
        case _:
            assert_never(request)
    return Ok(id=request.id)


async def _offer(seat: Seat, request: Offer) -> Answer:
    answer = await seat.negotiate(
        request.sdp,
        {Mid(mid): source for mid, source in request.tracks.items()},
        fresh=request.fresh,
        ticket=request.ticket,
    )
    return Answer(id=request.id, sdp=answer.sdp)


def _note_more(seat: Seat, request: Health) -> None:
    """Pass on what is news only now and then; whose tracks were flawed is of no account."""
    said = request.network
    if request.received or said is not None:
        seat.note_received(
            None if said is None else Network(said.transport, said.relayed, said.ip),
            sum(each.made_up_ms for each in request.received.values()),
            sum(each.frozen_ms for each in request.received.values()),
        )
    if request.stood is not None:
        seat.note_stood(request.stood.began_ms_ago, request.stood.ended_ms_ago)
