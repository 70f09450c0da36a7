"""Two people who come in through a TURN server, and what they read about it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from tests.endtoend.appearance import BLUE, RED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Participant
    from tests.endtoend.turn_server import Over

PATH = "window.bare.consultation().path"
UFRAG = r"window.probe.connections.at(-1).localDescription.sdp.match(/a=ice-ufrag:(\S+)/)[1]"
CONNECTED = (
    "window.probe.connections.at(-1).signalingState === 'stable'"
    " && ['connected', 'completed'].includes(window.probe.connections.at(-1).iceConnectionState)"
)
TOLD_WITHIN_S = 20.0
"""Two looks a second apart, on a machine that also runs two browsers."""


async def come_in(
    room: Consultation, options: Mapping[str, object]
) -> tuple[Participant, Participant]:
    """Have a practitioner come in Chromium and a patient in Firefox."""
    practitioner = await room.join("practitioner", RED, options=options)
    patient = await room.join("patient", BLUE, browser="firefox", options=options)
    return practitioner, patient


async def see_and_hear(practitioner: Participant, patient: Participant) -> None:
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))


async def words_of_the_way(person: Participant, over: Over, *, blocked: bool) -> str:
    """Hold that somebody goes through the server, and give what they read about it."""
    path = await person.until(PATH, within_s=TOLD_WITHIN_S)
    assert (path["way"], path["over"], path["blocked"]) == ("turn", over, blocked), str(person)
    return str(path["words"])


async def restart_ice(person: Participant) -> None:
    """Have the page believe in another network; it restarts ICE with servers given anew."""
    before = await person.tab.evaluate(UFRAG)
    await person.tab.evaluate("void window.dispatchEvent(new Event('online'))")
    await person.until(f"{UFRAG} !== {json.dumps(before)} && {CONNECTED}", within_s=TOLD_WITHIN_S)
    assert await person.tab.evaluate("window.probe.connections.length") == 1, str(person)
    await person.decodes(15)
