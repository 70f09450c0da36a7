"""Runs the clinic until it is told to stop.

Called by `examples.clinic.__main__` and `examples.clinic.demonstration`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from examples.clinic.settings import Settings
from examples.clinic.web.app import create_clinic

STOP_S: Final = 2.0
HOST: Final = "127.0.0.1"
"""Of the machine itself: put TLS in front of it for others."""
USUAL_PORT: Final = 80


@asynccontextmanager
async def serving(settings: Settings, *, port: int | None = None) -> AsyncIterator[None]:
    """Serve until the block ends.

    Args:
        settings: Where the clinic and its relay are.
        port: Where to listen; that of the clinic's address where it is left out.

    Raises:
        OSError: The port is in use.

    """
    runner = web.AppRunner(create_clinic(settings), access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    try:
        own = urlsplit(settings.url).port or USUAL_PORT
        await web.TCPSite(runner, HOST, own if port is None else port).start()
        yield
    finally:
        await runner.cleanup()
