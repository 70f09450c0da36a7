"""The product in one go: `visavis serve --demo`, its two links, two browsers, one consultation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_process import running_relay

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

pytestmark = [pytest.mark.smoke, pytest.mark.timeout(60)]

LINK = re.compile(r"http://[\w.:]+/consultation#token=(\S+)")


async def test_the_two_links_of_the_demo_are_a_working_consultation(
    tmp_path: Path, browser: Callable[[str, Appearance], Awaitable[Browser]]
) -> None:
    async with running_relay(tmp_path, arguments=["--demo"]) as relay:
        links = [match for line in relay.lines if (match := LINK.search(line))]
        assert len(links) == 2, relay.log
        room = Consultation(relay, "", browser)
        people = [
            await room.enter(link[1], role, appearance, door="page", page=link[0])
            for link, role, appearance in zip(
                links, ("practitioner", "patient"), (RED, BLUE), strict=True
            )
        ]
        practitioner, patient = people
        await practitioner.sees(BLUE)
        await patient.sees(RED)
        await practitioner.hears(BLUE)
        await patient.hears(RED)
        await practitioner.decodes(15)
        await patient.decodes(15)
        await room.close()
