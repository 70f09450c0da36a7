"""Crowds without a seat are turned away, and a consultation next door loses nothing by them.

The relay runs in this process; the crowd and the consultation are others. While the crowd is there
the consultation's packets go on being relayed, and every one that comes is. How long packets stay
in the relay, with the crowd and without it, is written down for people: it is the machine's, too.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from ast import literal_eval
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from relay import Relay
from relay.config import parse_config
from relay.metrics.engine_counters import latency_of
from relay.metrics.table import WEBSOCKETS
from signalling.links import websocket_url
from signalling.websocket.door import MAX_WAITING
from tests.polling import until
from tests.serving import SECRET, serving

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
FLOOD_S = 20
CALM_SOUNDS, SOUNDS_AT_A_LOOK = 500, 10
"""Two people send 100 packets a second."""
GONE_WITHIN_S = 60.0
CONFIG = parse_config('[media]\nlisten = ["127.0.0.1"]\nport = 0')


@asynccontextmanager
async def strangers(
    mode: str, url: str, seconds: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of the other processes, at the longest until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.unit.relay.strangers", mode),
        *(websocket_url(url), str(seconds)),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "VISAVIS_TEST_SECRET": SECRET, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


class Sounds:
    """The consultation's packets, from its making on."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._before = relay._engine.counters()

    def counted(self, name: str) -> int:
        return self._relay._engine.counters()[name] - self._before[name]

    def are_all_relayed(self) -> bool:
        return self.counted("ingress_audio_packets") == self.counted("egress_audio_packets")

    async def go_on(self, packets: int) -> None:
        """Wait until so many more are relayed."""
        enough = self.counted("egress_audio_packets") + packets
        await until(lambda: self.counted("egress_audio_packets") >= enough, every_s=0.01)

    def figures(self) -> dict[str, float]:
        """Give how many there were, and a bound that 99 of 100 packets kept in the relay."""
        now = self._relay._engine.counters()
        latency = latency_of({name: value - self._before[name] for name, value in now.items()})
        kept = (bound for bound, number in latency.buckets if number >= 0.99 * latency.count)
        sounds = self.counted("egress_audio_packets")
        return {"p99_s": next(kept, float("inf")), "packets": sounds}


@pytest.mark.parametrize("mode", ["wait", "guess"])
async def test_a_crowd_without_a_seat_takes_no_packet_from_a_consultation(mode: str) -> None:
    async with serving(CONFIG) as (relay, url), strangers("talk", url, float("inf")):
        open_sockets, waiting = relay.tally.gauges[WEBSOCKETS], 0.0
        await Sounds(relay).go_on(SOUNDS_AT_A_LOOK)
        calm = Sounds(relay)
        await calm.go_on(CALM_SOUNDS)
        figures = {"calm": calm.figures()}

        async with strangers(mode, url, FLOOD_S) as crowd, asyncio.TaskGroup() as tasks:
            assert crowd.stdout is not None
            assert await crowd.stdout.readline() == b"come\n"
            flooded = Sounds(relay)
            ending = tasks.create_task(crowd.communicate())
            while not ending.done():
                waiting = max(waiting, open_sockets["waiting",])
                await flooded.go_on(SOUNDS_AT_A_LOOK)
        figures["flood"] = flooded.figures()
        said: dict[str, int] = literal_eval(ending.result()[0].decode())

        (ROOT / "tests" / "artifacts").mkdir(exist_ok=True)
        text = json.dumps({"mode": mode, "waiting": waiting, "said": said, **figures})
        (ROOT / "tests" / "artifacts" / f"flood_{mode}.json").write_text(text)
        print(text)  # noqa: T201 - figures are for people

        assert sum(said.values()) > said.get("lost", 0)
        assert 0 < waiting <= MAX_WAITING
        await until(lambda: not open_sockets["waiting",], within_s=GONE_WITHIN_S, every_s=0.1)
        await until(flooded.are_all_relayed)
        assert flooded.counted("ingress_packets_lost") == 0
        assert open_sockets["seated",] == len(("practitioner", "patient"))
