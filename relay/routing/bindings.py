"""Carry out who receives what: slots, bindings in the engine, and the codecs they depend on.

Called after anything that may change it: a track, a leg, a wish. Idempotent: nothing is commanded
or told that has not changed. `relay.rooms.slots` decides, this does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from relay.errors import ServerError
from relay.ids import Mid, PublicationId
from relay.legs.leg import NO_TRACK, Leg
from relay.legs.sending import Sending
from relay.metrics.table import NO_COMMON_CODECS
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.events import (
    MoreSlotsNeeded,
    PauseReason,
    RenegotiationNeeded,
    SlotCarries,
    SlotIdle,
    SlotsChanged,
)
from relay.rooms.participant import Participant
from relay.rooms.permissions import Kind
from relay.rooms.seat_states import SeatState
from relay.rooms.track import Publication
from relay.transports.sdp import Codec, CodecPolicy, Negotiated, agree
from relay.units import NS_PER_S

ASK_EVERY_NS: Final = 5 * NS_PER_S
"""A codec changes with people, not with what somebody sends every second to make it change."""
NO_COMMON_CODEC: Final = "no_common_codec"

_log: Final = structlog.get_logger(__name__)


def rebind(room: OpenRoom) -> None:
    """Bring every slot of a room in line with what its participants publish and want.

    Where the engine has no room for a command the slot stays as it was until the next round: one
    participant's burst is not another's error.
    """
    room.unsettled = False
    undecodable = _agree_codecs(room)
    for place in list(room.places.values()):
        place.forget_encodings()
        if place.leg is not None and place.leg.alive:
            try:
                _rebind_place(place, place.leg, undecodable)
                _silence_previous(place)
            except ServerError as error:
                room.unsettled = True
                _log.warning("slots wait for the engine", leg=place.leg.id, code=error.code)
    room.rerouted(room)


def tell_again(place: Place) -> None:
    """Tell a new attachment what the one before it knew."""
    place.room.tell_standing(place)
    if place.connection is not None:
        place.tell(place.connection)
    if place.slots is not None:
        place.tell(place.slots)
    if place.subscriptions is not None:
        place.tell(place.subscriptions)
    if place.shortage:
        place.tell(MoreSlotsNeeded(place.shortage.audio, place.shortage.video))
    if place.leg is not None and any(each.asked_codec for each in place.leg.sending.values()):
        place.tell(RenegotiationNeeded("codec"))
    tell_encodings(place)
    if place.silences is not None:
        place.tell(place.silences)
    rebind(place.room)  # whoever was away did not count among those who decode


def tell_encodings(place: Place) -> None:
    """Tell again what to send of each track: to a new attachment, and to a new leg.

    A new leg sets out with its upper encoding alone, whatever the one before it was asked for.
    """
    for chosen in place.encodings.values():
        place.tell(chosen)


def tell_slots(place: Place) -> None:
    """Tell which pictures are paused, where that is new; nothing is bound or placed anew.

    Called after `Leg.pause`, once for all slots of a leg.
    """
    leg = place.leg
    if leg is not None and place.slots is not None:
        _tell_slots(place, [_as_paused(each, leg) for each in place.slots.bindings])


def _rebind_place(place: Place, leg: Leg, undecodable: Mapping[PublicationId, Codec]) -> None:
    wanted = place.room.model.wanted_by(place.participant.id)
    allocation = leg.table.allocate(wanted)
    by_id = {publication.id: publication for publication in wanted}
    told: list[SlotCarries | SlotIdle] = []
    for mid, publication in allocation.bindings.items():
        carried = None if publication is None else by_id[publication]
        codec = None if carried is None else undecodable.get(carried.id)
        if codec is not None and not any(own.decodes(codec) for own in leg.slots[mid].codecs):
            leg.carry(mid, NO_TRACK)
            told.append(SlotIdle(mid, NO_COMMON_CODEC))
        else:
            leg.carry(mid, place.room.track_of(carried) if carried else NO_TRACK)
            told.append(_told(mid, carried, leg.slots[mid].paused))
    _tell_slots(place, told)
    if allocation.shortage != place.shortage:
        place.shortage = allocation.shortage
        if allocation.shortage:
            place.tell(MoreSlotsNeeded(place.shortage.audio, place.shortage.video))


def _silence_previous(place: Place) -> None:
    """Send nothing on the leg before a reload that its participant is no longer to receive."""
    previous = place.previous
    if previous is None or not previous.alive:
        return
    wanted = {
        place.room.track_of(each) for each in place.room.model.wanted_by(place.participant.id)
    }
    for mid, slot in previous.slots.items():
        if slot.track not in wanted:
            previous.carry(mid, NO_TRACK)


def _tell_slots(place: Place, told: Sequence[SlotCarries | SlotIdle]) -> None:
    changed = SlotsChanged(tuple(told))
    if changed == place.slots:
        return
    known = () if place.slots is None else place.slots.bindings
    newly = sum(isinstance(e, SlotIdle) and e.reason is not None for e in set(told) - set(known))
    if newly:
        place.room.tally.count(NO_COMMON_CODECS, newly)
    place.slots = changed
    place.tell(changed)


def preferred_codecs(place: Place, negotiated: Negotiated, policy: CodecPolicy) -> dict[str, str]:
    """Say which codec to put first on each m-line on which a participant may send video.

    The one that everybody who may receive it decodes. A camera that is not on yet counts too, so
    that switching it on needs no offer.
    """
    others = list(place.room.model.others(place.participant.id))
    receivers = _decoders(place.room, others)
    present = _decoders(place.room, filter(_counts(place.room), others))
    agreed = {
        media.mid: _agreed(media.codecs, receivers, policy)
        or _agreed(media.codecs, present, policy)
        for media in negotiated.media
        if media.receives and media.kind == Kind.VIDEO
    }
    return {mid: codec.name for mid, codec in agreed.items() if codec is not None}


def _agree_codecs(room: OpenRoom) -> dict[PublicationId, Codec]:
    """Ask those to offer again whose first codec somebody cannot decode.

    A newcomer who cannot decode causes a change of codec at the publisher.

    Returns:
        What publications are sent as on which no codec suits everybody: whoever does not decode
        that is told so, for they would see a black picture.

    """
    undecodable = {}
    for place in list(room.places.values()):
        leg = place.leg
        if leg is None:
            continue
        for publication in place.participant.publications.values():
            codecs = leg.codecs_of(publication.id)
            if publication.kind is not Kind.VIDEO or not codecs:
                continue
            receivers = _decoders(room, filter(_counts(room), room.model.receivers_of(publication)))
            agreed = _agreed(codecs, receivers, room.policy)
            if agreed is None:
                undecodable[publication.id] = codecs[0]
            _ask(place, leg.sending[publication.id], agreed, codecs[0])
    return undecodable


def _ask(place: Place, sending: Sending, agreed: Codec | None, present: Codec) -> None:
    """Ask a publisher to offer again, once for each codec and not too often."""
    if agreed is None or agreed.name == present.name:
        sending.asked_codec = None
    elif sending.asked_codec != agreed.name:
        now_ns = place.room.clock.now_ns()
        if sending.asked_ns is not None and now_ns - sending.asked_ns < ASK_EVERY_NS:
            place.room.unsettled = True  # asked in a later round, if it is still so
            return
        sending.asked_codec, sending.asked_ns = agreed.name, now_ns
        place.tell(RenegotiationNeeded("codec"))


def _counts(room: OpenRoom) -> Callable[[Participant], bool]:
    """Whether somebody really receives: nobody's codec changes for a mere offer.

    Nor for somebody whose page and path are both gone: they may never come back.
    """

    def counts(receiver: Participant) -> bool:
        place = room.places[receiver.id]
        leg = place.leg
        is_away = place.state is SeatState.KEPT and leg is not None and leg.has_lost_path
        return leg is not None and leg.secured_ns is not None and not is_away

    return counts


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


def _told(
    mid: Mid, publication: Publication | None, paused: PauseReason | None
) -> SlotCarries | SlotIdle:
    if publication is None:
        return SlotIdle(mid)
    return SlotCarries(
        mid=mid,
        participant=publication.publisher,
        track=publication.id,
        kind=publication.kind,
        source=publication.source,
        paused=paused,
    )


def _as_paused(told: SlotCarries | SlotIdle, leg: Leg) -> SlotCarries | SlotIdle:
    """Give what was told of a slot with its present pause; a slot that is gone stays as told."""
    slot = leg.slots.get(told.mid)
    if isinstance(told, SlotIdle) or slot is None:
        return told
    return replace(told, paused=slot.paused)
