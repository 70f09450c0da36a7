"""What carried a leg is gone with it, without the help of Python's collector.

The collector comes seldom (`signalling.garbage`), and by how many objects there are: it knows
nothing of OpenSSL's memory behind them.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from relay.transports.certificate import Certificate
from tests.unit.relay.fakes import settle
from tests.unit.relay.transports.wires import Associated, Connected, Wire, both, relay_of


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Keep the collector away."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.mark.usefixtures("uncollected")
async def test_a_connection_that_was_closed_holds_nothing(
    wire: Wire, certificate: Certificate
) -> None:
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)
    await both(relay, peer, certificate)
    left = weakref.ref(relay.connection)
    await relay.aclose()
    await peer.aclose()
    del relay
    await settle()
    assert left() is None


@pytest.mark.usefixtures("uncollected")
async def test_channels_that_were_closed_hold_nothing(wire: Wire, certificate: Certificate) -> None:
    peer = wire.make_peer("client")
    relay = relay_of(wire, certificate, peer)
    await both(relay, peer, certificate)
    associated = Associated(Connected(wire, relay, peer))
    await associated.establish()
    await associated.opened()
    left = weakref.ref(relay.connection), weakref.ref(associated.channels)
    await associated.aclose()
    await relay.aclose()
    await peer.aclose()
    del associated, relay
    await settle()
    assert [each() for each in left] == [None, None]
