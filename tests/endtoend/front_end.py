"""Serves the embedder's own page from an origin of its own, as a consultation platform would."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PAGES = Path(__file__).with_name("pages")


@contextlib.asynccontextmanager
async def serving_front_end() -> AsyncIterator[str]:
    """Serve `pages/` until the block ends; gives the origin."""
    application = web.Application()
    application.router.add_static("/", PAGES)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
