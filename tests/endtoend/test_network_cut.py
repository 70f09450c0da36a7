"""The network goes away for five seconds, or becomes another one; the consultation goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_process import running_relay
from tests.endtoend.wire import BACK, FRONT, forwarding

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

CUT_S = 5.0
BACK_WITHIN_S = 8.0


async def test_a_cut_of_five_seconds_is_survived_without_a_new_join(
    tmp_path: Path, browser: Callable[[str, Appearance], Awaitable[Browser]], front_end: str
) -> None:
    async with (
        running_relay(
            tmp_path, allowed_origins=[front_end], listen=[BACK], announce=[FRONT]
        ) as relay,
        forwarding(relay.port, relay.media_port) as wire,
    ):
        room = Consultation(relay, front_end, browser, websocket_host=FRONT)
        practitioner = await room.join("practitioner", RED)
        patient = await room.join("patient", BLUE)
        await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
        members = "window.bare.consultation().self.id"
        before = [await person.tab.evaluate(members) for person in (practitioner, patient)]

        async with wire.broken():
            await asyncio.sleep(CUT_S)
        assert wire.lost_datagrams > 50, "nothing was cut: the media took another way"

        await asyncio.gather(
            practitioner.sees(BLUE, within_s=BACK_WITHIN_S),
            patient.sees(RED, within_s=BACK_WITHIN_S),
        )
        await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
        after = [await person.tab.evaluate(members) for person in (practitioner, patient)]
        assert after == before
        await room.close()


async def test_another_network_in_mid_consultation_goes_unnoticed(
    tmp_path: Path, browser: Callable[[str, Appearance], Awaitable[Browser]], front_end: str
) -> None:
    async with (
        running_relay(
            tmp_path, allowed_origins=[front_end], listen=[BACK], announce=[FRONT]
        ) as relay,
        forwarding(relay.port, relay.media_port) as wire,
    ):
        room = Consultation(relay, front_end, browser, websocket_host=FRONT)
        practitioner = await room.join("practitioner", RED)
        patient = await room.join("patient", BLUE)
        await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))

        # A call whose rates are still rising would be tried, instead of one in its midst.
        await asyncio.gather(practitioner.decodes(60), patient.decodes(60))
        wire.move()

        await asyncio.gather(practitioner.decodes(60), patient.decodes(60))
        await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
        states = await patient.tab.evaluate(
            "window.bare.seen.filter(({ name }) => name === 'state')"
            ".map(({ detail }) => detail.state)"
        )
        assert states[-1] == "connected"
        await room.close()
