"""Waits for Ctrl+C or SIGTERM.

Called by `examples.clinic.__main__` and `examples.clinic.demonstration`.
"""

from __future__ import annotations

import asyncio
import signal


async def told_to_stop() -> None:
    """Return once the process is told to stop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()
