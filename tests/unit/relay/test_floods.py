"""Crowds without a seat are turned away, and a consultation next door does not notice.

The relay runs in this process; the crowd and the consultation are others. What is compared is the
engine's own measure of how long a packet stays in the relay.
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
from signalling.websocket.door import MAX_WAITING
from tests.unit.relay.test_comings_and_goings import SECRET, serving

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

ROOT = Path(__file__).parents[3]
CALM_S, FLOOD_S, JOIN_TIMEOUT_S = 8, 20, 10
SOUNDS_PER_S = 100
"""Two people, a packet each 20 ms."""
NOTICEABLE_S = 0.005
CONFIG = parse_config('[media]\nlisten = ["127.0.0.1"]\nport = 0')


@asynccontextmanager
async def strangers(
    mode: str, url: str, seconds: float
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run one of the other processes until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.unit.relay.strangers", mode, url, str(seconds)),
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


class Stopwatch:
    """How packets fared between two looks."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._before = relay._engine.counters()

    def p99_s(self) -> tuple[float, int]:
        """Give a bound that 99 of 100 packets kept, and how many packets there were."""
        now, before = self._relay._engine.counters(), self._before
        latency = latency_of({name: value - before[name] for name, value in now.items()})
        kept = (bound for bound, number in latency.buckets if number >= 0.99 * latency.count)
        return next(kept, float("inf")), latency.count


@pytest.mark.parametrize("mode", ["wait", "guess"])
async def test_a_crowd_without_a_seat_does_not_delay_a_consultation(mode: str) -> None:
    async with serving(CONFIG) as (relay, url), strangers("talk", url, 120):
        async with asyncio.timeout(30):
            while relay._engine.counters()["egress_audio_packets"] < SOUNDS_PER_S:
                await asyncio.sleep(0.1)
        watch = Stopwatch(relay)
        await asyncio.sleep(CALM_S)
        calm_p99_s, _ = watch.p99_s()
        watch, waiting = Stopwatch(relay), 0.0
        open_sockets = relay.tally.gauges[WEBSOCKETS]
        async with strangers(mode, url, FLOOD_S) as crowd:
            for _ in range(FLOOD_S * 10):
                await asyncio.sleep(0.1)
                waiting = max(waiting, open_sockets["waiting",])
            flood_p99_s, packets = watch.p99_s()
            assert crowd.stdout is not None
            said = literal_eval((await crowd.stdout.readline()).decode())
            async with asyncio.timeout(JOIN_TIMEOUT_S + 5):
                while open_sockets["waiting",]:
                    await asyncio.sleep(0.1)
        figures = {
            "mode": mode,
            "calm_p99_s": calm_p99_s,
            "flood_p99_s": flood_p99_s,
            "packets": packets,
            "waiting": waiting,
            **said,
        }
        (ROOT / "tests" / "artifacts").mkdir(exist_ok=True)
        (ROOT / "tests" / "artifacts" / f"flood_{mode}.json").write_text(json.dumps(figures))
        print(json.dumps(figures))  # noqa: T201 - figures are for people
        assert waiting <= MAX_WAITING
        assert open_sockets["seated",] == len(("practitioner", "patient"))
        assert packets > 0.95 * SOUNDS_PER_S * FLOOD_S
        assert flood_p99_s < calm_p99_s + NOTICEABLE_S
