"""A path that was lost comes back: from the engine's word to the participant's."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest

from relay.engine import Event, MediaEngine
from relay.rooms.events import ConnectionChanged
from relay.rooms.leg_states import LegState
from tests.unit.relay.conftest import House
from tests.unit.relay.engine_peers import Peer, leg_on
from tests.unit.relay.fakes import settle
from tests.unit.relay.test_engine_network import LOOPBACK

CONSENT_S = 30
"""RFC 7675 §5.1."""


async def test_a_check_after_the_silence_ends_the_interruption(house: House) -> None:
    person, other = house.enters("a"), house.enters("b")
    await person.connect()
    await other.connect()
    leg, slots = person.leg, person.place.slots
    leg.happens(Event.Connected(leg=leg.id))
    await settle()
    person.hears()
    for _ in range(2):
        leg.happens(Event.ConsentLost(leg=leg.id))
        await settle()
        assert person.hears() == [ConnectionChanged(LegState.INTERRUPTED, "consent_lost")]
        assert person.place.leg is not None, "keys, sequences and slots wait"
        leg.happens(Event.Connected(leg=leg.id))
        await settle()
        assert person.hears() == [ConnectionChanged(LegState.CONNECTED)]
    assert house.counted("visavis_ice_failures") == {("consent_lost",): 2}
    assert person.leg is leg
    assert not leg.removed
    assert person.place.slots is slots
    leg.happens(Event.Connected(leg=leg.id))
    await settle()
    assert person.hears() == [], "a path that is there is no news"


@pytest.mark.long
@pytest.mark.timeout(90)
async def test_the_engine_tells_of_a_path_that_returns() -> None:
    async with MediaEngine(LOOPBACK) as engine, leg_on(engine) as leg:
        told = leg.events()

        async def expect(wanted: type[Event], within_s: float) -> None:
            async with asyncio.timeout(within_s):
                assert isinstance(await anext(told), wanted)

        with closing(Peer(engine)) as peer:
            await peer.check()
            await expect(Event.Connected, 2)
            await expect(Event.ConsentLost, CONSENT_S + 5)
            await peer.check()
            await expect(Event.Connected, 2)
