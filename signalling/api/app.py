"""The API's routes, and what it keeps running: its keys, its rooms, its audit.

Assembles. Called by `signalling.app`.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from relay.clock import Clock, MonotonicClock
from relay.config import RelayConfig, state_directory
from signalling.api.desk import Desk
from signalling.api.endpoint import Endpoint
from signalling.api.key_file import WatchedKeys, api_key_path
from signalling.api.openapi import document
from signalling.api.operations import OPERATIONS
from signalling.api.rates import Rates
from signalling.api.register import Register
from signalling.api.report_keeper import ReportKeeper
from signalling.audit import Audit, audit_path
from signalling.database import Database, Table
from signalling.keys import KeyRing

if TYPE_CHECKING:
    from relay.service import Relay

DATABASE_NAME: Final = "platform.sqlite3"
DOCUMENT_PATH: Final = "/v1/openapi.json"


class Api:
    """The API of one relay."""

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

        self._clock = clock or MonotonicClock()
        self.database = Database(state_directory(config.keys) / DATABASE_NAME)
        self.audit = Audit(
            audit_path(config.audit, config.keys),
            max_bytes=config.audit.max_bytes,
            keep_days=config.audit.keep_days,
            now=now,
        )
        self.register = Register(relay.steering, Table(self.database, "rooms"), now)
        reports = ReportKeeper(now, keep_s=config.api.keep_reports_s)
        relay.observers.append(reports.observe)
        self._keys = WatchedKeys(api_key_path(config), self._clock)
        self._endpoint = Endpoint(
            desk=Desk(config, relay, signing_keys, self.register, reports, unix_now_s),
            keys=self._keys,
            audit=self.audit,
            rates=Rates(config.api.requests_per_minute),
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

    async def _run(self, _app: web.Application) -> AsyncIterator[None]:
        """Read what was kept, and look after keys and rooms while the application serves."""
        await self.register.load()
        async with asyncio.TaskGroup() as tasks:
            owned = (
                tasks.create_task(self._keys.watch(), name="API keys"),
                tasks.create_task(self.register.keep_hours(self._clock), name="rooms' hours"),
            )
            yield
            for task in owned:
                task.cancel()
        await self.audit.close()
        await self.database.close()


def _serve_document() -> Handler:
    text = msgspec.json.encode(document())

    async def serve(_request: web.Request) -> web.Response:
        return web.Response(body=text, content_type="application/json")

    return serve
