"""Where UDP leads nowhere, and on IPv6 alone: sound and picture both ways, soon. Needs root."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.closed_consultation import closed_consultation

if TYPE_CHECKING:
    from pathlib import Path

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
    async with closed_consultation(tmp_path, ipv6=ipv6, without_udp=without_udp) as room:
        relay = room.relay
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
