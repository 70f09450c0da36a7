"""Run the relay and everything that speaks for it, until told to stop.

Opens the ports and owns their order: the media plane first, signalling last; stopping goes the
other way. Called by `signalling.__main__`.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from aiohttp import web

from relay import Relay
from relay.config import RelayConfig
from relay.errors import ConfigurationError
from relay.metrics.table import ANSWER_DURATION, WEBSOCKET_CLOSES
from relay.metrics.tally import Tally
from signalling.app import create_app
from signalling.garbage import rarely_collected
from signalling.keys import KeyRing
from signalling.links import base_url
from signalling.metrics_server import PATH as METRICS_PATH
from signalling.metrics_server import create_metrics_app
from signalling.open_files import raise_open_files_limit

IDLE_S: Final = 10.0  # a connection that has sent no whole request by then is closed (slow headers)
NICE: Final = 5
"""A third of a worker's weight where they share a core (sched(7): 335 against 1,024)."""
STOP_S: Final = 2.0  # for each of aiohttp's two waits; with the relay's own, below 5 s in all

LOOK_S: Final = 0.5  # between two looks whether anybody still consults

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Addresses:
    """Where the parts listen, once they do."""

    signalling: str
    metrics: str


async def serve(
    config: RelayConfig,
    keys: KeyRing,
    *,
    demo: bool,
    started: Callable[[Addresses], None],
) -> None:
    """Serve until SIGTERM or SIGINT, and then until nobody consults, for `rooms.drain_s` at most.

    Args:
        config: The whole tree.
        keys: The signing keys whose tokens are accepted.
        demo: Whether `/` leads to the demonstration's landing page.
        started: Told where to find everything, once it answers.

    Raises:
        ConfigurationError: A port is in use or cannot be opened.

    *Cancellation:* clients are told, ports are closed, the relay is stopped.
    """
    raise_open_files_limit()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as running:
        relay = await running.enter_async_context(Relay(config))
        # Of this thread, for the workers have theirs: when many join, joins wait, not media.
        os.nice(NICE)
        metrics_port = await running.enter_async_context(
            _listening(
                create_metrics_app(relay.collectors()),
                config.metrics.host,
                config.metrics.port,
                "metrics",
            )
        )
        port = await running.enter_async_context(
            _listening(
                create_app(config, relay, keys=keys, demo=demo),
                config.signalling.host,
                config.signalling.port,
                "signalling",
            )
        )
        addresses = Addresses(
            signalling=base_url(config.signalling.host, port),
            metrics=base_url(config.metrics.host, metrics_port) + METRICS_PATH,
        )
        await running.enter_async_context(rarely_collected(turnover=partial(turnover, relay.tally)))
        _log.info("the relay serves", signalling_port=port, metrics_port=metrics_port)
        started(addresses)
        await stop.wait()
        _log.info("the relay stops")
        relay.drain()
        stop.clear()
        await consulted_out(relay, config.rooms.drain_s, stop)


async def consulted_out(relay: Relay, within_s: float, hurry: asyncio.Event) -> None:
    """Wait until nobody is in a room any more; those who wait do so as well at the next relay.

    Args:
        relay: It opens no further rooms.
        within_s: For so long at the most.
        hurry: Set where it is told to stop once more: at once, then.

    *Cancellation:* there is nothing to undo.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while relay.status()["participants"] and not hurry.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(hurry.wait(), LOOK_S)


def turnover(tally: Tally) -> float:
    """Count what has left objects behind: sockets that have ended, and offers that were answered.

    Of a participant's legs each but the last ends by the answer to an offer.
    """
    sockets = sum(tally.counters.get(WEBSOCKET_CLOSES, {}).values())
    answers = tally.histograms.get(ANSWER_DURATION, {}).values()
    return sockets + sum(sum(each.counts) for each in answers)


@asynccontextmanager
async def _listening(
    app: web.Application, host: str, port: int, section: str
) -> AsyncIterator[int]:
    """Serve an application and give its port, which the kernel chooses where 0 is asked for."""
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=IDLE_S, shutdown_timeout=STOP_S)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _cannot_listen(error, host, port, section) from error
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def _cannot_listen(error: OSError, host: str, port: int, section: str) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(
            f"Port {port} on {host} is already in use.",
            action=f"Stop the program that uses it, or choose another port with {section}.port"
            f"{' or --port' if section == 'signalling' else ''}.",
        )
    return ConfigurationError(
        f"Port {port} on {host} cannot be opened: {error.strerror or 'the address is unknown'}.",
        action=f"Check {section}.host and {section}.port.",
    )
