"""A path that loses every tenth packet; people hear each other almost as if it lost none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.config import MediaConfig
from relay.ids import WorkerIndex
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.participant import polling
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.wire import BACK, FRONT, Wire, forwarding
from tests.polling import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from relay.legs.leg import Leg
    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Participant

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(120)]

LOSS = 0.1
CONCEALED_AT_MOST = 0.05
"""One frame again leaves 1 % of these losses, two leave 0.1 %; the rest is for a busy machine."""
JUDGED_SAMPLES = 10 * 48_000

HEARD = """(async () => {
  let [samples, concealed] = [0, 0];
  for (const connection of window.probe.connections) {
    for (const line of (await connection.getStats()).values()) {
      if (line.type === "inbound-rtp" && line.kind === "audio") {
        samples += line.totalSamplesReceived ?? 0;
        concealed += line.concealedSamples ?? 0;
      }
    }
  }
  return [samples, concealed];
})()"""


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
) -> AsyncIterator[RelayHere]:
    """Give a relay that adapts, behind a wire, in the place of the run's own."""
    media = MediaConfig(port=0, listen=(BACK,), announce=(FRONT,), adaptation=True)
    async with serving_here(front_end, media=media) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def wire(relay: RelayHere) -> AsyncIterator[Wire]:
    """Give the network before it."""
    ((_, udp_port),) = relay.media_plane._engine.addresses(WorkerIndex(0))
    async with forwarding(relay.port, udp_port) as network:
        yield network


async def test_sound_is_sent_again_to_those_who_lose_it(
    consultation: Consultation, relay: RelayHere, wire: Wire
) -> None:
    practitioner = await consultation.join("practitioner", RED)
    patient = await consultation.join("patient", BLUE)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))
    legs = [relay.place(consultation.room, role).leg for role in ("practitioner", "patient")]
    # As at every beginning: losses are not known yet.
    await until(lambda: all(distances(leg) <= {0, 1} for leg in legs), within_s=10)

    wire.loss_towards_browsers = LOSS
    await until(lambda: all(distances(leg) == {2} for leg in legs), within_s=30)
    for person in (practitioner, patient):
        assert await concealed_share(person) < CONCEALED_AT_MOST, str(person)
    await asyncio.gather(practitioner.hears(BLUE), patient.hears(RED))

    engine = relay.media_plane._engine
    estimates = engine.reports.estimates.values()
    assert all(each.sound_lost > 0.05 * each.sound_told > 0 for each in estimates), estimates
    assert engine.counters()["egress_redundant_blocks"] > 0


def distances(leg: Leg | None) -> set[int]:
    """How many earlier frames are carried on the slots that a leg's voices arrive in."""
    return set() if leg is None else {s.distance for s in leg.slots.values() if s.kind == "audio"}


async def concealed_share(person: Participant) -> float:
    """Give how much of what somebody hears from now on was made up by their browser."""
    samples, concealed = await person.tab.evaluate(HEARD)
    async for _ in polling(30):
        later, made_up = await person.tab.evaluate(HEARD)
        if later - samples >= JUDGED_SAMPLES:
            return float((made_up - concealed) / (later - samples))
    raise AssertionError(f"{person} receives no sound")
