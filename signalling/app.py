"""The whole of signalling as one aiohttp application, alone or mounted on another.

Assembles and routes; decides nothing. The relay is the caller's: it is running before the
application serves and stops after it. Called by `signalling.__main__` and by embedders:

```python
async with Relay(config) as relay:
    application.add_subapp("/visavis/", create_app(config, relay))
```
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from relay.clock import MonotonicClock
from relay.config import RelayConfig
from relay.errors import ConfigurationError
from signalling import check_schema
from signalling.assets import Assets, read_assets, read_sdk, respond
from signalling.keys import KeyRing, load_keys
from signalling.platform import Platform
from signalling.security_headers import SDK, add_security_headers, page_headers
from signalling.turn.servers import turn_servers
from signalling.watched_file import WatchedFile
from signalling.websocket.check_endpoint import CheckEndpoint
from signalling.websocket.endpoint import Endpoint
from signalling.websocket.policy import Policy
from signalling.websocket.reception import Reception

if TYPE_CHECKING:
    from relay.service import Relay

CHECK_PAGE: Final = "check.html"
CONSULTATION_PAGE: Final = "consultation.html"
DEMO_PAGE: Final = "index.html"

_FOLDER: Final = Path(__file__).parent


def create_app(
    config: RelayConfig, relay: Relay, *, keys: KeyRing | None = None, demo: bool = False
) -> web.Application:
    """Give an application that serves SDK, pages, WebSocket, HTTP API and health checks.

    Args:
        config: The whole tree; all but `media`, `codecs`, `metrics` and `log` are read.
        relay: The media plane, running.
        keys: The signing keys whose tokens are accepted; `None` reads them as `config.keys` says.
        demo: Whether `/` leads to the demonstration's landing page.

    Raises:
        ConfigurationError: There is no key, so nobody could ever join; or the file of API keys
            or what there is of TURN cannot be used.

    """
    ring = load_keys(config.keys) if keys is None else keys
    if not ring:
        raise ConfigurationError(
            "There is no signing key, so nobody could join.",
            action="Set keys.file to a file with one `id secret` per line, or start with "
            "`visavis serve` on loopback, which creates one.",
        )
    turn, turn_secret = turn_servers(config, MonotonicClock())
    platform = Platform(config, relay, ring)
    endpoint = Endpoint(
        reception=Reception(relay, ring, gate=platform.register, turn=turn),
        policy=Policy(
            join_timeout_s=config.signalling.join_timeout_s,
            max_message_bytes=config.signalling.max_message_bytes,
            keep_s=config.rooms.seat_keep_s,
        ),
        allowed_origins=config.signalling.allowed_origins,
    )
    checks = CheckEndpoint(
        reception=endpoint.reception,
        allowed_origins=config.signalling.allowed_origins,
        max_message_bytes=config.signalling.max_message_bytes,
        ice_servers=lambda: turn.for_holder(secrets.token_urlsafe(12)),
    )
    site = _Site(
        sdk=read_sdk(_FOLDER / "client"),
        pages=read_assets(_FOLDER / "pages"),
        demo=demo,
        relays=config.signalling.relays,
    )
    health = _Health(relay, endpoint)
    app = web.Application(middlewares=[add_security_headers])
    app.add_routes(
        [
            web.get("/", site.landing),
            web.get("/check", site.check),
            web.get("/consultation", site.consultation),
            web.get("/pages/{name:.+}", site.page),
            web.get("/sdk/{name:.+}", site.module),
            web.get("/v1/ws", endpoint.serve),
            web.get("/v1/check", checks.serve),
            web.get(check_schema.SCHEMA_PATH, _serve_check_schema),
            web.get("/healthz", health.live),
            web.get("/readyz", health.ready),
        ]
    )
    platform.add_routes(app)
    if turn_secret is not None:
        app.cleanup_ctx.append(_watching(turn_secret))
    app.on_shutdown.append(_drain(endpoint, checks))
    return app


class _Site:
    """What browsers load."""

    def __init__(self, *, sdk: Assets, pages: Assets, demo: bool, relays: tuple[str, ...]) -> None:
        self._relays = relays
        self._sdk = sdk
        self._pages = pages
        self._demo = demo

    async def landing(self, request: web.Request) -> web.Response:
        """Show what the demonstration is; a relay that is not one has nothing at `/`."""
        if not self._demo:
            raise web.HTTPNotFound
        return self._page(DEMO_PAGE, request)

    async def check(self, request: web.Request) -> web.Response:
        """Show the check of devices and network; its token is in the fragment, too."""
        return self._page(CHECK_PAGE, request)

    async def consultation(self, request: web.Request) -> web.Response:
        """Show the consultation; its token is in the fragment, which browsers do not send."""
        return self._page(CONSULTATION_PAGE, request)

    async def page(self, request: web.Request) -> web.Response:
        """Give a file of the pages."""
        return self._page(request.match_info["name"], request)

    async def module(self, request: web.Request) -> web.Response:
        """Give a file of the SDK, to pages of any origin."""
        return _find(self._sdk, request.match_info["name"], request, SDK)

    def _page(self, name: str, request: web.Request) -> web.Response:
        return _find(self._pages, name, request, page_headers(request.host, self._relays))


class _Health:
    """What an orchestrator asks (Kubernetes' liveness and readiness)."""

    def __init__(self, relay: Relay, endpoint: Endpoint) -> None:
        self._relay = relay
        self._endpoint = endpoint

    async def live(self, _request: web.Request) -> web.Response:
        """Say that everything turns: the event loop, for it answers, and the media plane."""
        if not self._relay.healthy():
            return web.json_response({"status": "stuck"}, status=503)
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """Say whether new consultations may come here."""
        if self._endpoint.draining.is_set():
            return web.json_response({"status": "draining"}, status=503)
        if not self._relay.ready():
            return web.json_response({"status": "not ready"}, status=503)
        return web.json_response({"status": "ready"})


def _find(
    assets: Assets, name: str, request: web.Request, headers: Mapping[str, str]
) -> web.Response:
    asset = assets.get(name)
    if asset is None:
        raise web.HTTPNotFound
    return respond(asset, request, headers)


async def _serve_check_schema(_request: web.Request) -> web.Response:
    return web.json_response(check_schema.document())


def _watching(file: WatchedFile[str]) -> Callable[[web.Application], AsyncIterator[None]]:
    async def run(_app: web.Application) -> AsyncIterator[None]:
        """Read the file again whenever it has changed, while the application serves."""
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(file.watch(), name="TURN secret")
            try:
                yield
            finally:
                watching.cancel()

    return run


def _drain(
    endpoint: Endpoint, checks: CheckEndpoint
) -> Callable[[web.Application], Awaitable[None]]:
    async def drain(_app: web.Application) -> None:
        """Tell every client that the relay stops; each connection then ends by itself."""
        endpoint.drain()
        checks.drain()

    return drain
