"""Where a relay and its two people are: over a wire in user space, or with two networks."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from playwright.async_api import async_playwright

from benchmarks.adaptation.endtoend.on_a_side import browser_on
from benchmarks.adaptation.endtoend.served_on_link import served_on
from benchmarks.outages.people import APPEARANCES, House
from benchmarks.outages.two_networks import TwoNetworks, two_networks
from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from tests.endtoend.chromium import FLAGS, Chromium
from tests.endtoend.relay_process import running_relay
from tests.endtoend.wire import BACK, FRONT, Wire, forwarding


@asynccontextmanager
async def over_a_wire() -> AsyncIterator[tuple[House, Wire]]:
    """Serve behind a wire: all media passes it, and the patient's page and WebSocket do."""
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        relay = await held.enter_async_context(
            running_relay(folder, listen=[BACK], announce=[FRONT])
        )
        wire = await held.enter_async_context(forwarding(relay.port, relay.media_port))
        playwright = await held.enter_async_context(async_playwright())
        (key,) = parse_keys((folder / "keys").read_text(), "the relay's own").values()
        browsers = {}
        for role, appearance in APPEARANCES.items():
            browsers[role] = await Chromium.start(playwright, folder, appearance)
            held.push_async_callback(browsers[role].close)
        urls = {
            Role.PRACTITIONER: f"http://{BACK}:{relay.port}",
            Role.PATIENT: f"http://{FRONT}:{relay.port}",
        }
        yield House(key, urls, browsers), wire


@asynccontextmanager
async def with_two_networks() -> AsyncIterator[tuple[House, TwoNetworks]]:
    """Serve in a network of its own; the practitioner is beside the relay, the patient far away.

    Raises:
        BenchmarkFailed: The machine does not let it; a link needs root.

    """
    async with AsyncExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        networks = held.enter_context(two_networks())
        relay = held.enter_context(served_on(networks.server, folder))
        playwright = await held.enter_async_context(async_playwright())
        # Devices are for pages of secure origins only.
        flags = [*FLAGS, f"--unsafely-treat-insecure-origin-as-secure={relay.url}"]
        browsers = {}
        for role, side in (
            (Role.PRACTITIONER, networks.server),
            (Role.PATIENT, networks.client),
        ):
            browsers[role] = await Chromium.start(
                playwright,
                folder,
                APPEARANCES[role],
                executable=browser_on(side, folder),
                flags=flags,
            )
            held.push_async_callback(browsers[role].close)
        yield House(relay.key, dict.fromkeys(APPEARANCES, relay.url), browsers), networks
