"""Session descriptions that bomb: refused quickly and in words; a good one is answered after."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from tests.interop.websocket_client import Refused, websocket_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.endtoend.bad_input.conftest import Bystanders
    from tests.endtoend.relay_process import RelayProcess

ANSWERED_WITHIN_S = 0.25
"""The parser's own bound is 50 ms (its unit test); here the socket, JSON and a busy machine add."""


async def good_offer() -> str:
    """Give an offer that aiortc would really make."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    connection.createDataChannel("visavis")
    await connection.setLocalDescription(await connection.createOffer())
    sdp: str = connection.localDescription.sdp
    await connection.close()
    return sdp


def many_sections(sdp: str) -> str:
    section = sdp[sdp.index("m=audio") : sdp.index("m=video")]
    return sdp + "".join(section.replace("a=mid:0", f"a=mid:x{n}") for n in range(40))


def with_line(line: str) -> Callable[[str], str]:
    return lambda sdp: sdp.replace("a=mid:0", f"{line}\r\na=mid:0")


BOMBS: dict[str, Callable[[str], str]] = {
    "nothing of an offer": lambda _: "hello",
    "a beginning": lambda sdp: sdp[:60],
    "forty sections": many_sections,
    "five thousand lines": with_line("\r\n".join(["a=x:1"] * 5_000)),
    "a hundred candidates": with_line(
        "\r\n".join(f"a=candidate:{n} 1 udp 1 192.0.2.1 {n + 1} typ host" for n in range(100))
    ),
    "a NUL": with_line("a=x:\0"),
    "a payload type beyond RTP": with_line("a=rtpmap:200 opus/48000/2"),
    "a section without fingerprint": lambda sdp: "\r\n".join(
        line for line in sdp.split("\r\n") if not line.startswith("a=fingerprint")
    ),
    "a short ICE password": lambda sdp: "\r\n".join(
        "a=ice-pwd:short" if line.startswith("a=ice-pwd") else line for line in sdp.split("\r\n")
    ),
    "the same mid twice": lambda sdp: sdp.replace("a=mid:1", "a=mid:0"),
}


@pytest.mark.parametrize("case", BOMBS)
async def test_an_offer_that_is_none_is_refused_in_words(
    attacked: RelayProcess, bystanders: Bystanders, case: str
) -> None:
    good = await good_offer()
    before = await attacked.total("visavis_bad_input_total", 'reason="invalid_offer"')
    token = await attacked.token("offers", "patient")
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url) as client,
    ):
        await client.request("join", token=token)
        asked = time.monotonic()
        with pytest.raises(Refused) as refusal:
            await client.request("offer", sdp=BOMBS[case](good), fresh=True, tracks={})
        assert time.monotonic() - asked < ANSWERED_WITHIN_S
        assert refusal.value.code == "invalid_offer"
        assert refusal.value.words.endswith(".")
        assert refusal.value.action

        tracks = {"0": "microphone", "1": "camera"}
        answer = await client.request("offer", sdp=good, fresh=True, tracks=tracks)
        assert "a=ice-lite" in answer["sdp"]
        await client.request("leave")
    assert await attacked.total("visavis_bad_input_total", 'reason="invalid_offer"') == before + 1


async def test_what_a_role_may_not_publish_is_refused(attacked: RelayProcess) -> None:
    good = await good_offer()
    token = await attacked.token("offers", "observer")
    async with websocket_client(attacked.websocket_url) as client:
        await client.request("join", token=token)
        with pytest.raises(Refused) as refusal:
            await client.request("offer", sdp=good, fresh=True, tracks={"0": "microphone"})
    assert refusal.value.code == "not_allowed"
