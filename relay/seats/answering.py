"""Answer an offer: a new leg, or a change of the present one.

The order is: read and check everything, then change anything; an offer that is refused leaves the
participant's media as it was. Called by `relay.seats.seat`; starts the sessions of `relay.session`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from hmac import compare_digest

from relay.errors import Conflict, InvalidOffer, LimitReached, PeerError, RelayError, ServerError
from relay.ids import Mid, WorkerIndex, new_publication_id
from relay.legs.credentials import Credentials
from relay.legs.handled_datagrams import HandledDatagrams
from relay.legs.leg import Leg
from relay.places.open_rooms import Place
from relay.places.relocation import Relocation
from relay.ports import MediaEngine, Transports
from relay.rooms.announcing import require_matching, require_publishable
from relay.rooms.events import ConnectionChanged, TrackPublished, TrackUnpublished
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Kind, Source
from relay.rooms.slots import SlotTable
from relay.rooms.track import TrackInfo
from relay.routing.bindings import preferred_codecs, rebind, tell_encodings
from relay.seats.witness import RoomWitness
from relay.session import supervise
from relay.transports.sdp import (
    Candidate,
    CodecPolicy,
    Negotiated,
    Offer,
    negotiate,
    parse_offer_untrusted,
    prefer,
    write_answer,
)

Spawn = Callable[[Coroutine[None, None, None], str], "asyncio.Task[None]"]


@dataclass(frozen=True, slots=True)
class Means:
    """What answering needs of the relay."""

    engine: MediaEngine
    transports: Transports
    candidates: Callable[[WorkerIndex], tuple[Candidate, ...]]
    policy: CodecPolicy
    connect_timeout_s: float
    spawn: Spawn


@dataclass(frozen=True, slots=True)
class Answer:
    """The relay's session description, and the m-lines on which it sends."""

    sdp: str
    slots: tuple[Mid, ...]


def answer_untrusted(
    place: Place,
    offer_sdp: str,
    tracks: Mapping[Mid, Source],
    means: Means,
    *,
    fresh: bool,
    ticket: str | None = None,
) -> Answer:
    """Answer a participant's offer.

    Args:
        place: Whose.
        offer_sdp: The offer as it came.
        tracks: What the participant publishes with it, by m-line.
        means: What answering needs of the relay.
        fresh: Whether it comes from a new connection of the participant. It then replaces the leg:
            publications and slots keep their places, and the old leg feeds the others until the
            new one has its keys.
        ticket: Of the relocation that it is the second leg of: the present one stays meanwhile.

    Raises:
        InvalidOffer: It cannot be read or carried.
        NotAllowed: The participant may not publish one of the sources.
        NotFound: A track names an m-line on which nothing can be sent.
        Conflict: There is no leg that this offer could change, or no such relocation.
        LimitReached: As many publish as may.

    """
    relocation = _relocation(place, ticket)
    worker = (relocation.target if relocation else place.room).model.worker
    offer = parse_offer_untrusted(offer_sdp)
    negotiated = negotiate(offer, means.policy)
    preferred = preferred_codecs(place, negotiated, means.policy)
    negotiated = prefer(negotiated, preferred)
    _require_permitted(place, negotiated, tracks)
    if fresh:
        leg = _open_leg(place, negotiated, tracks, means, relocation)
    else:
        try:
            leg = _change_leg(place, relocation.leg if relocation else place.leg, negotiated)
            publish(place, leg, tracks)
        except (LimitReached, PeerError, ServerError):
            rebind(place.room)  # what has changed by then has changed for the others, too
            raise
    rebind(place.room)
    sdp = write_answer(
        negotiated,
        ufrag=leg.credentials.ufrag,
        password=leg.credentials.password,
        fingerprint=means.transports.fingerprint_sha256,
        setup=negotiated.answer_setup,
        candidates=means.candidates(worker),
        slots=leg.plans(),
        version=leg.answers,
    )
    return Answer(sdp, tuple(leg.slots))


def publish(place: Place, leg: Leg, tracks: Mapping[Mid, Source]) -> list[TrackInfo]:
    """Announce tracks on m-lines that have been checked, and tell the others of new ones.

    Raises:
        ServerError: The engine has no room for it; nobody has been told of anything.

    """
    room, who = place.room, place.participant.id
    known = set(place.participant.publications)
    publications = [
        room.model.publish(who, source, new_publication_id()) for source in tracks.values()
    ]
    fresh = [publication for publication in publications if publication.source not in known]
    try:
        for mid, publication in zip(tracks, publications, strict=True):
            leg.publish(publication, mid, room.clock.now_ns())
    except RelayError:
        for publication in fresh:
            room.model.unpublish(who, publication.id)
            with suppress(ServerError):
                leg.withdraw(publication.id)
        raise
    for publication in fresh:
        room.tell_reached(who, TrackPublished(who, publication.info()))
    return [publication.own_info() for publication in publications]


def require_publishing(
    place: Place, kinds: Mapping[Mid, Kind], tracks: Mapping[Mid, Source]
) -> None:
    """Hold announced tracks against permissions and m-lines.

    Raises:
        NotAllowed: The participant may not publish one of the sources.
        NotFound: A track names an m-line on which nothing can be sent.
        Conflict: Two m-lines claim one source, or kinds differ.

    """
    for source in tracks.values():
        require_publishable(place.participant, source)
    require_matching(tracks, kinds)


def _require_permitted(place: Place, negotiated: Negotiated, tracks: Mapping[Mid, Source]) -> None:
    kinds = {
        Mid(media.mid): Kind(media.kind)
        for media in negotiated.media
        if media.receives and media.kind in (Kind.AUDIO, Kind.VIDEO)
    }
    require_publishing(place, kinds, tracks)
    if tracks:
        place.room.model.require_stage(place.participant)


def _relocation(place: Place, ticket: str | None) -> Relocation | None:
    """Find the relocation that a ticket is of.

    Returns:
        `None` without a ticket, and where the leg it was given for is the present one by now.

    Raises:
        Conflict: It is over, or there was none.

    """
    if ticket is None:
        return None
    relocation = place.relocation
    if relocation is not None and compare_digest(relocation.ticket.encode(), ticket.encode()):
        return relocation
    if place.ticket and compare_digest(place.ticket.encode(), ticket.encode()):
        return None
    raise Conflict("This move is over.", action="Go on as the relay says.")


def _open_leg(
    place: Place,
    negotiated: Negotiated,
    tracks: Mapping[Mid, Source],
    means: Means,
    relocation: Relocation | None = None,
) -> Leg:
    """Open a leg in the place of the present one, which feeds the others as long as it can.

    A relocation's is opened beside it, on the worker of the room it leads to.
    """
    room = place.room
    engine = means.engine.leg((relocation.target if relocation else room).model.worker)
    leg = Leg(engine, Credentials.draw(), negotiated, room.clock.now_ns())
    if place.leg is not None:
        # People keep their places on the screen over a reload.
        leg.table = SlotTable((), (), owners=dict(place.leg.table.owners))
    with ExitStack() as undo:
        undo.callback(engine.remove)
        leg.open()
        leg.accept(negotiated, receives=place.participant.permissions.subscribe)
        leg.datagrams = HandledDatagrams(engine, room.clock)
        transport = means.transports.open(leg.datagrams, negotiated)
        publish(place, leg, tracks)
        undo.pop_all()
    witness = RoomWitness(place)
    if relocation is not None:
        _stand_by(relocation, leg, witness)
    else:
        _replace(place, leg, witness)
        tell_encodings(place)
    session = supervise(leg, transport, witness, connect_timeout_s=means.connect_timeout_s)
    leg.task = means.spawn(session, f"leg {leg.id}")
    # A task cancelled before its first step runs no cleanup of its own.
    leg.task.add_done_callback(lambda _: engine.remove())
    return leg


def _stand_by(relocation: Relocation, leg: Leg, witness: RoomWitness) -> None:
    """Let a leg be the one that a relocation waits for; one offered before is given up."""
    before, relocation.leg = relocation.leg, leg
    if before is not None:
        witness.close(before)


def _replace(place: Place, leg: Leg, witness: RoomWitness) -> None:
    """Make a leg the present one; of those before it only one that carries media stays."""
    old, place.leg = place.leg, leg
    place.connection = ConnectionChanged(leg.state)
    place.tell(place.connection)
    if old is None:
        return
    if old.state is not LegState.CONNECTED:
        witness.close(old)
        return
    before, place.previous = place.previous, old
    if before is not None:
        witness.close(before)


def _change_leg(place: Place, leg: Leg | None, negotiated: Negotiated) -> Leg:
    """Change a leg: other m-lines, other codecs, or new ICE credentials."""
    if leg is None or not leg.alive:
        raise Conflict(
            "There is no connection that this offer could change.",
            action="Open a new connection and offer with fresh set to true.",
        )
    offer, before = negotiated.offer, leg.negotiated.offer
    if set(offer.fingerprints) != set(before.fingerprints):
        raise Conflict(
            "The offer comes from another connection than the one it would change.",
            action="Offer with fresh set to true.",
        )
    _require_same_lines(leg.negotiated, offer)
    room, who = place.room, place.participant.id
    for lost in leg.accept(negotiated, receives=place.participant.permissions.subscribe):
        if leg is place.leg and place.participant.publication(lost) is not None:
            room.model.unpublish(who, lost)
            room.tell_reached(who, TrackUnpublished(who, lost))
    for publication in place.participant.publications.values():
        leg.forward(publication)
    return leg


def _require_same_lines(before: Negotiated, offer: Offer) -> None:
    """Hold a change against what has been negotiated (RFC 3264 §8, RFC 8829 §5.2.2).

    Raises:
        InvalidOffer: M-lines are gone, or one in use has become another.

    """
    if len(offer.media) < len(before.media):
        raise InvalidOffer("The offer has fewer m-lines than the connection it changes.")
    for old, new in zip(before.media, offer.media, strict=False):
        # A line that was refused or stopped may be used for something else, or stay stopped.
        is_free = not old.accepted or new.rejected
        if not is_free and (old.kind, old.mid) != (new.kind, new.mid):
            raise InvalidOffer("The offer makes another one of an m-line that is in use.")
