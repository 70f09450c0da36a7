"""At its most talkative the relay writes down nothing that names, locates or lets in a person."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.bad_input.datagrams import credentials
from tests.interop.aiortc_participant import aiortc_participant

if TYPE_CHECKING:
    from tests.endtoend.relay_process import RelayProcess

ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}:\d+|\bfe80::|\b192\.168\.|\b10\.\d+\.\d+\.\d+")
BODY = "the-patient-says-it-hurts-here"
IDENTITY = "jeanne-dupont-1961"


async def test_a_consultation_leaves_no_trace_of_persons_in_the_log(
    attacked: RelayProcess,
) -> None:
    start = len(attacked.lines)
    async with (
        aiortc_participant(attacked, "private-room-4711", "practitioner") as practitioner,
        aiortc_participant(attacked, "private-room-4711", "patient", identity=IDENTITY) as patient,
    ):
        await practitioner.connect(RED, video=False)
        await patient.connect(BLUE, video=False)
        await patient.until(lambda received: received.sounds > 25)
        await patient.send({"to": "all", "type": "note", "body": BODY})
        await practitioner.until(lambda received: received.messages)
        secrets = {
            "token": patient.token,
            "token's signature": patient.token.split(".")[2],
            "resume secret": patient.joined["secret"],
            "identity": IDENTITY,
            "room": "private-room-4711",
            "words": BODY,
        }
        for side, sdp in (
            ("client", patient.connection.localDescription.sdp),
            ("relay", patient.connection.remoteDescription.sdp),
        ):
            ufrag, password = credentials(sdp)
            secrets |= {f"{side}'s ufrag": ufrag, f"{side}'s password": password}
            fingerprint = re.search(r"a=fingerprint:sha-256 (\S+)", sdp)
            assert fingerprint is not None
            secrets[f"{side}'s fingerprint"] = fingerprint[1]
    said = "\n".join(attacked.lines[start:])
    assert said, "at the level debug a consultation is worth a line"
    assert {name for name, secret in secrets.items() if secret.lower() in said.lower()} == set()
    assert ADDRESS.findall(said) == []
