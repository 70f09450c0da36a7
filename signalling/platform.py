"""What platforms speak with, assembled: the API's routes, its keys, rooms and audit, the webhooks.

Called by `signalling.app`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from relay.clock import Clock, MonotonicClock
from relay.config import RelayConfig, state_directory
from relay.errors import ConfigurationError
from relay.metrics.of_reports import REPORTS
from relay.moderation.room_desk import settings_of
from signalling.api.desk import Desk
from signalling.api.endpoint import Endpoint
from signalling.api.key_file import api_key_path, read_api_keys
from signalling.api.openapi import document
from signalling.api.operations import OPERATIONS
from signalling.api.rates import Rates
from signalling.api.register import Register
from signalling.audit import Audit, audit_path
from signalling.callers import Failures
from signalling.consultations import Consultations, Occurrence
from signalling.database import Database, StoreUnavailable, Table
from signalling.keys import KeyRing
from signalling.refusals import Refusals
from signalling.reports.keeper import ReportKeeper
from signalling.reports.store import Store
from signalling.reports.store import forget_all as forget_all_reports
from signalling.standings import Standings
from signalling.used_links import UsedLinksOnDisk
from signalling.watched_file import WatchedFile
from signalling.webhooks.teller import Teller, forget_all

if TYPE_CHECKING:
    from relay.service import Relay

DATABASE_NAME: Final = "platform.sqlite3"
DOCUMENT_PATH: Final = "/v1/openapi.json"


class Platform:
    """One relay's side towards the platforms that embed it."""

    def __init__(
        self,
        config: RelayConfig,
        relay: Relay,
        signing_keys: KeyRing,
        *,
        clock: Clock | None = None,
        unix_now_s: Callable[[], float] = time.time,
    ) -> None:
        def now() -> datetime:
            return datetime.fromtimestamp(unix_now_s(), UTC)

        self._relay = relay
        self._clock = clock or MonotonicClock()
        self._database_path = state_directory(config.keys) / DATABASE_NAME
        self.database = Database(self._database_path)
        self.audit = Audit(
            audit_path(config.audit, config.keys),
            max_bytes=config.audit.max_bytes,
            keep_days=config.audit.keep_days,
            now=now,
        )
        rooms = relay.desk()
        self.consultations = consultations = Consultations(now)
        relay.listen(consultations.hear)
        self.register = Register(
            rooms,
            relay.steering,
            Table(self.database, "rooms"),
            now,
            usual=settings_of(config.rooms),
        )
        self._refusals = Refusals(
            rooms.refused, Table(self.database, "refusals"), self._clock, unix_now_s
        )
        self._standings = Standings(
            rooms.recalled, Table(self.database, "standings"), self._clock, unix_now_s
        )
        consultations.observers.append(self._standings.observe)
        self._used_links = UsedLinksOnDisk(
            rooms.used_links, Table(self.database, "used_links"), self._clock, unix_now_s
        )
        self._store = None
        keep_s = config.api.keep_reports_s
        if config.api.store_reports and keep_s:
            keep = timedelta(seconds=keep_s)
            self._store = Store(self.database, relay.tally, self._clock, now, keep=keep)
        self.reports = ReportKeeper(
            now,
            self._clock.now_ns,
            relay.tally,
            keep_s=keep_s,
            delivers=bool(config.webhooks.url) and config.webhooks.max_report_bytes > 0,
            store=self._store,
        )
        relay.charting.chart_of = self.reports.chart_of
        self._keys = WatchedFile(api_key_path(config), read_api_keys, self._clock)
        self._teller = None
        if config.webhooks.url:
            self._teller = Teller(
                config,
                database=self.database,
                audit=self.audit,
                tally=relay.tally,
                clock=self._clock,
                unix_now_s=unix_now_s,
                now=now,
            )
            consultations.observers.append(self._teller.observe)
            self.reports.ready = self._tell_ready
        # Last: that a report is ready is told after what it reports.
        consultations.observers.append(self.reports.observe)
        self._endpoint = Endpoint(
            desk=Desk(
                config,
                relay,
                rooms,
                consultations,
                signing_keys,
                self.register,
                self.reports,
                unix_now_s,
            ),
            keys=self._keys,
            audit=self.audit,
            rates=Rates(config.api.requests_per_minute),
            failures=Failures(max_per_minute=config.api.failures_per_minute),
            monotonic_now_s=lambda: self._clock.now_ns() / 1e9,
        )

    def add_routes(self, app: web.Application) -> None:
        """Serve every operation, the document, and a problem for everything else below `/v1/`."""
        methods: defaultdict[str, set[str]] = defaultdict(set)
        for operation in OPERATIONS:
            app.router.add_route(
                operation.method, operation.path, self._endpoint.serving(operation)
            )
            methods[operation.path].add(operation.method)
        app.router.add_route("GET", DOCUMENT_PATH, _serve_document())
        methods[DOCUMENT_PATH].add("GET")
        for path, allowed in methods.items():
            refuse = self._endpoint.refuse_method(", ".join(sorted(allowed)))
            app.router.add_route("*", path, refuse)
        app.router.add_route("*", "/v1/{nothing:.*}", self._endpoint.refuse_path)
        app.cleanup_ctx.append(self._run)

    def _tell_ready(self, occurrence: Occurrence) -> None:
        """Tell the platform that a report may be fetched, or what it says."""
        assert self._teller is not None, "told only where there are webhooks"
        self._teller.observe(occurrence)
        self._relay.tally.count(REPORTS, outcome="told")

    async def _run(self, _app: web.Application) -> AsyncIterator[None]:
        """Read what was kept, and look after keys and rooms while the application serves."""
        try:
            await self.register.load()
            await self._refusals.load()
            await self._standings.load()
            await self._used_links.load()
            if self._teller is None:
                await forget_all(self.database)
            else:
                await self._teller.load()
            if self._store is None:
                await forget_all_reports(self.database)
            else:
                await self._store.load()
        except StoreUnavailable as error:
            raise ConfigurationError(
                f"The database {self._database_path} cannot be used.",
                action="Look at its rights and at the disk; without it, rooms that were created, "
                "who was put out of one, links that were used, webhooks that were not heard, and "
                "reports are lost.",
            ) from error
        async with AsyncExitStack() as running:
            running.push_async_callback(self.database.close)
            running.push_async_callback(self.audit.close)
            await running.enter_async_context(self._refusals.running())
            await running.enter_async_context(self._standings.running())
            await running.enter_async_context(self._used_links.running())
            if self._store is not None:
                await running.enter_async_context(self._store.running())
            if self._teller is not None:
                await running.enter_async_context(self._teller.running())
            tasks = await running.enter_async_context(asyncio.TaskGroup())
            for work, name in (
                (self._keys.watch(), "API keys"),
                (self.register.keep_hours(self._clock), "rooms' hours"),
                (self.reports.keep_forgetting(self._clock), "reports that are over"),
                (self.audit.keep_tidying(self._clock), "audit files that are old"),
            ):
                running.callback(tasks.create_task(work, name=name).cancel)
            yield
            # Sockets are closed by now; who observes shall hear the end while it can be kept.
            self._relay.steering.end_all()


def _serve_document() -> Handler:
    text = msgspec.json.encode(document())

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=text, content_type="application/json")

    return serve
