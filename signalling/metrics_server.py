"""`/metrics`, on a port of its own so that it can be kept from the public network.

Names nothing: every metric is declared in `relay.metrics`. Called by `signalling.serve`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from signalling.security_headers import add_security_headers

PATH: Final = "/metrics"


def create_metrics_app(collectors: Iterable[Collector]) -> web.Application:
    """Give the application that Prometheus scrapes.

    Args:
        collectors: The relay's; the process's own memory, descriptors and collections are added.

    """
    registry = CollectorRegistry(auto_describe=False)
    for collector in collectors:
        registry.register(collector)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)

    async def expose(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get(hdrs.ACCEPT, ""))
        return web.Response(body=encode(registry), headers={hdrs.CONTENT_TYPE: content_type})

    app = web.Application(middlewares=[add_security_headers])
    app.router.add_get(PATH, expose)
    return app
