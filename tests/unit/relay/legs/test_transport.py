"""The real transport of a leg: which role it takes, and what it runs."""

from __future__ import annotations

import asyncio

import pytest

from relay.errors import HandshakeFailed
from relay.legs.transport import LegTransport, LegTransports
from relay.transports.sdp import CodecPolicy, negotiate, parse_offer_untrusted
from tests.unit.relay.conftest import CHROMIUM


class SilentDatagrams:
    """A leg on which nothing ever arrives."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def receive(self) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError

    def send(self, datagram: bytes) -> None:
        self.sent.append(datagram)


def transport(sdp: str, datagrams: SilentDatagrams) -> LegTransport:
    return LegTransports().open(datagrams, negotiate(parse_offer_untrusted(sdp), CodecPolicy()))


@pytest.mark.parametrize(("setup", "speaks_first"), [("actpass", False), ("passive", True)])
async def test_only_a_passive_offer_makes_the_relay_speak_first(
    setup: str, speaks_first: bool
) -> None:
    datagrams = SilentDatagrams()
    sdp = CHROMIUM.replace("a=setup:actpass", f"a=setup:{setup}")
    leg = transport(sdp, datagrams)
    with pytest.raises(HandshakeFailed) as failure:
        await leg.connect(timeout_s=0.05)
    assert failure.value.reason == "timeout"
    assert bool(datagrams.sent) is speaks_first
    await leg.wait_closed()
    await leg.aclose()
    await leg.aclose()


def test_all_legs_show_one_certificate() -> None:
    transports = LegTransports()
    assert len(transports.fingerprint_sha256.split(":")) == 32
