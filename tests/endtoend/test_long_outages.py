"""The network stays away for a minute, or for longer than a seat is kept."""

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

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

SEAT_KEPT_S = 120.0
BACK_WITHIN_S = 30.0
"""The SDK tries again at growing intervals, the last of them below ten seconds."""


@pytest.mark.parametrize(("cut_s", "same_seat"), [(60.0, True), (SEAT_KEPT_S + 40.0, False)])
async def test_after_a_long_cut_both_come_back_by_themselves(
    tmp_path: Path,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    front_end: str,
    cut_s: float,
    same_seat: bool,
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
        own_id = "window.bare.consultation().self.id"
        before = await patient.tab.evaluate(own_id)

        async with wire.broken():
            await asyncio.sleep(cut_s)

        await asyncio.gather(
            practitioner.sees(BLUE, within_s=BACK_WITHIN_S),
            patient.sees(RED, within_s=BACK_WITHIN_S),
        )
        await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))
        assert (await patient.tab.evaluate(own_id) == before) == same_seat
        await room.close()
