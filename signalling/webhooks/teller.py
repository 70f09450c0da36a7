"""Webhooks, assembled: from what happens to what the platform hears.

`observe` returns at once, whatever the disk and the receiver do: events wait in a bounded queue in
memory for the disk, and on the disk for the receiver. Called by `signalling.platform`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from itertools import islice
from math import inf
from pathlib import Path
from typing import Final, NamedTuple

import structlog

from relay.clock import Clock
from relay.config import RelayConfig, state_directory
from relay.metrics.of_platforms import WEBHOOKS, WEBHOOKS_QUEUED
from relay.metrics.of_reports import REPORTS
from relay.metrics.tally import Tally
from signalling.audit import Audit, Entry, opaque
from signalling.consultations import SILENCE_REFINED, Document, Occurrence
from signalling.database import Database, StoreUnavailable
from signalling.log_pace import LogPace
from signalling.watched_file import WatchedFile
from signalling.webhooks.delivery import Delivery
from signalling.webhooks.outbox import Event, Outbox
from signalling.webhooks.payload import event_of
from signalling.webhooks.sender import Sender
from signalling.webhooks.signature import read_secrets

SECRETS_NAME: Final = "webhook-secrets"
MAX_UNSTORED: Final = 50_000
"""Events that wait for the disk: those of as many rooms as a relay holds by default, with two
people each, which all end at once when it stops, and some more. Some 25 MB, and beside that 25 kB
for each report among them, which is not written before its turn has come."""
STORED_AT_ONCE: Final = 500
"""Events: 48 MB where each is a report of the usual bound."""
DISK_PAUSE_S: Final = 5.0

_log: Final = structlog.get_logger(__name__)


class _Unstored(NamedTuple):
    """An event that waits for the disk."""

    event: Event
    reported: Occurrence | None
    """Whose report goes with it, which is still to be written."""


class Teller:
    """Tells one platform what happens on one relay."""

    def __init__(
        self,
        config: RelayConfig,
        *,
        database: Database,
        audit: Audit,
        tally: Tally,
        clock: Clock,
        unix_now_s: Callable[[], float],
        now: Callable[[], datetime],
    ) -> None:
        """Prepare it.

        Raises:
            ConfigurationError: The address or the secrets cannot be used.

        """
        webhooks = config.webhooks
        self._secrets = WatchedFile(secrets_path(config), read_secrets, clock)
        self._delivery = Delivery(webhooks, lambda: self._secrets.content, unix_now_s)
        self._outbox = Outbox(database, max_queued=webhooks.max_queued)
        self._audit = audit
        self._tally = tally
        self._clock = clock
        self._now = now
        self._pace = LogPace()
        self._max_report_bytes = webhooks.max_report_bytes
        self._unstored: deque[_Unstored] = deque()
        self._something = asyncio.Event()
        self._sender = Sender(
            self._outbox,
            self._delivery,
            clock=clock,
            unix_now_s=unix_now_s,
            tally=tally,
            given_up=self._give_up,
        )

    def observe(self, occurrence: Occurrence) -> None:
        """Take note of something to tell; never waits and never fails."""
        if occurrence.type == SILENCE_REFINED:
            return
        if len(self._unstored) >= MAX_UNSTORED:
            self._tally.count(WEBHOOKS, outcome="lost")
            times = self._pace.times("lost", self._clock.now_ns() / 1e9)
            if times:
                _log.error("the disk does not follow; webhooks are lost", times=times)
            return
        carries = occurrence.write_document is not None and self._max_report_bytes > 0
        self._unstored.append(_Unstored(event_of(occurrence), occurrence if carries else None))
        self._something.set()

    async def load(self) -> None:
        """Count what is still to be told from before.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        self._tally.adjust(WEBHOOKS_QUEUED, await self._outbox.count())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Tell until the block ends; what happened in it is stored by then.

        *Cancellation:* what is stored is told after the next start.
        """
        async with self._delivery, asyncio.TaskGroup() as tasks:
            owned = (
                tasks.create_task(self._store(), name="webhooks to disk"),
                tasks.create_task(self._sender.run(), name="webhooks"),
                tasks.create_task(self._secrets.watch(), name="webhook secrets"),
            )
            try:
                yield
            finally:
                for task in owned:
                    task.cancel()
        await self._store_once()

    async def _store(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            if not await self._store_once():
                await self._clock.sleep(DISK_PAUSE_S)
                self._something.set()

    async def _store_once(self) -> bool:
        """Write down what waits; where the disk refuses, it goes on waiting."""
        while self._unstored:
            if not await self._store_some():
                return False
        return True

    async def _store_some(self) -> bool:
        """Write down the first of it; say whether the disk took it."""
        documents = [
            (each, await self._document_of(each))
            for each in list(islice(self._unstored, STORED_AT_ONCE))
        ]
        events = [_whole(each, document) for each, document in documents]
        try:
            displaced = await self._outbox.put(events)
        except StoreUnavailable:
            return False
        for _ in events:
            self._unstored.popleft()
        self._tally.adjust(WEBHOOKS_QUEUED, len(events) - displaced)
        for _, document in documents:
            if document is not None:
                outcome = "carried" if document.lacks is None else "shortened"
                self._tally.count(REPORTS, outcome=outcome)
        if displaced:
            self._tally.count(WEBHOOKS, displaced, outcome="displaced")
            await self._audit.write(
                Entry(
                    at=self._now(),
                    by="relay",
                    did="dropWebhooks",
                    outcome="displaced",
                    detail=str(displaced),
                )
            )
        self._sender.wake()
        return True

    async def _document_of(self, unstored: _Unstored) -> Document | None:
        """Write the report that goes with an event, on another thread; hours take a while."""
        if unstored.reported is None or unstored.reported.write_document is None:
            return None
        write = unstored.reported.write_document
        return await asyncio.to_thread(write, self._max_report_bytes)

    async def _give_up(self, events: int, only: Event | None) -> None:
        await self._audit.write(
            Entry(
                at=self._now(),
                by="relay",
                did="dropWebhooks",
                outcome="given_up",
                request=None if only is None else only.id,
                room=None if only is None else opaque(only.room),
                detail=None if only is not None else str(events),
            )
        )


def _whole(unstored: _Unstored, document: Document | None) -> Event:
    """Give an event as it is told; it is the same one, however often it is written."""
    if unstored.reported is None:
        return unstored.event
    return replace(unstored.event, body=event_of(unstored.reported, document).body)


async def forget_all(database: Database) -> None:
    """Forget what was to be told, where nobody is told anything any more.

    Raises:
        StoreUnavailable: It is still there.

    *Cancellation:* it is forgotten all the same.
    """
    await Outbox(database, max_queued=0).remove_before(inf)


def secrets_path(config: RelayConfig) -> Path:
    """Say which file holds the secrets: the configured one, or the one in the state folder."""
    if config.webhooks.secrets_file:
        return Path(config.webhooks.secrets_file).expanduser()
    return state_directory(config.keys) / SECRETS_NAME
