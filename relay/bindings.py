"""Carry out who receives what: slots, bindings in the engine, and the codecs they depend on.

Called after anything that may change it: a track, a leg, a wish. Idempotent: nothing is commanded
or told that has not changed. `relay.rooms.slots` decides, this does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import structlog

from relay.errors import ServerError
from relay.ids import Mid
from relay.legs import NO_TRACK, Leg
from relay.open_rooms import OpenRoom, Place
from relay.rooms.events import (
    MoreSlotsNeeded,
    RenegotiationNeeded,
    SlotCarries,
    SlotIdle,
    SlotsChanged,
)
from relay.rooms.participant import Participant
from relay.rooms.permissions import Kind
from relay.rooms.track import Publication
from relay.transports.sdp import Codec, CodecPolicy, Negotiated, agree

_log: Final = structlog.get_logger(__name__)


def rebind(room: OpenRoom) -> None:
    """Bring every slot of a room in line with what its participants publish and want.

    Where the engine has no room for a command the slot stays as it was until the next round: one
    participant's burst is not another's error.
    """
    room.unsettled = False
    for place in list(room.places.values()):
        if place.leg is not None and place.leg.alive:
            try:
                _rebind_place(place, place.leg)
            except ServerError as error:
                room.unsettled = True
                _log.warning("slots wait for the engine", leg=place.leg.id, code=error.code)


def tell_again(place: Place) -> None:
    """Tell a new attachment what the one before it knew of the leg."""
    if place.connection is not None:
        place.tell(place.connection)
    if place.slots is not None:
        place.tell(place.slots)
    if place.shortage:
        place.tell(MoreSlotsNeeded(place.shortage.audio, place.shortage.video))


def _rebind_place(place: Place, leg: Leg) -> None:
    wanted = place.room.model.wanted_by(place.participant.id)
    allocation = leg.table.allocate(wanted)
    by_id = {publication.id: publication for publication in wanted}
    told: list[SlotCarries | SlotIdle] = []
    for mid, publication in allocation.bindings.items():
        carried = None if publication is None else by_id[publication]
        leg.carry(mid, place.room.track_of(carried) if carried else NO_TRACK)
        told.append(_told(mid, carried))
    changed = SlotsChanged(tuple(told))
    if changed != place.slots:
        place.slots = changed
        place.tell(changed)
    if allocation.shortage != place.shortage:
        place.shortage = allocation.shortage
        if allocation.shortage:
            place.tell(MoreSlotsNeeded(place.shortage.audio, place.shortage.video))


def preferred_codecs(place: Place, negotiated: Negotiated, policy: CodecPolicy) -> dict[str, str]:
    """Say which codec to put first on each m-line on which a participant may send video.

    The one that everybody who may receive it decodes. A camera that is not on yet counts too, so
    that switching it on needs no offer.
    """
    receivers = _decoders(place.room, place.room.model.others(place.participant.id))
    agreed = {
        media.mid: _agreed(media.codecs, receivers, policy)
        for media in negotiated.media
        if media.receives and media.kind == Kind.VIDEO
    }
    return {mid: codec.name for mid, codec in agreed.items() if codec is not None}


def agree_codecs(room: OpenRoom, policy: CodecPolicy) -> None:
    """Ask those to offer again whose first codec somebody cannot decode.

    A newcomer who cannot decode causes a change of codec at the publisher, never a black picture.
    """
    for place in list(room.places.values()):
        leg = place.leg
        if leg is None:
            continue
        for publication in place.participant.publications.values():
            codecs = leg.codecs_of(publication.id)
            if publication.kind is not Kind.VIDEO or not codecs:
                continue
            agreed = _agreed(codecs, _decoders(room, room.model.receivers_of(publication)), policy)
            if agreed is None or agreed.name == codecs[0].name:
                leg.asked_codec.pop(publication.id, None)
            elif leg.asked_codec.get(publication.id) != agreed.name:
                leg.asked_codec[publication.id] = agreed.name
                place.tell(RenegotiationNeeded("codec"))


def _agreed(
    codecs: tuple[Codec, ...], receivers: Sequence[tuple[Codec, ...]], policy: CodecPolicy
) -> Codec | None:
    """Keep the present codec where it suits everybody: a change costs a key frame and an offer."""
    return agree(codecs[:1], receivers, policy) or agree(codecs, receivers, policy)


def _decoders(room: OpenRoom, receivers: Iterable[Participant]) -> list[tuple[Codec, ...]]:
    """What each of some participants decodes; who has no leg or no video slot asks for nothing."""
    legs = (room.places[receiver.id].leg for receiver in receivers)
    decoded = (leg.video_codecs() for leg in legs if leg is not None)
    return [codecs for codecs in decoded if codecs is not None]


def _told(mid: Mid, publication: Publication | None) -> SlotCarries | SlotIdle:
    if publication is None:
        return SlotIdle(mid)
    return SlotCarries(
        mid=mid,
        participant=publication.publisher,
        track=publication.id,
        kind=publication.kind,
        source=publication.source,
    )
