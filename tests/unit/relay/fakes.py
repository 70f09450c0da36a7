"""The seams of the media plane, played by hand: a clock, an engine and transports that only obey.

Nothing here decides anything: a command is written down, and a test says what happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from itertools import count

from relay.engine import LegEvent
from relay.errors import NotFound, Overloaded
from relay.ids import LegId, SlotId, TrackId, WorkerIndex
from relay.legs.handled_datagrams import HandledDatagrams
from relay.ports import Channels
from relay.transports.datagrams import Datagrams
from relay.transports.dtls import SrtpKeys
from relay.transports.sdp import Negotiated, NegotiatedMedia
from relay.units import ns_of_seconds
from relay.workers.rows import EngineCodec

KEYS = SrtpKeys(1, b"i" * 16, b"s" * 14, b"o" * 16, b"t" * 14)


class HandClock:
    """A clock that moves when a test moves it."""

    def __init__(self) -> None:
        self._now_ns = 1_000_000_000
        self._moved = asyncio.Event()

    def now_ns(self) -> int:
        return self._now_ns

    def move(self, duration_s: float) -> None:
        self._now_ns += ns_of_seconds(duration_s)
        self._moved.set()

    async def sleep(self, duration_s: float) -> None:
        due_ns = self._now_ns + ns_of_seconds(duration_s)
        while self._now_ns < due_ns:
            self._moved.clear()
            await self._moved.wait()


class FakeLeg:
    """A leg that remembers what it was told."""

    def __init__(self, engine: FakeEngine) -> None:
        self._engine = engine
        self.id = LegId(next(engine.ids))
        self.commands: list[str] = []
        self.published: dict[TrackId, dict[str, object]] = {}
        self.lines: dict[SlotId, dict[str, object]] = {}
        self.bound: dict[SlotId, TrackId] = {}
        self.held_back: set[TrackId] = set()
        self.layers: dict[SlotId, tuple[int, int, int]] = {}
        self.paused: set[SlotId] = set()
        self.distances: dict[SlotId, int] = {}
        self.useful_bps = self.limit_bps = self.removed = 0
        self.keys: SrtpKeys | None = None
        self.credentials: tuple[bytes, bytes] = (b"", b"")
        self.peer: tuple[bytes, bytes] = (b"", b"")
        self.extensions: list[tuple[int, str]] = []
        self.full = False
        self.worker = WorkerIndex(0)
        self._news: asyncio.Queue[LegEvent | None] = asyncio.Queue()

    def add(self, ufrag: bytes, password: bytes, *, reduced_size_rtcp: bool) -> None:
        self._note(f"add rsize={reduced_size_rtcp}")
        self.credentials = (ufrag, password)

    def restart_ice(self, ufrag: bytes, password: bytes) -> None:
        self._note("restart_ice")
        self.credentials = (ufrag, password)

    def set_peer(self, ufrag: bytes, password: bytes) -> None:
        self._note("set_peer")
        self.peer = (ufrag, password)

    def set_keys(self, keys: SrtpKeys) -> None:
        self._note("set_keys")
        self.keys = keys

    def set_extensions(self, ids: Sequence[tuple[int, str]]) -> None:
        self._note("set_extensions")
        self.extensions = list(ids)

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
        self._note(f"publish {mid.decode()}")
        track = TrackId(next(self._engine.ids))
        self.published[track] = {
            "mid": mid,
            "codecs": list(codecs),
            "rids": list(rids),
            "ssrcs": list(ssrcs),
            "transport_cc": transport_cc,
            "nack": nack,
        }
        return track

    def unpublish(self, track: TrackId) -> None:
        self._note("unpublish")
        del self.published[track]

    def set_forwarding(self, track: TrackId, *, enabled: bool) -> None:
        self._note(f"set_forwarding {enabled}")
        (self.held_back.discard if enabled else self.held_back.add)(track)

    def add_slot(
        self, mid: bytes, kind: str, ssrc: int, rtx_ssrc: int, codecs: Sequence[EngineCodec]
    ) -> SlotId:
        self._note(f"add_slot {mid.decode()}")
        slot = SlotId(next(self._engine.ids))
        self.lines[slot] = {
            "mid": mid,
            "kind": kind,
            "ssrc": ssrc,
            "rtx_ssrc": rtx_ssrc,
            "codecs": list(codecs),
        }
        return slot

    def remove_slot(self, slot: SlotId) -> None:
        self._note("remove_slot")
        del self.lines[slot]
        self.layers.pop(slot, None)
        self.distances.pop(slot, None)
        self.paused.discard(slot)

    def bind(self, slot: SlotId, track: TrackId) -> None:
        self._note("bind")
        self.bound[slot] = track
        self.layers.pop(slot, None)
        self.paused.discard(slot)

    def set_layer(self, slot: SlotId, encoding: int, spatial: int, temporal: int) -> None:
        self._note(f"set_layer {encoding} {spatial} {temporal}")
        self.layers[slot] = (encoding, spatial, temporal)

    def set_paused(self, slot: SlotId, *, paused: bool) -> None:
        self._note(f"set_paused {paused}")
        (self.paused.add if paused else self.paused.discard)(slot)

    def set_redundancy(self, slot: SlotId, distance: int) -> None:
        self._note(f"set_redundancy {distance}")
        self.distances[slot] = distance

    def request_key_frame(self, track: TrackId) -> None:
        self._note(f"request_key_frame {track}")

    def set_useful_rate(self, bps: int) -> None:
        self._note(f"set_useful_rate {bps}")
        self.useful_bps = bps

    def limit_publisher(self, bps: int) -> None:
        self._note(f"limit_publisher {bps}")
        self.limit_bps = bps

    def remove(self) -> None:
        self.removed += 1
        self._news.put_nowait(None)
        self._engine.journal.append(f"remove leg {self.id}")

    def send(self, datagram: bytes) -> None:
        self._note(f"send {len(datagram)}")

    async def receive(self) -> bytes:
        raise ConnectionResetError

    async def events(self) -> AsyncIterator[LegEvent]:
        while (event := await self._news.get()) is not None:
            yield event

    def happens(self, event: LegEvent) -> None:
        """Let the engine report something."""
        self._news.put_nowait(event)

    def carried_by_mid(self) -> dict[str, TrackId]:
        """What each line carries, by m-line."""
        return {
            line["mid"].decode(): self.bound.get(slot, TrackId(0))
            for slot, line in self.lines.items()
            if isinstance(line["mid"], bytes)
        }

    def _note(self, command: str) -> None:
        if self.full:
            raise Overloaded
        self.commands.append(command)


class FakeEngine:
    """Hands out legs."""

    def __init__(self) -> None:
        self.ids = count(1)
        self.legs: list[FakeLeg] = []
        self.journal: list[str] = []

    def place(self) -> WorkerIndex:
        return WorkerIndex(0)

    def leg(self, worker: WorkerIndex) -> FakeLeg:
        leg = FakeLeg(self)
        leg.worker = worker
        self.legs.append(leg)
        return leg


class FakeChannels:
    """Data channels that keep what they are given."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_full, self.is_open = False, True
        self.incoming: asyncio.Queue[tuple[str, str | bytes] | Exception] = asyncio.Queue()

    async def messages(self) -> AsyncIterator[tuple[str, str | bytes]]:
        while True:
            item = await self.incoming.get()
            if isinstance(item, Exception):
                raise item
            yield item

    @property
    def opened(self) -> set[str]:
        return {"visavis"} if self.is_open else set()

    def send(self, label: str, message: str | bytes) -> None:
        assert label == "visavis"
        if not self.is_open:
            raise NotFound
        if self.is_full:
            raise Overloaded
        assert isinstance(message, str)
        self.sent.append(message)


class FakeTransport:
    """A handshake that ends as a test says."""

    def __init__(self, journal: list[str]) -> None:
        self.handshake: asyncio.Future[SrtpKeys] = asyncio.get_running_loop().create_future()
        self.goodbye = asyncio.Event()
        self.channels = FakeChannels()
        self.timeout_s: float | None = None
        self.started = 0
        self._journal = journal

    async def connect(self, timeout_s: float) -> SrtpKeys:
        self.timeout_s = timeout_s
        return await self.handshake

    async def start_channels(self, data: NegotiatedMedia) -> Channels:
        assert data.kind == "application"
        self.started += 1
        return self.channels

    async def wait_closed(self) -> None:
        await self.goodbye.wait()

    async def aclose(self) -> None:
        self._journal.append("close transport")


class FakeTransports:
    """Hands out transports."""

    fingerprint_sha256 = ":".join(["AB"] * 32)

    def __init__(self, journal: list[str]) -> None:
        self.opened: list[FakeTransport] = []
        self._journal = journal

    def open(self, datagrams: Datagrams, negotiated: Negotiated) -> FakeTransport:
        assert isinstance(datagrams, HandledDatagrams)
        assert negotiated.media
        transport = FakeTransport(self._journal)
        self.opened.append(transport)
        return transport


async def settle() -> None:
    """Let every task run as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)
