"""Runs relay and signalling in the test's own process, so that a test can look into them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from relay import Relay
from relay.config import RelayConfig
from signalling.app import create_app
from signalling.keys import parse_keys
from signalling.links import base_url

SECRET = "a-secret-of-the-tests-32-characters-long"


@asynccontextmanager
async def serving(config: RelayConfig) -> AsyncIterator[tuple[Relay, str]]:
    """Run everything but the front ends; give the relay and the address of its signalling."""
    keys = parse_keys(f"key-1 {SECRET}\n", "the test")
    async with Relay(config) as relay:
        runner = web.AppRunner(create_app(config, relay, keys=keys), access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield relay, base_url("127.0.0.1", int(runner.addresses[0][1]))
        finally:
            await runner.cleanup()
