"""Two participants made of aiortc hold a consultation through the relay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import BLUE, RED
from tests.interop.aiortc_participant import Received, aiortc_participant

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.relay_process import RelayProcess


def perceives(other: Appearance) -> Callable[[Received], bool]:
    """Make the condition that the other is seen in colour and heard at pitch."""

    def perceived(received: Received) -> bool:
        near = all(abs(a - b) < 30 for a, b in zip(received.colour, other.colour, strict=True))
        return near and abs(received.tone_hz - other.tone_hz) <= 50 and received.pictures > 10

    return perceived


pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(60)]


async def test_two_aiortc_participants_see_hear_and_write_to_each_other(
    relay: RelayProcess,
) -> None:
    async with (
        aiortc_participant(relay, "aiortc", "practitioner") as practitioner,
        aiortc_participant(relay, "aiortc", "patient") as patient,
    ):
        await practitioner.connect(RED)
        await patient.connect(BLUE)
        await practitioner.until(perceives(BLUE))
        await patient.until(perceives(RED))

        await patient.send({"to": "practitioners", "type": "note", "body": {"pain": 3}})
        await practitioner.until(lambda received: received.messages)
        assert practitioner.received.messages[0] == {
            "from": patient.joined["participant"],
            "role": "patient",
            "type": "note",
            "body": {"pain": 3},
        }

        microphone = next(t for t in patient.tracks if t["source"] == "microphone")
        await patient.client.request("mute", track=microphone["id"], muted=True)
        await practitioner.client.until("track_muted", track=microphone["id"], muted=True)
        heard = practitioner.received.sounds
        await practitioner.until(lambda received: received.pictures > 30)
        assert practitioner.received.sounds <= heard + 25, "a muted microphone is still forwarded"

        await patient.client.request("leave")
        await practitioner.client.until(
            "participant_left", participant=patient.joined["participant"]
        )
