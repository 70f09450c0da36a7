"""A relay that adapts, the network before it, and people whose paths can be narrowed."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.config import MediaConfig
from relay.ids import WorkerIndex
from relay.machine.addresses import machine_addresses
from tests.endtoend.bottleneck import Bottleneck
from tests.endtoend.participant import polling
from tests.endtoend.relay_here import RelayHere, serving_here
from tests.endtoend.tab import call
from tests.endtoend.wire import BACK, Wire, forwarding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.consultation import Consultation
    from tests.endtoend.participant import Participant

SMALL_BPS = 400_000
"""A small picture with grain and two voices, and no large one."""
WIDER_AGAIN_S = 40.0
"""A rise is tried by bursts every five seconds, and waits longer after one in vain."""
STOOD_S = 2.0
"""At the most between two frames of those whose path carries everything: their publisher's encoder
is made anew when other encodings begin."""
GRAIN = 0.15
"""Of the picture: it takes whatever bitrate it is given, and its colours are still told apart."""

CONCEALED_AT_MOST = 0.1
"""Of what is heard: the queue of the fall itself is 0.3 s of the six that are judged, and a busy
machine conceals some by itself. `make bench-adaptation` measures how much it is on a calm one."""
JUDGED_SAMPLES = 6 * 48_000

HEARD = """(async () => {
  const heard = {};
  for (const connection of window.probe.connections) {
    for (const line of (await connection.getStats()).values()) {
      if (line.type !== "inbound-rtp" || line.kind !== "audio") continue;
      heard[line.ssrc] = [line.totalSamplesReceived ?? 0, line.concealedSamples ?? 0];
    }
  }
  return heard;
})()"""
"""By voice: how much was played, and how much of it the browser made up."""


@dataclass(frozen=True)
class Network:
    """What stands before the relay, and the relay."""

    relay: RelayHere
    wire: Wire

    @contextlib.contextmanager
    def over(self, link: Bottleneck, *, outward: Bottleneck | None = None) -> Iterator[None]:
        """Have whoever comes in while the block runs do so over a path of their own.

        Args:
            link: Towards them.
            outward: From them; `None` carries everything.

        """
        wire = self.wire
        shared = wire.towards_newcomers, wire.from_newcomers
        wire.towards_newcomers, wire.from_newcomers = link, outward or Bottleneck()
        try:
            yield
        finally:
            wire.towards_newcomers, wire.from_newcomers = shared


@contextlib.asynccontextmanager
async def adapting_behind_a_wire(front_end: str) -> AsyncIterator[Network]:
    """Serve until the block ends."""
    front = next(str(each) for each in machine_addresses(loopback=False) if each.version == 4)
    media = MediaConfig(port=0, listen=(BACK,), announce=(front,), adaptation=True)
    async with serving_here(front_end, media=media) as relay:
        ((_, udp_port),) = relay.media_plane._engine.addresses(WorkerIndex(0))
        async with forwarding(relay.port, udp_port, front=front) as wire:
            yield Network(relay, wire)


async def join_with_sound(
    room: Consultation, role: str, appearance: Appearance, *, browser: str = "chromium"
) -> Participant:
    """Come in with a voice and no picture."""
    person = await room.join(role, appearance, browser=browser, publish=False)
    stream = call("window.sources.synthesise", appearance.as_json())
    await person.tab.evaluate(
        f"window.bare.publishTracks(new MediaStream({stream}.getAudioTracks()))"
    )
    return person


async def join_with_grain(
    room: Consultation, role: str, appearance: Appearance, *, browser: str
) -> Participant:
    """Come in with a picture that is worth its bitrate: a small one does not look as cheap."""
    person = await room.join(role, appearance, browser=browser, publish=False)
    stream = call("window.sources.synthesise", {**appearance.as_json(), "grain": GRAIN})
    await person.tab.evaluate(f"window.bare.publishTracks({stream})")
    return person


async def hears_well(person: Participant, *, within_s: float = 30.0) -> None:
    """Hold that little of every voice that somebody hears from now on is made up.

    Raises:
        AssertionError: More was, or nothing came.

    """
    before = await person.tab.evaluate(HEARD)
    shares: dict[str, float] = {}
    async for _ in polling(within_s):
        for voice, (samples, concealed) in (await person.tab.evaluate(HEARD)).items():
            first, made_up = before.get(voice, (0, 0))
            if first and samples - first >= JUDGED_SAMPLES:
                shares.setdefault(voice, (concealed - made_up) / (samples - first))
        if shares and len(shares) == sum(first > 0 for first, _ in before.values()):
            assert all(share < CONCEALED_AT_MOST for share in shares.values()), (
                str(person),
                shares,
            )
            return
    raise AssertionError(f"{person} hears nothing within {within_s} s: {shares}")
