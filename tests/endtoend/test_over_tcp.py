"""Where UDP leads nowhere, and on IPv6 alone: sound and picture both ways, soon. Needs root."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest
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
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

FIRST_FRAME_WITHIN_S = 6.0
"""From the moment a page begins to connect: a network that blocks UDP costs no more than this."""


@pytest.mark.parametrize(
    ("ipv6", "without_udp", "transport", "other"),
    [(False, True, "tcp", "udp"), (True, False, "udp", "tcp")],
    ids=["without UDP", "on IPv6 alone"],
)
@pytest.mark.usefixtures("programs")
async def test_a_consultation_goes_by_what_there_is(
    tmp_path: Path, ipv6: bool, without_udp: bool, transport: str, other: str
) -> None:
    async with AsyncExitStack() as here:
        side = here.enter_context(closed_network(ipv6=ipv6, without_udp=without_udp))
        relay = await here.enter_async_context(
            running_relay(tmp_path, listen=[side.address], side=side)
        )
        (tmp_path / "sound").mkdir()
        sound_card = await here.enter_async_context(silent_sound_card(tmp_path / "sound"))
        playwright = await here.enter_async_context(async_playwright())
        chromium = await Chromium.start(
            playwright, tmp_path, RED, executable=browser_on(side, tmp_path)
        )
        here.push_async_callback(chromium.close)
        firefox = await Firefox.start(BLUE, sound_card, enter=side.command)
        here.push_async_callback(firefox.close)
        started: dict[str, Browser] = {"chromium": chromium, "firefox": firefox}

        async def browser(kind: str, _: Appearance) -> Browser:
            return started[kind]

        room = Consultation(relay, "", browser)
        practitioner = await room.join("practitioner", RED, browser="chromium", door="page")
        patient = await room.join("patient", BLUE, browser="firefox", door="page")
        await asyncio.gather(
            practitioner.decodes(1, within_s=FIRST_FRAME_WITHIN_S),
            patient.decodes(1, within_s=FIRST_FRAME_WITHIN_S),
        )
        await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
        await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
        legs = "visavis_legs_by_transport"
        await relay.until_total(2, legs, f'transport="{transport}"')
        assert await relay.total(legs, f'transport="{other}"') == 0
        assert await relay.total("visavis_tcp_closed_total", 'reason="framing"') == 0
        await room.close()
