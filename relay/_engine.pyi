"""The compiled packet path: worker threads with their own sockets (codecs/engine).

Plain ints and bytes; `relay.engine` is the only importer and gives them names and types. Every
command is queued and returns at once: `RuntimeError("engine queue full")` or
`RuntimeError("engine stopped")` when it cannot be, `IndexError` for a worker that does not exist,
`ValueError` for what no command can be. A command that names a leg, track or slot already gone is
counted and otherwise without effect.
"""

# ruff: noqa: PYI021 - the compiled module has no other place for its documentation

from typing import Final, TypeAlias, final

from typing_extensions import Buffer, disjoint_base

__all__ = [
    "BUILD",
    "COUNTER_NAMES",
    "Engine",
    "Estimator",
    "Event",
    "SrtpInbound",
    "SrtpOutbound",
]

BUILD: Final[str]
"""Version and profile of this module."""

COUNTER_NAMES: Final[list[str]]
"""What `Engine.counters` counts, in its order."""

_Codec: TypeAlias = tuple[int, str, int]
"""Payload type, codec (opus, vp8, vp9, h264, av1), payload type of its retransmissions or -1.

The row `red` is one more payload type of opus: frames with earlier ones before them (RFC 2198).
"""

_TrackReport: TypeAlias = tuple[int, int, int, int, int, int, int, int, list[tuple[int, int, int]]]
"""track, encoding, packets, bytes, lost, jitter_us, key_frames, silent_ms; bytes of each layer:
spatial, temporal, bytes; cumulative."""

_Layer: TypeAlias = tuple[int, int, int, int, int, list[int]]
"""encoding, spatial layer, width, height, highest frame rate (0 unknown), kbit/s by temporal layer,
each with all it needs."""

_SlotReport: TypeAlias = tuple[int, int, int, int, int, int, int, int, int, int, int]
"""slot, packets, bytes, fraction_lost_q8, cumulative_lost, jitter_us, rtt_us (-1 unknown),
rr_age_ms (-1 none), nacks, plis, fed_by (the encoding that it is sent just now; -1 none)."""

_StillTrack: TypeAlias = tuple[int, int, int, bool]
"""track, silent_ms (since its last packet, of any encoding; -1 before any), zero_ms (since its
last packet louder than digital silence, RFC 6464; -1 unknown), ended (its sender said goodbye)."""

_StillSlot: TypeAlias = tuple[int, int, int]
"""slot, sent_ms (since its last packet; -1 before any), unheard_ms (for how long it has been
sending without word that anything arrived)."""

_Estimate: TypeAlias = tuple[int, int, int, int, int, int]
"""leg, rate_bps (what may be sent), estimate_bps (what the path is thought to carry),
owed_bps (by how much less should be sent anew, while pictures wait in the relay), sound_told,
sound_lost (packets of sound that feedback spoke of, and those lost of them; cumulative)."""

_Sample: TypeAlias = tuple[int, int, int | None, int, int]
"""sequence, sent_us, arrival_us on the receiver's clock (`None`: lost), size_bytes on the wire,
cluster (the burst during which it left; 0 is none)."""

@final
class Engine:
    """Worker threads; they run from construction until `stop` and never take the GIL."""

    def __new__(
        cls,
        listen: list[list[tuple[str, int]]],
        receive_buffer_bytes: int,
        gather_us: int,
        tcp: bool,
    ) -> Engine:
        """Open the sockets and start the workers.

        Args:
            listen: One list per worker: its sockets' addresses and ports; 0 lets the kernel choose.
            receive_buffer_bytes: Asked of the kernel for each socket.
            gather_us: How long a batch may gather after a wake-up when a worker is nearly full; 900
                at most. It is 500 at most below 70 % of a core, and less when idle.
            tcp: Whether to listen for TCP too, on the same addresses and ports.

        Raises:
            OSError: An address is taken, or is not this machine's.

        """
    def addresses(self) -> list[list[tuple[str, int]]]:
        """Give each worker's addresses and ports, as `listen` with the real ports."""
    def event_fd(self) -> int:
        """Give the descriptor that is readable when `drain_events` has something."""
    def drain_events(self) -> list[Event]:
        """Take what happened: the life of legs, tracks and slots first, then everything else."""
    def counters(self) -> list[int]:
        """Give the counts summed over the workers, at most a tick (10 ms) old."""
    def heartbeat_ns(self) -> list[int]:
        """Give for each worker when its loop last turned, on `time.monotonic_ns`'s clock."""
    def receive_buffer_bytes(self) -> list[int]:
        """Give for each worker the smallest receive buffer the kernel gave one of its sockets."""
    def stop(self) -> None:
        """End the workers and close their sockets; a second call does nothing."""
    def add_leg(
        self, worker: int, leg: int, ufrag: bytes, password: bytes, reduced_size_rtcp: bool
    ) -> None:
        """Answer STUN checks that carry these credentials."""
    def restart_ice(self, worker: int, leg: int, ufrag: bytes, password: bytes) -> None:
        """Accept new credentials; the old ones stay valid until the new are used."""
    def set_peer(self, worker: int, leg: int, ufrag: bytes, password: bytes) -> None:
        """Learn what the participant signs with, to ask whether a new address is theirs."""
    def set_keys(
        self,
        worker: int,
        leg: int,
        profile_iana: int,
        inbound_key: bytes,
        inbound_salt: bytes,
        outbound_key: bytes,
        outbound_salt: bytes,
    ) -> None:
        """Let media pass under these SRTP master keys."""
    def set_extensions(self, worker: int, leg: int, ids: list[tuple[int, str]]) -> None:
        """Say which extension ids (1 to 14) mean what, both ways; unknown URIs are left out."""
    def send_dtls(self, worker: int, leg: int, datagram: bytes) -> None:
        """Send a datagram of DTLS records, at most 1,500 bytes."""
    def publish(
        self,
        worker: int,
        leg: int,
        track: int,
        mid: bytes,
        codecs: list[_Codec],
        rids: list[bytes],
        ssrcs: list[tuple[int, int]],
        transport_cc: bool,
        nack: bool,
    ) -> None:
        """Expect a track: rids by falling quality, (ssrc, rtx ssrc or 0) where signalled."""
    def unpublish(self, worker: int, track: int) -> None:
        """Forget a track."""
    def set_forwarding(self, worker: int, track: int, enabled: bool) -> None:
        """Let a track out, or hold everything of it back."""
    def add_slot(
        self,
        worker: int,
        leg: int,
        slot: int,
        mid: bytes,
        kind: str,
        ssrc: int,
        rtx_ssrc: int,
        codecs: list[_Codec],
    ) -> None:
        """Open a line of one kind (audio, video) towards a leg; `rtx_ssrc` 0 is none."""
    def remove_slot(self, worker: int, slot: int) -> None:
        """Close a line."""
    def bind(self, worker: int, slot: int, track: int) -> None:
        """Carry a track on a slot from its next key frame on; track 0 silences the slot."""
    def set_layer(self, worker: int, slot: int, encoding: int, spatial: int, temporal: int) -> None:
        """Choose encoding and highest layers; -1 is the best alive, and all layers."""
    def set_paused(self, worker: int, slot: int, paused: bool) -> None:
        """Send nothing on a slot for now, or go on from a key frame."""
    def set_redundancy(self, worker: int, slot: int, distance: int) -> None:
        """Carry so many earlier frames (0 to 2) with each packet of sound; 0 until it is said."""
    def request_key_frame(self, worker: int, track: int) -> None:
        """Ask a track's publisher for a key frame, throttled."""
    def set_useful_rate(self, worker: int, leg: int, bps: int) -> None:
        """Say up to which rate a leg's participant could use its path; bursts ask for no more."""
    def set_publisher_limit(self, worker: int, leg: int, bps: int) -> None:
        """Cap all that a leg sends, by REMB now and each second, in bit/s; 0 releases it."""
    def tap_feedback(self, worker: int, leg: int, enabled: bool) -> None:
        """Have what a leg's participant tells of its path given as events, or no longer."""
    def remove_leg(self, worker: int, leg: int) -> None:
        """Forget a leg, its tracks and its slots."""

@disjoint_base
class Event:
    """Something that happened; one of the classes inside."""

    @final
    class Connected(Event):
        """The first authenticated, nominated path to a leg."""

        __match_args__: Final = ("leg",)
        def __new__(cls, leg: int) -> Event.Connected: ...
        @property
        def leg(self) -> int: ...

    @final
    class AddressChanged(Event):
        """A leg is now reached at another address."""

        __match_args__: Final = ("leg",)
        def __new__(cls, leg: int) -> Event.AddressChanged: ...
        @property
        def leg(self) -> int: ...

    @final
    class ConsentLost(Event):
        """No authenticated check for 30 s (RFC 7675)."""

        __match_args__: Final = ("leg",)
        def __new__(cls, leg: int) -> Event.ConsentLost: ...
        @property
        def leg(self) -> int: ...

    @final
    class Dtls(Event):
        """A datagram of DTLS records from an authenticated path."""

        __match_args__: Final = ("leg", "datagram")
        def __new__(cls, leg: int, datagram: bytes) -> Event.Dtls: ...
        @property
        def leg(self) -> int: ...
        @property
        def datagram(self) -> bytes: ...

    @final
    class MediaStarted(Event):
        """The first SRTP packet of a leg that authenticated."""

        __match_args__: Final = ("leg",)
        def __new__(cls, leg: int) -> Event.MediaStarted: ...
        @property
        def leg(self) -> int: ...

    @final
    class EncodingStarted(Event):
        """An encoding's first packet, or its first after a silence or a change of codec."""

        __match_args__: Final = ("track", "encoding", "codec")
        def __new__(cls, track: int, encoding: int, codec: str) -> Event.EncodingStarted: ...
        @property
        def track(self) -> int: ...
        @property
        def encoding(self) -> int: ...
        @property
        def codec(self) -> str: ...

    @final
    class EncodingStopped(Event):
        """No packet of an encoding for 2 s."""

        __match_args__: Final = ("track", "encoding")
        def __new__(cls, track: int, encoding: int) -> Event.EncodingStopped: ...
        @property
        def track(self) -> int: ...
        @property
        def encoding(self) -> int: ...

    @final
    class SlotStarted(Event):
        """The first packet forwarded on a slot since it was bound."""

        __match_args__: Final = ("slot",)
        def __new__(cls, slot: int) -> Event.SlotStarted: ...
        @property
        def slot(self) -> int: ...

    @final
    class LayersChanged(Event):
        """What a publisher says of the layers it sends has changed; at most once a second."""

        __match_args__: Final = ("track", "layers")
        def __new__(cls, track: int, layers: list[_Layer]) -> Event.LayersChanged: ...
        @property
        def track(self) -> int: ...
        @property
        def layers(self) -> list[_Layer]: ...

    @final
    class SpeakerLevel(Event):
        """How loud a track is: 0 is the loudest, -127 silence (RFC 6464); at most 5 a second."""

        __match_args__: Final = ("track", "level_dbov", "voice")
        def __new__(cls, track: int, level_dbov: int, voice: bool) -> Event.SpeakerLevel: ...
        @property
        def track(self) -> int: ...
        @property
        def level_dbov(self) -> int: ...
        @property
        def voice(self) -> bool: ...

    @final
    class Estimates(Event):
        """What paths towards participants carry, where that is new; each at least once a second."""

        __match_args__: Final = ("estimates",)
        def __new__(cls, estimates: list[_Estimate]) -> Event.Estimates: ...
        @property
        def estimates(self) -> list[_Estimate]: ...

    @final
    class Feedback(Event):
        """What one feedback told of a leg that is tapped; when it came, as `time.monotonic_ns`."""

        __match_args__: Final = ("leg", "at_ns", "samples")
        def __new__(cls, leg: int, at_ns: int, samples: list[_Sample]) -> Event.Feedback: ...
        @property
        def leg(self) -> int: ...
        @property
        def at_ns(self) -> int: ...
        @property
        def samples(self) -> list[_Sample]: ...

    @final
    class Report(Event):
        """Cumulative figures of all of a worker's encodings and slots, once a second."""

        __match_args__: Final = ("worker", "tracks", "slots")
        def __new__(
            cls, worker: int, tracks: list[_TrackReport], slots: list[_SlotReport]
        ) -> Event.Report: ...
        @property
        def worker(self) -> int: ...
        @property
        def tracks(self) -> list[_TrackReport]: ...
        @property
        def slots(self) -> list[_SlotReport]: ...

    @final
    class Stillness(Event):
        """All of a worker's tracks and slots that lack packets they should have, for a second now.

        What is named nowhere has some. Four times a second; an empty word comes once a second.
        """

        __match_args__: Final = ("worker", "tracks", "slots")
        def __new__(
            cls, worker: int, tracks: list[_StillTrack], slots: list[_StillSlot]
        ) -> Event.Stillness: ...
        @property
        def worker(self) -> int: ...
        @property
        def tracks(self) -> list[_StillTrack]: ...
        @property
        def slots(self) -> list[_StillSlot]: ...

    @final
    class WorkerFailed(Event):
        """A panic was contained; the worker's legs are gone."""

        __match_args__: Final = ("worker",)
        def __new__(cls, worker: int) -> Event.WorkerFailed: ...
        @property
        def worker(self) -> int: ...

@final
class Estimator:
    """Receivers' paths by index, for simulations of links.

    Rows are as `relay.congestion.estimator` lays them out.
    """

    def __new__(cls) -> Estimator: ...
    def admit(self) -> int:
        """Begin to estimate a path, under the next index."""
    def update(self, samples: Buffer, now_us: int) -> bytes:
        """Take in rows of samples as bytes, let every path tick, and give rows of bursts.

        Raises:
            ValueError: The bytes are not whole rows, or do not lie one behind the other.

        """
    def rates_bps(self) -> bytes:
        """Give what each path may be sent: unsigned, 8 bytes each."""

@final
class SrtpInbound:
    """SRTP as the packet path opens it: an oracle for tests and benchmark peers."""

    def __new__(cls, profile_iana: int, key: bytes, salt: bytes) -> SrtpInbound:
        """Derive session keys; `ValueError` for an unknown profile or a wrong length."""
    def unprotect_rtp(self, packet: bytes) -> bytes:
        """Open a packet; `ValueError` with the name of the reason when it is refused."""
    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """Open a compound; `ValueError` with the name of the reason when it is refused."""

@final
class SrtpOutbound:
    """SRTP as the packet path protects it."""

    def __new__(cls, profile_iana: int, key: bytes, salt: bytes) -> SrtpOutbound:
        """Derive session keys; `ValueError` for an unknown profile or a wrong length."""
    def protect_rtp(self, packet: bytes, index: int) -> bytes:
        """Protect a packet under an index: rollover counter << 16 | its sequence number."""
    def protect_rtcp(self, packet: bytes) -> bytes:
        """Protect a compound under the next index."""
