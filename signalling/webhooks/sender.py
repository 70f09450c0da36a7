"""Tells what the outbox holds: room by room in order, several rooms at once, again until heard.

Owns no connection and no file; both are given. Called by `signalling.webhooks.teller`.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final, Never

import structlog

from relay.clock import Clock
from relay.metrics.of_platforms import WEBHOOK_DELAY, WEBHOOKS, WEBHOOKS_QUEUED
from relay.metrics.tally import Tally
from signalling.database import StoreUnavailable
from signalling.webhooks.backoff import GIVEN_UP_AFTER_S, wait_s
from signalling.webhooks.delivery import Answer, Deliver, Outcome
from signalling.webhooks.outbox import Event, Outbox, Queued

AT_ONCE: Final = 8
"""Tries under way: a receiver that takes its 5 s for each still hears of 96 rooms a minute."""
LOOK_EVERY_S: Final = 1.0
"""For what is due again; what is new is sent at once."""

FORGET_EVERY_S: Final = 600.0
"""Of a receiver that wants no more: its events stay that much longer than a day at most."""

GivenUp = Callable[[int, Event | None], Awaitable[None]]

_log: Final = structlog.get_logger(__name__)


class Sender:
    """Empties the outbox."""

    def __init__(
        self,
        outbox: Outbox,
        deliver: Deliver,
        *,
        clock: Clock,
        unix_now_s: Callable[[], float],
        tally: Tally,
        given_up: GivenUp,
    ) -> None:
        """Prepare it.

        Args:
            outbox: What is to be told.
            deliver: Tries to tell one event.
            clock: For waiting.
            unix_now_s: Wall-clock time: what is due survives a restart.
            tally: Where outcomes are counted.
            given_up: Told how many events nobody heard for a day, and which where it is one.

        """
        self._outbox = outbox
        self._deliver = deliver
        self._clock = clock
        self._unix_now_s = unix_now_s
        self._tally = tally
        self._given_up = given_up
        self._busy: set[str] = set()
        self._wake = asyncio.Event()
        self._chance = random.Random()  # noqa: S311 - spreads load, keeps no secret
        self.refused_for_good = False
        """The receiver said that it is gone (410): nothing more is sent before a restart, and what
        happens meanwhile is kept for a day."""

    def wake(self) -> None:
        """Look at the outbox now: there is something new."""
        self._wake.set()

    async def run(self) -> None:
        """Send until cancelled.

        *Cancellation:* what was under way is sent again after the next start, with the same id.
        """
        async with asyncio.TaskGroup() as tries:
            ticking = tries.create_task(self._tick(), name="webhooks tick")
            try:
                while True:
                    await self._wake.wait()
                    self._wake.clear()
                    if self.refused_for_good:
                        await self._forget_old()
                    for each in await self._due():
                        self._busy.add(each.event.room)
                        _ = tries.create_task(self._try(each), name="webhook")
            finally:
                ticking.cancel()

    async def _due(self) -> list[Queued]:
        free = AT_ONCE - len(self._busy)
        if free <= 0:
            return []
        try:
            # A copy: a room that is settled meanwhile is looked at the next time.
            busy = frozenset(self._busy)
            return await self._outbox.due(self._unix_now_s(), busy=busy, limit=free)
        except StoreUnavailable:
            return []  # the database has said why; the next tick looks again

    async def _try(self, queued: Queued) -> None:
        """Tell one event, and settle what becomes of it; its room waits meanwhile."""
        try:
            answer = await self._deliver(queued.event)
            self._tally.count(WEBHOOKS, outcome=answer.outcome.value)
            await self._settle(queued, answer)
        except StoreUnavailable:
            # It is told twice, with one id, which receivers must take (docs/webhooks.md). Not at
            # once: a disk that refuses for an hour would have it told without a pause.
            return
        finally:
            self._busy.discard(queued.event.room)
        if answer.outcome is Outcome.HEARD:
            self._wake.set()  # the room's next, if there is one

    async def _settle(self, queued: Queued, answer: Answer) -> None:
        now_s = self._unix_now_s()
        match answer.outcome:
            case Outcome.HEARD:
                self._tally.observe(WEBHOOK_DELAY, max(0.0, now_s - queued.event.happened_unix_s))
                await self._remove(queued)
            case Outcome.GONE:
                self.refused_for_good = True
                _log.error("the receiver of webhooks wants no more (410); none are sent")
            case Outcome.REFUSED | Outcome.UNREACHABLE:
                failures = queued.failures + 1
                due_s = now_s + wait_s(
                    failures, self._chance.random(), asked_s=answer.retry_after_s
                )
                if due_s - queued.event.happened_unix_s > GIVEN_UP_AFTER_S:
                    await self._remove(queued)
                    self._tally.count(WEBHOOKS, outcome="given_up")
                    await self._given_up(1, queued.event)
                else:
                    await self._outbox.postpone(queued.number, due_unix_s=due_s)

    async def _forget_old(self) -> Never:
        """Give up what nobody wanted for a day: it must not stay on the disk for ever."""
        while True:
            with suppress(StoreUnavailable):  # the database has said why; later, then
                gone = await self._outbox.remove_before(self._unix_now_s() - GIVEN_UP_AFTER_S)
                if gone:
                    self._tally.adjust(WEBHOOKS_QUEUED, -gone)
                    self._tally.count(WEBHOOKS, gone, outcome="given_up")
                    await self._given_up(gone, None)
            await self._clock.sleep(FORGET_EVERY_S)

    async def _remove(self, queued: Queued) -> None:
        if await self._outbox.remove(queued.number):
            self._tally.adjust(WEBHOOKS_QUEUED, -1)

    async def _tick(self) -> None:
        while True:
            self._wake.set()
            await self._clock.sleep(LOOK_EVERY_S)
