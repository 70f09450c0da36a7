"""Waiting for what no event tells of: looked at again and again, and never for longer than said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

WITHIN_S = 20.0
"""On a busy machine, too: how long it took is no test's concern."""
EVERY_S = 0.001


async def until(
    is_so: Callable[[], object], *, within_s: float = WITHIN_S, every_s: float = EVERY_S
) -> None:
    """Let everything run until something is so.

    Raises:
        TimeoutError: It was not, in all that time.

    """
    async with asyncio.timeout(within_s):
        while not is_so():
            await asyncio.sleep(every_s)
