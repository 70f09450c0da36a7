"""One leg in its worker: the commands that shape it, and what waits for its owner to read.

Knows the compiled engine by its commands only and imports none of it. Decides nothing and starts no
task. Made by `relay.engine.MediaEngine`, driven by `relay.legs.leg` and `relay.session`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec

from relay.errors import EngineFailed, NegotiationFailed, Overloaded
from relay.ids import LegId, SlotId, TrackId, WorkerIndex
from relay.workers.estimate import Estimate
from relay.workers.inbox import Inbox
from relay.workers.rows import (
    UNKNOWN,
    EngineCodec,
    Layer,
    SlotReport,
    StillSlot,
    StillTrack,
    TrackReport,
)

if TYPE_CHECKING:
    from relay.engine import Event, LegEvent, MediaEngine
    from relay.transports.dtls import SrtpKeys

DTLS_QUEUE: Final = 64
"""Datagrams of a leg not yet read: several flights of a handshake; DTLS sends lost ones again."""

EVENT_QUEUE: Final = 256
"""Events of a leg not yet read: at 5 levels a second and track, many seconds of a busy leg."""

FEEDBACK_QUEUE: Final = 256
"""Feedbacks of a tapped leg not yet read: more than ten seconds of what browsers send."""

P = ParamSpec("P")


@dataclass(slots=True)
class Reports:
    """The latest figures by id: a second old at most, and gone with what they are about.

    `still_tracks` and `still_slots` are a quarter of a second old and hold only what lacks packets.
    `filed_ns` and `slots_filed_ns` are when those of a track and of a slot were filed, monotonic:
    not in the same eighth of a second. `layers` is what publishers say of the layers they send, by
    bitrate and size, where they say it.
    """

    tracks: dict[TrackId, list[TrackReport]] = field(default_factory=dict)
    filed_ns: dict[TrackId, int] = field(default_factory=dict)
    layers: dict[TrackId, list[Layer]] = field(default_factory=dict)
    slots: dict[SlotId, SlotReport] = field(default_factory=dict)
    slots_filed_ns: dict[SlotId, int] = field(default_factory=dict)
    arriving: dict[TrackId, frozenset[int]] = field(default_factory=dict)
    estimates: dict[LegId, Estimate] = field(default_factory=dict)
    still_tracks: dict[TrackId, StillTrack] = field(default_factory=dict)
    still_slots: dict[SlotId, StillSlot] = field(default_factory=dict)


@dataclass(slots=True)
class Owners:
    """Whose each id is, for bringing events home, and what was last reported of it."""

    legs: dict[LegId, EngineLeg] = field(default_factory=dict)
    tracks: dict[TrackId, EngineLeg] = field(default_factory=dict)
    slots: dict[SlotId, EngineLeg] = field(default_factory=dict)
    reports: Reports = field(default_factory=Reports)

    def drop_track(self, track: TrackId) -> None:
        """Forget a track."""
        self.tracks.pop(track, None)
        self.reports.tracks.pop(track, None)
        self.reports.filed_ns.pop(track, None)
        self.reports.layers.pop(track, None)
        self.reports.arriving.pop(track, None)
        self.reports.still_tracks.pop(track, None)

    def drop_slot(self, slot: SlotId) -> None:
        """Forget a slot."""
        self.slots.pop(slot, None)
        self.reports.slots.pop(slot, None)
        self.reports.slots_filed_ns.pop(slot, None)
        self.reports.still_slots.pop(slot, None)

    def rebind_slot(self, slot: SlotId, track: TrackId) -> None:
        """Keep of a slot's row what stays true when it is to carry something else; 0 is nothing.

        Totals are of the line, and what its subscriber says of it is while it goes on. Of a line
        that carries nothing nothing more is told: what was said of it last would only grow old.
        """
        row = self.reports.slots.get(slot)
        if row is None:
            return
        _, packets, size, lost_q8, lost, jitter, rtt, age, nacks, key_frames, _ = row
        if not track:
            rtt = age = UNKNOWN
        of_line = (slot, packets, size, lost_q8, lost, jitter, rtt, age, nacks, key_frames)
        self.reports.slots[slot] = (*of_line, UNKNOWN)

    def drop_leg(self, leg: EngineLeg) -> None:
        """Forget a leg with everything of it."""
        self.legs.pop(leg.id, None)
        self.reports.estimates.pop(leg.id, None)
        for track in [track for track, owner in self.tracks.items() if owner is leg]:
            self.drop_track(track)
        for slot in [slot for slot, owner in self.slots.items() if owner is leg]:
            self.drop_slot(slot)


class EngineLeg:
    """One leg in its worker.

    Every command returns at once. It raises `Overloaded` when the worker's queue is full,
    `EngineFailed` when the engine has stopped, and `NegotiationFailed` for what no leg can be.
    """

    def __init__(
        self, engine: MediaEngine, owners: Owners, ids: Iterator[int], worker: WorkerIndex
    ) -> None:
        self.id: Final = LegId(next(ids))
        self.worker: Final = worker
        self.datagrams = Inbox[bytes](DTLS_QUEUE)
        self.news: Inbox[LegEvent] = Inbox(EVENT_QUEUE)
        self.feedback: Inbox[Event.Feedback] | None = None
        self._engine, self._owners, self._ids = engine, owners, ids

    @property
    def is_open(self) -> bool:
        """Whether the worker knows the leg."""
        return self._owners.legs.get(self.id) is self

    def add(self, ufrag: bytes, password: bytes, *, reduced_size_rtcp: bool) -> None:
        """Open the leg: STUN checks with these credentials are answered from now on."""
        self._ask(self._engine.running.add_leg, self.id, ufrag, password, reduced_size_rtcp)
        self._owners.legs[self.id] = self

    def restart_ice(self, ufrag: bytes, password: bytes) -> None:
        """Accept new credentials; the old ones stay valid until the new ones are used."""
        self._ask(self._engine.running.restart_ice, self.id, ufrag, password)

    def set_peer(self, ufrag: bytes, password: bytes) -> None:
        """Tell what the participant signs with: a new address of theirs is asked for it."""
        self._ask(self._engine.running.set_peer, self.id, ufrag, password)

    def set_keys(self, keys: SrtpKeys) -> None:
        """Let media flow: the handshake is done and the certificate was the promised one."""
        inbound, outbound = (
            (keys.inbound_key, keys.inbound_salt),
            (keys.outbound_key, keys.outbound_salt),
        )
        self._ask(self._engine.running.set_keys, self.id, keys.profile_iana, *inbound, *outbound)

    def set_extensions(self, ids: Sequence[tuple[int, str]]) -> None:
        """Say which header extensions were negotiated; the same ids both ways."""
        self._ask(self._engine.running.set_extensions, self.id, list(ids))

    def publish(
        self,
        mid: bytes,
        codecs: Sequence[EngineCodec],
        rids: Sequence[bytes],
        ssrcs: Sequence[tuple[int, int]],
        *,
        transport_cc: bool,
        nack: bool,
    ) -> TrackId:
        """Announce a track that the participant will send; rids by falling quality."""
        track = TrackId(next(self._ids))
        lists = (list(codecs), list(rids), list(ssrcs))
        self._ask(self._engine.running.publish, self.id, track, mid, *lists, transport_cc, nack)
        self._owners.tracks[track] = self
        return track

    def unpublish(self, track: TrackId) -> None:
        """Forget a track; slots that carry it fall silent."""
        self._ask(self._engine.running.unpublish, track)
        self._owners.drop_track(track)

    def set_forwarding(self, track: TrackId, *, enabled: bool) -> None:
        """Let a track out, or hold everything of it back."""
        self._ask(self._engine.running.set_forwarding, track, enabled)

    def add_slot(
        self, mid: bytes, kind: str, ssrc: int, rtx_ssrc: int, codecs: Sequence[EngineCodec]
    ) -> SlotId:
        """Open a line towards the participant; `rtx_ssrc` 0 is none."""
        slot = SlotId(next(self._ids))
        self._ask(
            self._engine.running.add_slot, self.id, slot, mid, kind, ssrc, rtx_ssrc, list(codecs)
        )
        self._owners.slots[slot] = self
        return slot

    def remove_slot(self, slot: SlotId) -> None:
        """Close a line."""
        self._ask(self._engine.running.remove_slot, slot)
        self._owners.drop_slot(slot)

    def bind(self, slot: SlotId, track: TrackId) -> None:
        """Choose what a line carries, from its next key frame on; track 0 silences it."""
        self._ask(self._engine.running.bind, slot, track)
        self._owners.rebind_slot(slot, track)

    def set_layer(self, slot: SlotId, encoding: int, spatial: int, temporal: int) -> None:
        """Choose encoding and highest layers; -1 is the best alive, and all layers."""
        self._ask(self._engine.running.set_layer, slot, encoding, spatial, temporal)

    def set_paused(self, slot: SlotId, *, paused: bool) -> None:
        """Send nothing on a line for now, or go on, from a key frame; its numbers have no gap."""
        self._ask(self._engine.running.set_paused, slot, paused)

    def set_redundancy(self, slot: SlotId, distance: int) -> None:
        """Carry so many earlier frames (0 to 2) with each packet of sound, where it may be red."""
        self._ask(self._engine.running.set_redundancy, slot, distance)

    def request_key_frame(self, track: TrackId) -> None:
        """Ask a track's publisher for a key frame; throttled in the worker."""
        self._ask(self._engine.running.request_key_frame, track)

    def set_useful_rate(self, bps: int) -> None:
        """Say up to which rate the participant could make use of its path; bursts ask for no more.

        None are sent before; 0 ends them again.
        """
        self._ask(self._engine.running.set_useful_rate, self.id, bps)

    def limit_publisher(self, bps: int) -> None:
        """Cap all that the participant sends, sound included; 0 releases it."""
        self._ask(self._engine.running.set_publisher_limit, self.id, bps)

    def tap_feedback(self, *, enabled: bool) -> None:
        """Have what the participant tells of its path put into `feedback`, or no longer."""
        self._ask(self._engine.running.tap_feedback, self.id, enabled)
        if enabled and self.feedback is None:
            self.feedback = Inbox(FEEDBACK_QUEUE)

    def remove(self) -> None:
        """Close the leg with its tracks and lines; its readers get what is queued. Idempotent."""
        if self.is_open:
            self._owners.drop_leg(self)
            self._engine.forget(self)
        self.datagrams.close()
        self.news.close()
        if self.feedback is not None:
            self.feedback.close()

    def send(self, datagram: bytes) -> None:
        """Send a DTLS datagram to where the leg is reached; lost if there is no room for it.

        Also lost once the leg is removed: a transport that closes afterwards says goodbye to
        nobody (the participant hears on the WebSocket why the leg ends).
        """
        if self.is_open:
            with suppress(Overloaded, EngineFailed):
                self._ask(self._engine.running.send_dtls, self.id, datagram)

    async def receive(self) -> bytes:
        """Return the leg's next DTLS datagram.

        Raises:
            ConnectionError: The leg is gone; there will be no more.

        Cancellation: no datagram is lost.
        """
        datagram = await self.datagrams.take()
        if datagram is None:
            message = "the leg is gone"
            raise ConnectionResetError(message)
        return datagram

    async def events(self) -> AsyncIterator[LegEvent]:
        """Give what happens to the leg, its tracks and its lines, until it is removed; one reader.

        Raises:
            Overloaded: The reader was so slow that an event could not be kept.

        Cancellation: no event is lost.
        """
        while (event := await self.news.take()) is not None:
            yield event

    def _ask(
        self, command: Callable[Concatenate[int, P], None], *args: P.args, **kw: P.kwargs
    ) -> None:
        try:
            command(self.worker, *args, **kw)
        except RuntimeError as error:
            raise (Overloaded if "full" in str(error) else EngineFailed) from error
        except ValueError as error:
            raise NegotiationFailed("refused_by_engine", f"{error}.".capitalize()) from error
