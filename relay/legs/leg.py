"""One participant's leg: its m-lines, and what they are in the engine.

Turns decisions (publish, carry, hold back) into engine commands and remembers their ids. Decides
nothing, starts no task. Called by `relay.seats.answering` and `relay.routing.bindings`;
`relay.session` runs it.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field

from relay.ids import LegId, Mid, PublicationId, SlotId, TrackId
from relay.legs.credentials import Credentials
from relay.legs.handled_datagrams import HandledDatagrams
from relay.legs.sending import Sending, announcement
from relay.ports import Channels, EngineLeg
from relay.rooms.events import PauseReason
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Kind
from relay.rooms.slots import SlotTable
from relay.rooms.track import Publication
from relay.transports.sdp import Codec, Negotiated, NegotiatedMedia, Offer, SlotPlan

NO_TRACK = TrackId(0)
CNAME = "visavis"
"""What the engine's source descriptions say (RFC 3550 §6.5.1)."""
_SSRC_STEP = 0x9E37_79B9
"""Odd, and far from neighbours: 2^32 over the golden ratio."""


@dataclass(slots=True)
class Slot:
    """One m-line on which the relay sends."""

    id: SlotId
    kind: Kind
    codecs: tuple[Codec, ...]
    ssrc: int
    rtx_ssrc: int
    track: TrackId = NO_TRACK
    paused: PauseReason | None = None
    """Why nothing of its picture is sent just now."""
    distance: int = 0
    """How many earlier frames each packet of its sound carries once more."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Leg:
    """One transport of one participant."""

    engine: EngineLeg
    credentials: Credentials
    negotiated: Negotiated
    opened_ns: int
    state: LegState = LegState.CONNECTING
    secured_ns: int | None = None
    has_path: bool = False
    table: SlotTable = field(default_factory=lambda: SlotTable((), ()))
    slots: dict[Mid, Slot] = field(default_factory=dict)
    sending: dict[PublicationId, Sending] = field(default_factory=dict)
    channels: Channels | None = None
    has_data: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once data channels have been negotiated."""
    task: asyncio.Task[None] | None = None
    datagrams: HandledDatagrams | None = None
    answers: int = 0
    answering_ns: int = 0
    """What the relay has spent on its answers."""
    _last_ssrc: int = field(default_factory=lambda: secrets.randbits(32))

    @property
    def id(self) -> LegId:
        """Its number in the engine; safe to log."""
        return self.engine.id

    @property
    def alive(self) -> bool:
        """Whether it may carry media, now or again."""
        return self.state not in (LegState.FAILED, LegState.CLOSED)

    @property
    def has_lost_path(self) -> bool:
        """Whether it waits for another path."""
        return self.state is LegState.INTERRUPTED

    def open(self) -> None:
        """Open it in the engine."""
        ufrag, password = self.credentials.encoded()
        self.engine.add(ufrag, password, reduced_size_rtcp=self.negotiated.reduced_size_rtcp)
        self._name_peer(self.negotiated.offer)

    def accept(self, negotiated: Negotiated, *, receives: bool) -> list[PublicationId]:
        """Take over what was negotiated: extensions, slots, and tracks whose m-line has changed.

        Where the engine has no room for a command the leg keeps what it was negotiated to be, and
        the same offer again completes the change.

        Args:
            negotiated: The outcome for the whole leg.
            receives: Whether the participant may receive anything.

        Returns:
            Publications that have no m-line any more.

        """
        self.engine.set_extensions(sorted(negotiated.extension_ids.items()))
        lines = {Mid(m.mid): m for m in negotiated.media if m.sends and _is_rtp(m)}
        self._open_slots(lines if receives else {})
        lost = [
            publication
            for publication, sending in self.sending.items()
            if not self._still_sends(sending, negotiated.of_mid(sending.mid))
        ]
        for publication in lost:
            self.withdraw(publication)
        if negotiated.offer.ice_ufrag != self.negotiated.offer.ice_ufrag:
            self._name_peer(negotiated.offer)
            self._restart_ice()
        self.negotiated = negotiated
        self.answers += 1
        if negotiated.data is not None:
            self.has_data.set()
        return lost

    def publishable(self) -> dict[Mid, Kind]:
        """The m-lines on which the participant may send."""
        return {
            Mid(m.mid): Kind(m.kind) for m in self.negotiated.media if m.receives and _is_rtp(m)
        }

    def publish(self, publication: Publication, mid: Mid, now_ns: int) -> None:
        """Bring a publication on an m-line; another m-line for the same one replaces it."""
        media = self.negotiated.of_mid(mid)
        assert media is not None, "the caller has looked at `publishable`"
        known = self.sending.get(publication.id)
        if known is None or known.mid != mid:
            for other, sending in list(self.sending.items()):
                if other == publication.id or sending.mid == mid:
                    self.withdraw(other)
            track = self._announce(media)
            self.sending[publication.id] = Sending(mid, track, now_ns, announcement(media))
            self.forward(publication)
        elif not known.settled:
            self.forward(publication)

    def withdraw(self, publication: PublicationId) -> None:
        """Stop bringing a publication."""
        sending = self.sending.get(publication)
        if sending is not None:
            self._silence(sending)
            del self.sending[publication]

    def forward(self, publication: Publication) -> None:
        """Let a publication out, or hold it back while it is muted."""
        sending = self.sending.get(publication.id)
        if sending is not None and sending.track != NO_TRACK:
            self.engine.set_forwarding(sending.track, enabled=not publication.muted)
            sending.settled = True

    def track_of(self, publication: PublicationId) -> TrackId:
        """The engine's track of a publication; 0 where this leg does not bring it."""
        sending = self.sending.get(publication)
        return sending.track if sending is not None and sending.settled else NO_TRACK

    def codecs_of(self, publication: PublicationId) -> tuple[Codec, ...]:
        """What the participant may send a publication as, the one it does send first."""
        sending = self.sending.get(publication)
        media = None if sending is None else self.negotiated.of_mid(sending.mid)
        return () if media is None else media.codecs

    def video_codecs(self) -> tuple[Codec, ...] | None:
        """What the participant decodes; `None` without a video slot."""
        return next((s.codecs for s in self.slots.values() if s.kind is Kind.VIDEO), None)

    def carry(self, mid: Mid, track: TrackId) -> None:
        """Choose what a slot carries; saying so twice asks for no second key frame.

        What comes new into a slot is not paused, in the engine as here.
        """
        slot = self.slots[mid]
        if slot.track != track:
            self.engine.bind(slot.id, track)
            slot.track, slot.paused = track, None

    def pause(self, mid: Mid, reason: PauseReason | None) -> None:
        """Send nothing of a slot's picture for now, and remember why; `None` lets it go on."""
        slot = self.slots[mid]
        if (slot.paused is None) != (reason is None):
            self.engine.set_paused(slot.id, paused=reason is not None)
        slot.paused = reason

    def repeat_sound(self, distance: int) -> None:
        """Carry so many earlier frames with each packet, on every slot for sound."""
        for slot in self.slots.values():
            if slot.kind is Kind.AUDIO and slot.distance != distance:
                self.engine.set_redundancy(slot.id, distance)
                slot.distance = distance

    def plans(self) -> dict[str, SlotPlan]:
        """How the answer describes the slots; group k is stream `slot-k` (lip-sync)."""
        return {
            mid: SlotPlan(
                ssrc=self.slots[mid].ssrc,
                rtx_ssrc=self.slots[mid].rtx_ssrc,
                cname=CNAME,
                stream_id=f"slot-{group}",
                track_id=f"{self.slots[mid].kind.value}-{group}",
            )
            for line in (self.table.audio, self.table.video)
            for group, mid in enumerate(line)
            if mid is not None
        }

    def _name_peer(self, offer: Offer) -> None:
        self.engine.set_peer(offer.ice_ufrag.encode(), offer.ice_password.encode())

    def _restart_ice(self) -> None:
        """Draw new credentials; keys, sequences and slots stay."""
        drawn = Credentials.draw()
        self.engine.restart_ice(*drawn.encoded())
        self.credentials = drawn

    def _open_slots(self, lines: dict[Mid, NegotiatedMedia]) -> None:
        for mid in [m for m, s in self.slots.items() if m not in lines or _differs(s, lines[m])]:
            self.engine.remove_slot(self.slots[mid].id)
            del self.slots[mid]
        for mid, media in lines.items():
            if mid not in self.slots:
                self.slots[mid] = self._open_slot(mid, media)
        self.table.hold(
            [mid for mid in lines if self.slots[mid].kind is Kind.AUDIO],
            [mid for mid in lines if self.slots[mid].kind is Kind.VIDEO],
        )

    def _open_slot(self, mid: Mid, media: NegotiatedMedia) -> Slot:
        ssrc = self._draw_ssrc()
        has_rtx = any(codec.rtx_payload_type is not None for codec in media.codecs)
        rtx_ssrc = self._draw_ssrc() if has_rtx else 0
        codecs = [codec.for_engine for codec in media.codecs]
        number = self.engine.add_slot(mid.encode(), media.kind, ssrc, rtx_ssrc, codecs)
        return Slot(number, Kind(media.kind), media.codecs, ssrc, rtx_ssrc)

    def _draw_ssrc(self) -> int:
        """Draw an SSRC this leg has never used: one used again would repeat a nonce (RFC 7714).

        Steps of an odd number meet every 32-bit number before one comes again, so that nothing has
        to be remembered of the slots that are gone.
        """
        self._last_ssrc = (self._last_ssrc + _SSRC_STEP) % 2**32 or _SSRC_STEP
        return self._last_ssrc

    def _announce(self, media: NegotiatedMedia) -> TrackId:
        return self.engine.publish(
            media.mid.encode(),
            [codec.for_engine for codec in media.codecs],
            [rid.encode() for rid in media.rids],
            media.ssrcs,
            transport_cc=media.transport_cc,
            nack=media.nack,
        )

    def _silence(self, sending: Sending) -> None:
        if sending.track != NO_TRACK:
            self.engine.unpublish(sending.track)
            sending.track, sending.announcement, sending.settled = NO_TRACK, None, False

    def _still_sends(self, sending: Sending, media: NegotiatedMedia | None) -> bool:
        """Whether its m-line is still there; what the engine knows of it is brought up to date.

        The old track goes first: an SSRC keeps its meaning in the engine for as long as the track
        that it was announced with. Should the engine then have no room for the new one, the next
        offer announces it.
        """
        if media is None or not media.receives:
            return False
        announced = announcement(media)
        if announced != sending.announcement:
            self._silence(sending)
            sending.track, sending.announcement = self._announce(media), announced
        sending.asked_codec = None
        return True


def _is_rtp(media: NegotiatedMedia) -> bool:
    return media.kind in (Kind.AUDIO, Kind.VIDEO)


def _differs(slot: Slot, media: NegotiatedMedia) -> bool:
    return {c.for_engine for c in slot.codecs} != {c.for_engine for c in media.codecs}
