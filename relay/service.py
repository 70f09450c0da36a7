"""The media plane, assembled: signalling's only door.

Owns the engine, the seats and every task: sessions, the round that expires seats and judges
quality, the watch on the event loop. Knows no HTTP and no JSON. Called by `signalling`, or by
whoever embeds it:

```python
async with Relay(config) as relay:
    seat = await relay.join(grant)
```
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from math import ceil
from typing import Final, Self

from relay.adaptation.adapting import Adapting
from relay.checks.desk import Checks
from relay.clock import Clock, MonotonicClock
from relay.config import RelayConfig
from relay.engine import BUILD, EngineConfig, MediaEngine
from relay.ids import SeatId, WorkerIndex
from relay.legs.transport import LegTransports
from relay.machine.addresses import candidates, is_loopback, machine_addresses
from relay.machine.starting import cannot_listen, installed_version, warn_of_capped_buffers
from relay.metrics.collector import Gauges, RelayCollector, Sources
from relay.metrics.loop_lag import watch_loop_lag
from relay.metrics.tally import Tally
from relay.moderation.moderating import moderation
from relay.moderation.room_desk import RoomDesk, settings_of
from relay.moderation.steering import Steering
from relay.monitoring.charting import Charting
from relay.monitoring.gauges import gauges, status
from relay.monitoring.measuring import Measuring
from relay.monitoring.silences import Silences, keep_looking
from relay.monitoring.telling_silences import pass_on
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.admission import Limits
from relay.rooms.happenings import Happening
from relay.rooms.moderation import Moderation
from relay.rooms.participant import Participant
from relay.rooms.permissions import Grant
from relay.routing.bindings import rebind
from relay.routing.conversation import deliver_all_held
from relay.seats.answering import Means
from relay.seats.seat import Seat
from relay.seats.seating import Seating
from relay.session import contain
from relay.transports.sdp import Candidate, CodecPolicy
from relay.units import NS_PER_S, ns_of_seconds
from relay.workers.heeding import Heeding

ROUND_S: Final = 1.0
"""The engine reports once a second; seats and verdicts need no finer clock."""

ROOMS_AT_ONCE: Final = 8
"""Rooms looked after in one turn of the event loop. A participant costs some 20 us (measured):
eight consultations hold the loop, and the core a worker may share with it, for 0.3 ms."""

STUCK_AFTER_S: Final = 10.0
"""A worker turns every 10 ms and a round every second: ten seconds are a fault, not a load. What is
behind by less takes no new consultations, and keeps those it has."""


class Relay:
    """Rooms, seats and legs over one engine; an async context manager."""

    def __init__(self, config: RelayConfig, *, clock: Clock | None = None) -> None:
        self.tally = Tally()
        self._config = config
        self._clock = clock or MonotonicClock()
        media = config.media
        self._engine = MediaEngine(
            EngineConfig(
                workers=media.workers,
                listen=media.listen,
                port=media.port,
                receive_buffer_bytes=media.receive_buffer_bytes,
                gather_us=media.gather_us,
                tcp=media.tcp,
            )
        )
        self._seating = Seating(
            engine=self._engine,
            clock=self._clock,
            tally=self.tally,
            limits=Limits(config.rooms.max_rooms, config.rooms.reserved_rooms),
            settings=settings_of(config.rooms),
            keep_s=config.rooms.seat_keep_s,
            policy=CodecPolicy.of(config.codecs.video),
        )
        self._adapting = Adapting(self._clock, self._engine.reports, self.tally)
        if media.adaptation:
            self._engine.heeds_estimates(Heeding(self._adapting.heed).hear)
        self._seating.rerouted = self._rerouted
        self._measuring = Measuring(self._engine.reports, self.tally, self._happened)
        self.charting = Charting(self._engine.reports)
        """How everything travels; give it charts to have them filled."""
        self.silences = Silences(self._engine.reports, self.tally)
        """Who is not heard or seen; `observe` it to be told."""
        self.silences.observe(partial(pass_on, self._seating))
        self.steering = Steering(self._seating, self.silences)
        self._candidates: Sequence[tuple[Candidate, ...]] = ()
        self._running: AsyncExitStack | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._owned: set[asyncio.Task[None]] = set()
        self._last_turn_ns = 0
        self._means = Means(
            engine=self._engine,
            transports=LegTransports(),
            candidates=lambda worker: self._candidates[worker],
            policy=CodecPolicy.of(config.codecs.video),
            connect_timeout_s=media.connect_timeout_s,
            spawn=self._spawn,
        )
        self.checks = Checks(self._seating, self._means, config.checks)
        """What people check of their devices and their network before a consultation."""

    async def __aenter__(self) -> Self:
        """Start the workers and the relay's own tasks.

        Raises:
            ConfigurationError: A media address is taken, or is not this machine's.

        """
        async with AsyncExitStack() as starting:
            try:
                await starting.enter_async_context(self._engine)
            except OSError as error:
                raise cannot_listen(error, self._config.media.port) from error
            self._candidates = self._announced()
            warn_of_capped_buffers(self._engine, self._config.media.receive_buffer_bytes)
            self._tasks = await starting.enter_async_context(asyncio.TaskGroup())
            starting.callback(self._stop)
            for work, name in (
                (self._rounds(), "rounds"),
                (keep_looking(self.silences, self._clock, self._seating), "silences"),
                (watch_loop_lag(self._clock, self.tally), "loop lag"),
            ):
                _ = self._spawn(work, name)
            self._last_turn_ns = self._clock.now_ns()
            self._running = starting.pop_all()
        return self

    async def __aexit__(self, *failure: object) -> None:
        """End every seat, then every task, then the engine.

        *Cancellation:* the workers are stopped all the same.
        """
        assert self._running is not None, "entered once"
        running, self._running = self._running, None
        await running.aclose()

    async def join(self, grant: Grant, *, takeover: bool = False) -> Seat:
        """Give a seat for a grant; see `relay.seats.seating`.

        Raises:
            SeatTaken: The identity is live here, and this is no takeover.
            UnknownRoom: The room is not open, and the grant may not open it.
            RoomFull: The room has no place left.
            LimitReached: No further room can be opened.

        *Cancellation:* there is no moment at which this could be cancelled.
        """
        place = self._seating.join(grant, takeover=takeover)
        self.checks.attach(place)
        return self._seat(place)

    async def resume(self, seat: SeatId, secret: str) -> Seat:
        """Give a seat back to whoever has its secret.

        Raises:
            SeatUnknown: The seat is no longer kept.
            WrongSecret: The secret is not the seat's.

        *Cancellation:* there is no moment at which this could be cancelled.
        """
        return self._seat(self._seating.resume(seat, secret))

    def desk(self) -> RoomDesk:
        """Give the embedder's backend its commands over rooms."""
        return RoomDesk(self._seating)

    def listen(self, happened: Callable[[Happening], None]) -> None:
        """Tell of what happens in rooms, at once; the listener neither raises nor waits."""
        self._seating.happened = happened

    def _happened(self, happening: Happening) -> None:
        self._seating.happened(happening)  # whoever listens by then

    def drain(self) -> None:
        """Open no further rooms from now on; whoever is missing in an open one may still come."""
        self._seating.draining = True

    def ready(self) -> bool:
        """Whether new consultations may come here."""
        return (
            self._running is not None
            and not self._seating.draining
            and self._engine.healthy(self._clock.now_ns())
        )

    def healthy(self) -> bool:
        """Whether everything turns: each worker's loop, and the relay's own rounds.

        A relay that is not should be started again: it carries nothing, and will not by itself.
        """
        now_ns, limit_ns = self._clock.now_ns(), ns_of_seconds(STUCK_AFTER_S)
        return (
            self._running is not None
            and now_ns - self._last_turn_ns < limit_ns
            and self._engine.healthy(now_ns, within_ns=limit_ns)
        )

    def status(self) -> dict[str, int | float]:
        """Totals for people and tests: rooms, participants, seats kept, legs, tracks."""
        return status(self._gauges())

    def collectors(self) -> list[RelayCollector]:
        """Everything that /metrics exposes of the relay."""
        sources = Sources(
            tally=self.tally,
            gauges=self._gauges,
            engine_counters=self._engine.counters,
            build={"version": installed_version(), "engine": BUILD},
        )
        return [RelayCollector(sources)]

    async def _rounds(self) -> None:
        """Look after every room once a second, a few rooms at a time.

        Hundreds of rooms in one turn would hold up handshakes, and the worker on the same core.
        """
        while True:
            rooms = list(self._seating.rooms.values())
            turns = max(1, ceil(len(rooms) / ROOMS_AT_ONCE))
            begun_ns = self._last_turn_ns
            for turn in range(turns):
                due_ns = begun_ns + (turn + 1) * ns_of_seconds(ROUND_S) // turns
                await self._clock.sleep(max(0, due_ns - self._clock.now_ns()) / NS_PER_S)
                self._last_turn_ns = self._clock.now_ns()
                for room in rooms[turn * ROOMS_AT_ONCE : (turn + 1) * ROOMS_AT_ONCE]:
                    self._look_after(room)

    def _look_after(self, room: OpenRoom) -> None:
        """Expire seats, try again what there was no room for, judge everybody's quality."""
        contain(partial(self._seating.expire, room))
        if room.unsettled:
            contain(partial(rebind, room))
        contain(partial(self._measuring.judge, room))
        contain(partial(self._adapting.measure, room))
        contain(partial(self.silences.look_after, room))
        contain(partial(self.charting.look, room))
        contain(partial(deliver_all_held, room))

    def _rerouted(self, room: OpenRoom) -> None:
        """Who receives what in a room may have changed."""
        self.silences.disturb(room)
        if self._config.media.adaptation:
            contain(partial(self._adapting.follow, room))

    def _gauges(self) -> Gauges:
        return gauges(self._seating, self._adapting.states, self.silences.counts())

    def _seat(self, place: Place) -> Seat:
        return Seat(place, self._means, self._seating.end, self._commands)

    def _commands(self, room: OpenRoom, actor: Participant) -> Moderation:
        return moderation(self._seating, room, actor)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> asyncio.Task[None]:
        tasks = self._tasks
        assert tasks is not None, "the relay runs"
        task = tasks.create_task(work, name=name)
        self._owned.add(task)
        task.add_done_callback(self._owned.discard)
        return task

    def _stop(self) -> None:
        """End every seat and cancel every task; the task group then waits for their cleanup."""
        self._seating.draining = True
        self.steering.end_all()
        for task in self._owned:
            task.cancel()

    def _announced(self) -> list[tuple[Candidate, ...]]:
        """Each worker's candidates: the machine's addresses, or those the operator names."""
        media = self._config.media
        machine = machine_addresses(loopback=is_loopback(self._config.signalling.host))
        return [
            candidates(
                self._engine.addresses(WorkerIndex(worker)), media.announce, machine, tcp=media.tcp
            )
            for worker in range(media.workers)
        ]
