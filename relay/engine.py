"""The packet path as the media plane sees it: workers, legs, and what happens on them.

The only importer of `relay._engine`; gives its ints and bytes names and types, hands out the ids of
legs, tracks and slots, and brings each event to the leg it is about. No policy and no task: the
workers run by themselves, and one reader on the event loop passes their news on. Called by
`relay.service` (the engine) and `relay.session` (its leg).
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Concatenate, Final, Generic, ParamSpec, Self, TypeAlias, TypeVar

from relay._engine import BUILD, COUNTER_NAMES, Engine, Event
from relay.errors import EngineFailed, NegotiationFailed, Overloaded
from relay.ids import LegId, SlotId, TrackId, WorkerIndex
from relay.units import NS_PER_S

if TYPE_CHECKING:
    from relay.transports.dtls import SrtpKeys

__all__ = ["BUILD", "EngineConfig", "EngineLeg", "Event", "LegEvent", "MediaEngine", "Reports"]

# What a leg's owner is told of the leg, its tracks and its slots.
_OfLeg: TypeAlias = Event.Connected | Event.AddressChanged | Event.ConsentLost | Event.MediaStarted
_OfTrack: TypeAlias = Event.EncodingStarted | Event.EncodingStopped | Event.SpeakerLevel | Event.Bye
LegEvent: TypeAlias = _OfLeg | _OfTrack | Event.SlotStarted | Event.WorkerFailed

# Their columns are named in relay/_engine.pyi.
EngineCodec: TypeAlias = tuple[int, str, int]
TrackReport: TypeAlias = tuple[int, int, int, int, int, int, int, int]
SlotReport: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int]

DTLS_QUEUE: Final = 64
"""Datagrams of a leg not yet read: several flights of a handshake; DTLS sends lost ones again."""

EVENT_QUEUE: Final = 256
"""Events of a leg not yet read: at 5 levels a second and track, many seconds of a busy leg."""

HEARTBEAT_LIMIT_NS: Final = NS_PER_S
"""A worker's loop turns every 10 ms; one that has not for a hundred times that is stuck."""

T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How the packet path is set up; `relay.config.MediaConfig` says what each means."""

    workers: int = 1
    listen: tuple[str, ...] = ("0.0.0.0", "::")  # noqa: S104 - media is meant to be reachable
    port: int = 7882
    receive_buffer_bytes: int = 4 * 1024 * 1024
    gather_us: int = 500

    def sockets(self) -> list[list[tuple[str, int]]]:
        """Give each worker's sockets; worker n has port + n, unless the kernel is to choose."""
        ports = [self.port and self.port + index for index in range(self.workers)]
        return [[(ip, port) for ip in self.listen] for port in ports]


@dataclass(slots=True)
class Reports:
    """The latest figures by id: a second old at most, and gone with what they are about."""

    tracks: dict[TrackId, list[TrackReport]] = field(default_factory=dict)
    slots: dict[SlotId, SlotReport] = field(default_factory=dict)


@dataclass(slots=True)
class _Owners:
    """Whose each id is, for bringing events home."""

    legs: dict[LegId, EngineLeg] = field(default_factory=dict)
    tracks: dict[TrackId, EngineLeg] = field(default_factory=dict)
    slots: dict[SlotId, EngineLeg] = field(default_factory=dict)


class MediaEngine:
    """The workers; an async context manager that runs them."""

    def __init__(self, config: EngineConfig) -> None:
        self.reports = Reports()
        self._owners = _Owners()
        self._ids = count(1)
        self._config = config
        self._running: Engine | None = None
        self._last_counters = [0] * len(COUNTER_NAMES)
        self._lost = Counter(leg_dtls_dropped=0, leg_events_dropped=0)
        self._placed: Counter[WorkerIndex] = Counter()
        self._leaving: list[EngineLeg] = []

    async def __aenter__(self) -> Self:
        """Open the sockets and start the workers.

        Raises:
            OSError: An address is taken, or is not this machine's.

        """
        config = self._config
        engine = Engine(config.sockets(), config.receive_buffer_bytes, config.gather_us)
        asyncio.get_running_loop().add_reader(engine.event_fd(), self._dispatch)
        self._running = engine
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the workers, close their sockets and end every leg.

        Cancellation: nothing to cancel; the workers end within a turn of their loops.
        """
        engine = self.running
        asyncio.get_running_loop().remove_reader(engine.event_fd())
        for leg in tuple(self._owners.legs.values()):
            leg.remove()
        engine.stop()
        self._running, self._last_counters = None, engine.counters()

    @property
    def running(self) -> Engine:
        """The compiled engine; raises `EngineFailed` before the start and after the end."""
        if self._running is None:
            raise EngineFailed
        return self._running

    def addresses(self, worker: WorkerIndex) -> list[tuple[str, int]]:
        """Give a worker's addresses with their real ports."""
        return self.running.addresses()[worker]

    def receive_buffer_bytes(self) -> list[int]:
        """Give what the kernel really gave each worker, of what was asked for."""
        return self.running.receive_buffer_bytes()

    def place(self) -> WorkerIndex:
        """Choose the worker of a new room: fewest legs, then fewest rooms placed so far."""
        legs = Counter(leg.worker for leg in self._owners.legs.values())
        workers = [WorkerIndex(index) for index in range(self._config.workers)]
        chosen = min(workers, key=lambda worker: (legs[worker], self._placed[worker]))
        self._placed[chosen] += 1
        return chosen

    def leg(self, worker: WorkerIndex) -> EngineLeg:
        """Prepare a leg of a room on that worker; `EngineLeg.add` opens it."""
        return EngineLeg(self, self._owners, self._ids, worker)

    def counters(self) -> dict[str, int]:
        """Give every count by name, summed over the workers; also after the end."""
        values = self._running.counters() if self._running else self._last_counters
        return dict(zip(COUNTER_NAMES, values, strict=True)) | self._lost

    def healthy(self, now_ns: int) -> bool:
        """Tell whether every worker's loop turns, `now_ns` being `time.monotonic_ns`'s now."""
        beats = self._running.heartbeat_ns() if self._running else [now_ns - HEARTBEAT_LIMIT_NS]
        return all(now_ns - beat < HEARTBEAT_LIMIT_NS for beat in beats)

    def forget(self, leg: EngineLeg) -> None:
        """Have a leg's worker drop it, at the next news if there is no room for the command."""
        self._owners.legs.pop(leg.id, None)
        try:
            self.running.remove_leg(leg.worker, leg.id)
        except RuntimeError:
            # Each worker reports every second, so there will be news.
            self._leaving.append(leg)

    def _dispatch(self) -> None:
        for event in self.running.drain_events():
            self._pass_on(event)
        leaving, self._leaving = self._leaving, []
        for leg in leaving:
            self.forget(leg)

    def _pass_on(self, event: Event) -> None:
        owners = self._owners
        if isinstance(event, Event.Dtls):
            leg = owners.legs.get(LegId(event.leg))
            if leg is not None and not leg.datagrams.put(event.datagram):
                self._lost["leg_dtls_dropped"] += 1
        elif isinstance(event, Event.Report):
            self._file(event)
        elif isinstance(event, Event.WorkerFailed):
            for leg in [leg for leg in owners.legs.values() if leg.worker == event.worker]:
                self._give(leg, event)
                leg.datagrams.close()
        elif isinstance(event, Event.SlotStarted):
            self._give(owners.slots.get(SlotId(event.slot)), event)
        elif isinstance(event, _OfLeg):
            self._give(owners.legs.get(LegId(event.leg)), event)
        elif isinstance(event, _OfTrack):
            self._give(owners.tracks.get(TrackId(event.track)), event)

    def _give(self, leg: EngineLeg | None, event: LegEvent) -> None:
        # `None`: the leg, track or slot went while its event was on the way.
        if leg is not None and not leg.news.put(event):
            self._lost["leg_events_dropped"] += 1
            if not isinstance(event, Event.SpeakerLevel):
                leg.news.close(Overloaded())

    def _file(self, report: Event.Report) -> None:
        tracks: dict[TrackId, list[TrackReport]] = {}
        for row in report.tracks:
            tracks.setdefault(TrackId(row[0]), []).append(row)
        self.reports.tracks |= {k: rows for k, rows in tracks.items() if k in self._owners.tracks}
        slots = {SlotId(row[0]): row for row in report.slots}
        self.reports.slots |= {k: row for k, row in slots.items() if k in self._owners.slots}


class EngineLeg:
    """One leg in its worker.

    Every command returns at once. It raises `Overloaded` when the worker's queue is full,
    `EngineFailed` when the engine has stopped, and `NegotiationFailed` for what no leg can be.
    """

    def __init__(
        self, engine: MediaEngine, owners: _Owners, ids: Iterator[int], worker: WorkerIndex
    ) -> None:
        self.id: Final = LegId(next(ids))
        self.worker: Final = worker
        self.datagrams = Inbox[bytes](DTLS_QUEUE)
        self.news = Inbox[LegEvent](EVENT_QUEUE)
        self._engine, self._owners, self._ids = engine, owners, ids

    def add(self, ufrag: bytes, password: bytes, *, reduced_size_rtcp: bool) -> None:
        """Open the leg: STUN checks with these credentials are answered from now on."""
        self._ask(Engine.add_leg, self.id, ufrag, password, reduced_size_rtcp)
        self._owners.legs[self.id] = self

    def restart_ice(self, ufrag: bytes, password: bytes) -> None:
        """Accept new credentials; the old ones stay valid until the new ones are used."""
        self._ask(Engine.restart_ice, self.id, ufrag, password)

    def set_keys(self, keys: SrtpKeys) -> None:
        """Let media flow: the handshake is done and the certificate was the promised one."""
        inbound, outbound = (
            (keys.inbound_key, keys.inbound_salt),
            (keys.outbound_key, keys.outbound_salt),
        )
        self._ask(Engine.set_keys, self.id, keys.profile_iana, *inbound, *outbound)

    def set_extensions(self, ids: Sequence[tuple[int, str]]) -> None:
        """Say which header extensions were negotiated; the same ids both ways."""
        self._ask(Engine.set_extensions, self.id, list(ids))

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
        self._ask(Engine.publish, self.id, track, mid, *lists, transport_cc, nack)
        self._owners.tracks[track] = self
        return track

    def unpublish(self, track: TrackId) -> None:
        """Forget a track; slots that carry it fall silent."""
        self._ask(Engine.unpublish, track)
        self._owners.tracks.pop(track, None)
        self._engine.reports.tracks.pop(track, None)

    def set_forwarding(self, track: TrackId, *, enabled: bool) -> None:
        """Let a track out, or hold everything of it back."""
        self._ask(Engine.set_forwarding, track, enabled)

    def add_slot(
        self, mid: bytes, kind: str, ssrc: int, rtx_ssrc: int, codecs: Sequence[EngineCodec]
    ) -> SlotId:
        """Open a line towards the participant; `rtx_ssrc` 0 is none."""
        slot = SlotId(next(self._ids))
        self._ask(Engine.add_slot, self.id, slot, mid, kind, ssrc, rtx_ssrc, list(codecs))
        self._owners.slots[slot] = self
        return slot

    def remove_slot(self, slot: SlotId) -> None:
        """Close a line."""
        self._ask(Engine.remove_slot, slot)
        self._owners.slots.pop(slot, None)
        self._engine.reports.slots.pop(slot, None)

    def bind(self, slot: SlotId, track: TrackId) -> None:
        """Choose what a line carries, from its next key frame on; track 0 silences it."""
        self._ask(Engine.bind, slot, track)

    def set_layer(self, slot: SlotId, encoding: int, temporal: int) -> None:
        """Choose encoding and highest temporal layer; -1 is the best alive, and all layers."""
        self._ask(Engine.set_layer, slot, encoding, temporal)

    def request_key_frame(self, track: TrackId) -> None:
        """Ask a track's publisher for a key frame; throttled in the worker."""
        self._ask(Engine.request_key_frame, track)

    def remove(self) -> None:
        """Close the leg with its tracks and lines; its readers get what is queued. Idempotent."""
        if self._owners.legs.get(self.id) is self:
            for track in [track for track, leg in self._owners.tracks.items() if leg is self]:
                del self._owners.tracks[track]
                self._engine.reports.tracks.pop(track, None)
            for slot in [slot for slot, leg in self._owners.slots.items() if leg is self]:
                del self._owners.slots[slot]
                self._engine.reports.slots.pop(slot, None)
            self._engine.forget(self)
        self.datagrams.close()
        self.news.close()

    def send(self, datagram: bytes) -> None:
        """Send a DTLS datagram to where the leg is reached; lost if there is no room for it."""
        with suppress(Overloaded, EngineFailed):
            self._ask(Engine.send_dtls, self.id, datagram)

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
        self, command: Callable[Concatenate[Engine, int, P], None], *args: P.args, **kw: P.kwargs
    ) -> None:
        try:
            command(self._engine.running, self.worker, *args, **kw)
        except RuntimeError as error:
            raise (Overloaded if "full" in str(error) else EngineFailed) from error
        except ValueError as error:
            raise NegotiationFailed("refused_by_engine", f"{error}.".capitalize()) from error


class Inbox(Generic[T]):
    """A bounded queue of what a leg is sent, with one reader."""

    def __init__(self, capacity: int) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._closed: Overloaded | bool = False
        self._changed = asyncio.Event()

    def put(self, item: T) -> bool:
        """Add an item; tells whether there was room. After the end it is dropped silently."""
        if self._closed:
            return True
        if len(self._items) >= self._capacity:
            return False
        self._items.append(item)
        self._changed.set()
        return True

    def close(self, reason: Overloaded | None = None) -> None:
        """End it; the reader gets what is queued, then the reason. Idempotent."""
        self._closed = self._closed or reason or True
        self._changed.set()

    async def take(self) -> T | None:
        """Return the next item, or `None` after the last.

        Cancellation: the item stays.
        """
        while not self._items:
            if isinstance(self._closed, Overloaded):
                raise self._closed
            if self._closed:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._items.popleft()
