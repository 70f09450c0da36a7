"""What the media plane needs of the engine and of the transports, as protocols.

The seam at which tests stand: `relay.engine` and `relay.legs.transport` satisfy these, and so do
the small fakes of tests/unit/relay. Nothing here runs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from relay.ids import LegId, SlotId, TrackId, WorkerIndex
from relay.transports.datagrams import Datagrams
from relay.transports.dtls import SrtpKeys
from relay.transports.sdp import Negotiated, NegotiatedMedia
from relay.workers.estimate import Estimate
from relay.workers.rows import EngineCodec, Layer, SlotReport, StillSlot, StillTrack, TrackReport

if TYPE_CHECKING:
    from relay.engine import LegEvent


class EngineLeg(Datagrams, Protocol):
    """One leg in the engine; commands return at once and may raise `ServerError`."""

    @property
    def id(self) -> LegId:
        """Its number in the engine."""

    def add(self, ufrag: bytes, password: bytes, *, reduced_size_rtcp: bool) -> None:
        """Open it."""

    def restart_ice(self, ufrag: bytes, password: bytes) -> None:
        """Accept new credentials; the old ones stay valid until the new ones are used."""

    def set_peer(self, ufrag: bytes, password: bytes) -> None:
        """Tell what the participant signs with: a new address of theirs is asked for it."""

    def set_keys(self, keys: SrtpKeys) -> None:
        """Let media flow."""

    def set_extensions(self, ids: Sequence[tuple[int, str]]) -> None:
        """Say which header extensions were negotiated."""

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
        """Announce a track the participant will send."""

    def unpublish(self, track: TrackId) -> None:
        """Forget a track."""

    def set_forwarding(self, track: TrackId, *, enabled: bool) -> None:
        """Let a track out, or hold everything of it back."""

    def add_slot(
        self, mid: bytes, kind: str, ssrc: int, rtx_ssrc: int, codecs: Sequence[EngineCodec]
    ) -> SlotId:
        """Open a line towards the participant."""

    def remove_slot(self, slot: SlotId) -> None:
        """Close a line."""

    def bind(self, slot: SlotId, track: TrackId) -> None:
        """Choose what a line carries; track 0 silences it."""

    def set_layer(self, slot: SlotId, encoding: int, spatial: int, temporal: int) -> None:
        """Choose encoding and highest layers; -1 is the best alive, and all layers."""

    def set_paused(self, slot: SlotId, *, paused: bool) -> None:
        """Send nothing on a line for now, or go on; what is bound anew is not paused."""

    def set_redundancy(self, slot: SlotId, distance: int) -> None:
        """Carry so many earlier frames (0 to 2) with each packet of sound, where it may be red."""

    def request_key_frame(self, track: TrackId) -> None:
        """Ask a track's publisher for a key frame; asked too often, it is dropped."""

    def set_useful_rate(self, bps: int) -> None:
        """Say up to which rate the participant could make use of its path; bursts ask for no more.

        None are sent before; 0 ends them again.
        """

    def limit_publisher(self, bps: int) -> None:
        """Cap all that the participant sends, sound included; 0 releases it."""

    def remove(self) -> None:
        """Close the leg with its tracks and lines. Idempotent."""

    def events(self) -> AsyncIterator[LegEvent]:
        """Give what happens to the leg, its tracks and its lines."""


class MediaEngine(Protocol):
    """The engine, for those who open legs and look at figures."""

    def place(self) -> WorkerIndex:
        """Choose the worker of a new room."""

    def leg(self, worker: WorkerIndex) -> EngineLeg:
        """Prepare a leg of a room on that worker."""


class Channels(Protocol):
    """The data channels of one leg."""

    def messages(self) -> AsyncIterator[tuple[str, str | bytes]]:
        """Give label and message, in order; raises `Malformed` where a bound was passed."""

    @property
    def opened(self) -> Collection[str]:
        """The labels of the channels that are open."""

    def send(self, label: str, message: str | bytes) -> None:
        """Queue a message; raises `NotFound`, `TooLarge` or `Overloaded`."""


class Transport(Protocol):
    """DTLS of one leg, and what runs over it."""

    async def connect(self, timeout_s: float) -> SrtpKeys:
        """Shake hands; raises `HandshakeFailed`."""

    async def start_channels(self, data: NegotiatedMedia) -> Channels:
        """Begin the data channels, as their m-line was negotiated."""

    async def wait_closed(self) -> None:
        """Return when the participant said goodbye."""

    async def aclose(self) -> None:
        """End channels and connection. Idempotent."""


class Transports(Protocol):
    """Makes transports; one certificate for all of them."""

    @property
    def fingerprint_sha256(self) -> str:
        """Of the relay's certificate."""

    def open(self, datagrams: Datagrams, negotiated: Negotiated) -> Transport:
        """Prepare the transport of a leg."""


class Reports(Protocol):
    """The engine's latest figures, by id."""

    @property
    def tracks(self) -> Mapping[TrackId, Sequence[TrackReport]]:
        """Of each track, one row per encoding."""

    @property
    def filed_ns(self) -> Mapping[TrackId, int]:
        """When each track's rows were filed, by the clock of `time.monotonic_ns`."""

    @property
    def layers(self) -> Mapping[TrackId, Sequence[Layer]]:
        """What the publisher of each track says of the layers it sends, where it does."""

    @property
    def slots(self) -> Mapping[SlotId, SlotReport]:
        """Of each slot."""

    @property
    def slots_filed_ns(self) -> Mapping[SlotId, int]:
        """When each slot's row was filed, by the clock of `time.monotonic_ns`."""

    @property
    def arriving(self) -> Mapping[TrackId, frozenset[int]]:
        """Of each track, the encodings whose packets come."""

    @property
    def still_tracks(self) -> Mapping[TrackId, StillTrack]:
        """Of each track that somebody should receive and that brings nothing, or only silence."""

    @property
    def still_slots(self) -> Mapping[SlotId, StillSlot]:
        """Of each slot that should send and does not, or to no avail."""

    @property
    def estimates(self) -> Mapping[LegId, Estimate]:
        """What each leg's path carries, once its participant has told."""
