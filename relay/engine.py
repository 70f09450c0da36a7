"""The packet path as the media plane sees it: workers, legs, and what happens on them.

The only importer of `relay._engine`; gives its ints and bytes names and types, and brings each
event to the leg it is about (`relay.workers.engine_leg`). No policy and no task: the workers run by
themselves, and one reader on the event loop passes their news on. Called by `relay.service`.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, Self, TypeAlias

from relay._engine import BUILD, COUNTER_NAMES, Engine, Estimator, Event
from relay.errors import EngineFailed, Overloaded
from relay.ids import LegId, SlotId, TrackId, WorkerIndex
from relay.units import NS_PER_S
from relay.workers.engine_leg import EngineLeg, Owners, Reports
from relay.workers.estimate import Estimate
from relay.workers.rows import TrackReport

__all__ = [
    "BUILD",
    "EngineConfig",
    "EngineLeg",
    "Estimator",
    "Event",
    "LegEvent",
    "MediaEngine",
    "Reports",
]

# What a leg's owner is told of the leg, its tracks and its slots.
_OfLeg: TypeAlias = Event.Connected | Event.AddressChanged | Event.ConsentLost | Event.MediaStarted
_OfTrack: TypeAlias = Event.EncodingStarted | Event.EncodingStopped | Event.SpeakerLevel
_Figures: TypeAlias = Event.Report | Event.Estimates | Event.Stillness
LegEvent: TypeAlias = _OfLeg | _OfTrack | Event.SlotStarted | Event.WorkerFailed

HEARTBEAT_LIMIT_NS: Final = NS_PER_S
"""A worker's loop turns every 10 ms; one that has not for a hundred times that is behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """How the packet path is set up; `relay.config.MediaConfig` says what each means."""

    workers: int = 1
    listen: tuple[str, ...] = ("0.0.0.0", "::")  # noqa: S104 - media is meant to be reachable
    port: int = 7882
    receive_buffer_bytes: int = 32 * 1024 * 1024
    gather_us: int = 900
    tcp: bool = True

    def sockets(self) -> list[list[tuple[str, int]]]:
        """Give each worker's sockets; worker n has port + n, unless the kernel is to choose."""
        ports = [self.port and self.port + index for index in range(self.workers)]
        return [[(ip, port) for ip in self.listen] for port in ports]


class MediaEngine:
    """The workers; an async context manager that runs them."""

    def __init__(self, config: EngineConfig) -> None:
        self._owners = Owners()
        self._ids = count(1)
        self._config = config
        self._running: Engine | None = None
        self._last_counters = [0] * len(COUNTER_NAMES)
        self._lost = Counter(leg_dtls_dropped=0, leg_events_dropped=0)
        self._placed: Counter[WorkerIndex] = Counter()
        self._leaving: list[EngineLeg] = []
        self._still: dict[int, tuple[tuple[TrackId, ...], tuple[SlotId, ...]]] = {}
        self._moved: Callable[[list[LegId]], None] | None = None

    async def __aenter__(self) -> Self:
        """Open the sockets and start the workers.

        Raises:
            OSError: An address is taken, or is not this machine's.

        """
        config = self._config
        engine = Engine(config.sockets(), config.receive_buffer_bytes, config.gather_us, config.tcp)
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

    def heeds_estimates(self, heed: Callable[[list[LegId]], None]) -> None:
        """Have somebody told of the legs whose paths' estimates have moved."""
        self._moved = heed

    @property
    def reports(self) -> Reports:
        """The latest figures of every track and slot there is."""
        return self._owners.reports

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

    def healthy(self, now_ns: int, *, within_ns: int = HEARTBEAT_LIMIT_NS) -> bool:
        """Tell whether every worker's loop turns.

        Args:
            now_ns: By the clock of `time.monotonic_ns`, which the workers read too.
            within_ns: How long ago a loop's last turn may be.

        """
        beats = self._running.heartbeat_ns() if self._running else [now_ns - within_ns]
        return all(now_ns - beat < within_ns for beat in beats)

    def forget(self, leg: EngineLeg) -> None:
        """Have a leg's worker drop it, at the next news if there is no room for the command."""
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
        elif isinstance(event, _Figures):
            self._take_figures(event)
        elif isinstance(event, Event.Feedback):
            self._bring(event)
        elif isinstance(event, Event.LayersChanged):
            self._keep_layers(event)
        elif isinstance(event, Event.WorkerFailed):
            for leg in [leg for leg in owners.legs.values() if leg.worker == event.worker]:
                self._give(leg, event)
                leg.datagrams.close()
        elif isinstance(event, Event.SlotStarted):
            self._give(owners.slots.get(SlotId(event.slot)), event)
        elif isinstance(event, _OfLeg):
            self._give(owners.legs.get(LegId(event.leg)), event)
        elif isinstance(event, _OfTrack):
            self._see_arriving(event)
            self._give(owners.tracks.get(TrackId(event.track)), event)

    def _take_figures(self, event: _Figures) -> None:
        match event:
            case Event.Report():
                self._file(event)
            case Event.Estimates():
                self._note(event)
            case Event.Stillness():
                self._see_stillness(event)

    def _give(self, leg: EngineLeg | None, event: LegEvent) -> None:
        # `None`: the leg, track or slot went while its event was on the way.
        if leg is not None and not leg.news.put(event):
            self._lost["leg_events_dropped"] += 1
            if not isinstance(event, Event.SpeakerLevel):
                leg.news.close(Overloaded())

    def _see_arriving(self, event: _OfTrack) -> None:
        track, arriving = TrackId(event.track), self.reports.arriving
        if isinstance(event, Event.SpeakerLevel) or track not in self._owners.tracks:
            return
        known = arriving.get(track, frozenset())
        if isinstance(event, Event.EncodingStarted):
            arriving[track] = known | {event.encoding}
        else:
            arriving[track] = known - {event.encoding}

    def _note(self, news: Event.Estimates) -> None:
        moved = []
        for leg, *figures in news.estimates:
            if (known := LegId(leg)) in self._owners.legs:
                moved.append(known)
                self.reports.estimates[known] = Estimate(known, *figures)
        if self._moved is not None:
            self._moved(moved)

    def _see_stillness(self, told: Event.Stillness) -> None:
        """Replace all that the same worker told before."""
        reports, owners = self.reports, self._owners
        tracks_before, slots_before = self._still.get(told.worker, ((), ()))
        for track in tracks_before:
            reports.still_tracks.pop(track, None)
        for slot in slots_before:
            reports.still_slots.pop(slot, None)
        tracks = {TrackId(row[0]): row for row in told.tracks if row[0] in owners.tracks}
        slots = {SlotId(row[0]): row for row in told.slots if row[0] in owners.slots}
        reports.still_tracks |= tracks
        reports.still_slots |= slots
        self._still[told.worker] = (tuple(tracks), tuple(slots))

    def _keep_layers(self, said: Event.LayersChanged) -> None:
        if TrackId(said.track) in self._owners.tracks:
            self.reports.layers[TrackId(said.track)] = said.layers

    def _bring(self, told: Event.Feedback) -> None:
        leg = self._owners.legs.get(LegId(told.leg))
        if leg is not None and leg.feedback is not None and not leg.feedback.put(told):
            self._lost["leg_events_dropped"] += 1

    def _file(self, report: Event.Report) -> None:
        tracks: dict[TrackId, list[TrackReport]] = {}
        for row in report.tracks:
            tracks.setdefault(TrackId(row[0]), []).append(row)
        known = {k: rows for k, rows in tracks.items() if k in self._owners.tracks}
        self.reports.tracks |= known
        now_ns = time.monotonic_ns()
        self.reports.filed_ns |= dict.fromkeys(known, now_ns)
        told = {SlotId(row[0]): row for row in report.slots}
        slots = {k: row for k, row in told.items() if k in self._owners.slots}
        self.reports.slots |= slots
        self.reports.slots_filed_ns |= dict.fromkeys(slots, now_ns)
