"""Browsers by kind and appearance; each is started once."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from tests.endtoend import chromium, firefox
from tests.endtoend.sound_card import silent_sound_card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser


@contextlib.asynccontextmanager
async def browsers(
    folder: Path,
) -> AsyncIterator[Callable[[str, Appearance], Awaitable[Browser]]]:
    """Start them as they are asked for; they end with the block.

    Args:
        folder: For what their devices play.

    """
    started: dict[tuple[str, Appearance], Browser] = {}
    starting = asyncio.Lock()
    sound = folder / "sound"
    sound.mkdir()
    async with async_playwright() as playwright, silent_sound_card(sound) as sound_card:

        async def of(kind: str, appearance: Appearance) -> Browser:
            async with starting:
                if (kind, appearance) not in started:
                    started[kind, appearance] = (
                        await chromium.Chromium.start(playwright, folder, appearance)
                        if kind == "chromium"
                        else await firefox.Firefox.start(appearance, sound_card)
                    )
                return started[kind, appearance]

        try:
            yield of
        finally:
            for process in started.values():
                await process.close()
