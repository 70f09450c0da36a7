"""Datagrams of strangers and of half-connected clients: dropped, counted, never answered."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.endtoend.appearance import GREEN
from tests.endtoend.bad_input.datagrams import (
    DTLS_CLIENT_HELLO,
    RTCP,
    RTP,
    binding_request,
    credentials,
    stranger,
)
from tests.endtoend.bad_input.test_offers import good_offer
from tests.interop.aiortc_participant import aiortc_participant
from tests.interop.websocket_client import websocket_client

if TYPE_CHECKING:
    from tests.endtoend.bad_input.conftest import Bystanders
    from tests.endtoend.relay_process import RelayProcess
    from tests.interop.websocket_client import WebSocketClient

FIRST_BYTES = (0, 1, 20, 22, 63, 64, 127, 128, 144, 191, 192, 255)
LONGEST = 64
OVERSIZE_BYTES = 9_000
DROPPED = "visavis_dropped_packets_total"
UFRAG_BITS, PASSWORD_BITS = 24, 128  # RFC 8445 §5.3


async def dropped(relay: RelayProcess, reason: str = "") -> float:
    """Give how many packets were dropped for a reason, or in all."""
    return await relay.total(DROPPED, *_labels(reason))


async def until_dropped(relay: RelayProcess, total: float, reason: str = "") -> None:
    """Wait until so many are counted."""
    await relay.until_total(total, DROPPED, *_labels(reason))


def _labels(reason: str) -> list[str]:
    return [f'reason="{reason}"'] if reason else []


async def leg(relay: RelayProcess, client: WebSocketClient, room: str) -> tuple[str, str]:
    """Take a seat, have a leg opened, and give the username and password of checks for it."""
    await client.request("join", token=await relay.token(room, "patient"))
    offer = await good_offer()
    answer = await client.request("offer", sdp=offer, fresh=True, tracks={})
    theirs, password = credentials(answer["sdp"])
    ours, _ = credentials(offer)
    return f"{theirs}:{ours}", password


async def test_noise_of_every_length_is_dropped_in_silence(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    seeded = random.Random(5)
    noise = [
        bytes([first]) + seeded.randbytes(length - 1)
        for first in FIRST_BYTES
        for length in range(1, LONGEST + 1)
    ]
    before = await dropped(attacked)
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url) as client,
        stranger(attacked.media_port) as attacker,
    ):
        good = binding_request(*await leg(attacked, client, "noise"))
        await attacker.send_paced([*noise, bytes(OVERSIZE_BYTES)])
        await attacker.answer(good)
        await until_dropped(attacked, before + len(noise) + 1)
        assert attacker.received.empty()
    assert await dropped(attacked, "oversize") >= 1


async def test_a_handshake_or_media_from_an_unproven_address_gets_no_byte_back(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    before = await dropped(attacked, "unknown_source")
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url) as client,
        stranger(attacked.media_port) as attacker,
    ):
        good = binding_request(*await leg(attacked, client, "unproven"))
        await attacker.send_paced((DTLS_CLIENT_HELLO, RTP, RTCP) * 100)
        await attacker.answer(good)
        await until_dropped(attacked, before + 300, "unknown_source")
        assert attacker.received.empty()
    assert await dropped(attacked, "unknown_source") - before == 300


async def test_checks_that_do_not_prove_anything_get_no_byte_back(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url) as client,
        stranger(attacked.media_port) as attacker,
    ):
        username, password = await leg(attacked, client, "checks")
        good = binding_request(username, password)

        before = await dropped(attacked)
        bad = [
            binding_request(username, "x" * 32),
            binding_request(f"nobody:{username.partition(':')[2]}", password),
            *(good[:length] for length in range(1, len(good))),
            *(good[:at] + bytes([good[at] ^ 0x40]) + good[at + 1 :] for at in range(len(good))),
        ]
        await attacker.send_paced(bad)
        answer = await attacker.answer(good)
        assert len(answer) <= 1.5 * len(good)
        await until_dropped(attacked, before + len(bad))
        assert attacker.received.empty()


async def test_media_before_the_handshake_and_broken_records_harm_nobody(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url) as client,
        stranger(attacked.media_port) as attacker,
    ):
        username, password = await leg(attacked, client, "early")
        await attacker.answer(binding_request(username, password))

        before = await dropped(attacked, "no_keys")
        await attacker.send_paced((RTP, RTCP) * 50)
        await attacker.send_paced(
            DTLS_CLIENT_HELLO[:length] for length in range(13, len(DTLS_CLIENT_HELLO) + 1)
        )
        await attacker.answer(binding_request(username, password))
        await until_dropped(attacked, before + 100, "no_keys")
        assert await dropped(attacked, "no_keys") - before == 100
        # A TLS_NULL hello ends no handshake: the leg waits for the real one until its time is over.
        assert (await client.request("ping"))["type"] == "pong"


async def test_ice_credentials_are_long_and_new_each_time(attacked: RelayProcess) -> None:
    token = await attacked.token("credentials", "patient")
    offer = await good_offer()
    async with websocket_client(attacked.websocket_url) as client:
        await client.request("join", token=token)
        answers = [
            await client.request("offer", sdp=offer, fresh=True, tracks={}) for _ in range(2)
        ]
    pairs = [credentials(answer["sdp"]) for answer in answers]
    for ufrag, password in pairs:
        assert len(bytes.fromhex(ufrag)) >= UFRAG_BITS // 8
        assert len(bytes.fromhex(password)) >= PASSWORD_BITS // 8
    assert len({value for pair in pairs for value in pair}) == 4


@pytest.mark.timeout(90)
async def test_a_certificate_that_was_not_announced_carries_nothing(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    def announce_another(sdp: str) -> str:
        return "\r\n".join(
            "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
            if line.startswith("a=fingerprint:sha-256")
            else line
            for line in sdp.split("\r\n")
            if not line.startswith(("a=fingerprint:sha-384", "a=fingerprint:sha-512"))
        )

    before = await attacked.total("visavis_dtls_failures_total")
    async with (
        bystanders.undisturbed(),
        aiortc_participant(attacked, "bystanders", "expert") as impostor,
    ):
        await impostor.connect(GREEN, video=False, change_offer=announce_another)
        failed = await impostor.client.until("connection", state="failed", within_s=25)
        assert failed["reason"]
        assert impostor.received.sounds == 0
        assert impostor.received.messages == []
    assert await attacked.total("visavis_dtls_failures_total") == before + 1
