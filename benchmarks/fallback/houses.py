"""A relay, a real coturn and people's browsers, in a network of their own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, Literal, TypeVar

from playwright.async_api import Playwright, async_playwright

from benchmarks.adaptation.endtoend.on_a_side import browser_on
from benchmarks.adaptation.sides import Side
from benchmarks.fallback.network import Network, network_of
from benchmarks.outages.people import APPEARANCES, House
from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from tests.endtoend.chromium import Chromium
from tests.endtoend.closed_network import closed_network
from tests.endtoend.firefox import Firefox
from tests.endtoend.relay_process import running_relay
from tests.endtoend.sound_card import silent_sound_card
from tests.endtoend.tab import Browser
from tests.endtoend.turn_server import running_turn_server

Kind = Literal["chromium", "firefox"]

KINDS: Final[Mapping[Kind, str]] = {"chromium": "Chromium", "firefox": "Firefox"}


K = TypeVar("K")


@asynccontextmanager
async def behind_a_firewall(
    people: Mapping[K, Mapping[Role, Kind]],
) -> AsyncIterator[tuple[Mapping[K, House], Network]]:
    """Serve in such a network.

    Args:
        people: Whose houses there are to be, and which browser each of the two has there.

    Raises:
        BenchmarkFailed: The machine does not let it.

    """
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        side = held.enter_context(closed_network())
        server = await held.enter_async_context(running_turn_server(folder, side=side))
        relay = await held.enter_async_context(
            running_relay(
                folder,
                listen=[side.address],
                more=server.section("udp", "tcp", "tls"),
                side=side,
            )
        )
        (key,) = parse_keys((folder / "keys").read_text(), "the relay's own").values()
        sound = folder / "sound"
        sound.mkdir()
        sound_card = await held.enter_async_context(silent_sound_card(sound))
        playwright = await held.enter_async_context(async_playwright())
        houses: dict[K, House] = {}
        for name, kinds in people.items():
            browsers: dict[Role, Browser] = {}
            for role, kind in kinds.items():
                browser = await _started(kind, role, side, folder, playwright, sound_card)
                held.push_async_callback(browser.close)
                browsers[role] = browser
            houses[name] = House(key, dict.fromkeys(APPEARANCES, relay.url), browsers)
        yield houses, network_of(side, relay.media_port, server)


async def _started(
    kind: Kind,
    role: Role,
    side: Side,
    folder: Path,
    playwright: Playwright,
    sound_card: Mapping[str, str],
) -> Browser:
    if kind == "firefox":
        return await Firefox.start(APPEARANCES[role], sound_card, enter=side.command)
    return await Chromium.start(
        playwright, folder, APPEARANCES[role], executable=browser_on(side, folder)
    )
