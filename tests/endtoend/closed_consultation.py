"""A relay and both browsers in a network of their own, in a room of that relay. Needs root."""

from __future__ import annotations

import contextlib
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from benchmarks.adaptation.endtoend.on_a_side import browser_on
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.chromium import Chromium
from tests.endtoend.closed_network import closed_network
from tests.endtoend.consultation import Consultation
from tests.endtoend.firefox import Firefox
from tests.endtoend.relay_process import running_relay
from tests.endtoend.sound_card import silent_sound_card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser


@contextlib.asynccontextmanager
async def closed_consultation(
    folder: Path, *, ipv6: bool = False, without_udp: bool = False
) -> AsyncIterator[Consultation]:
    """Give an empty room, whose Chromium is red and whose Firefox is blue.

    Args:
        folder: For the relay, for what Chromium plays and for a sound card.
        ipv6: As for `closed_network`.
        without_udp: Likewise.

    Raises:
        BenchmarkFailed: The machine does not let it.

    """
    async with AsyncExitStack() as here:
        side = here.enter_context(closed_network(ipv6=ipv6, without_udp=without_udp))
        relay = await here.enter_async_context(
            running_relay(folder, listen=[side.address], side=side)
        )
        (folder / "sound").mkdir()
        sound_card = await here.enter_async_context(silent_sound_card(folder / "sound"))
        playwright = await here.enter_async_context(async_playwright())
        chromium = await Chromium.start(
            playwright, folder, RED, executable=browser_on(side, folder)
        )
        here.push_async_callback(chromium.close)
        firefox = await Firefox.start(BLUE, sound_card, enter=side.command)
        here.push_async_callback(firefox.close)
        started: dict[str, Browser] = {"chromium": chromium, "firefox": firefox}

        async def browser(kind: str, _: Appearance) -> Browser:
            return started[kind]

        room = Consultation(relay, "", browser)
        yield room
        await room.close()
