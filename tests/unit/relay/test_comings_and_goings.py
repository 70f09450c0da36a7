"""A thousand people come and go, in good order and otherwise; the process is as it was.

The whole relay runs in this process (engine, media plane, signalling) and is measured here; the
visitors are another process.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from relay import Relay
from relay.config import parse_config
from signalling.links import websocket_url
from tests.polling import until
from tests.serving import SECRET, serving
from tests.unit.relay.visitors import PATIENCE_S

ROOT = Path(__file__).parents[3]
WARM_UP, VISITS, ROUNDS = 200, 1_000, 3
MOST_LEFT_BYTES = 500
"""Of a visit. An allocator grows in some rounds and not in others, by 5 % in all (seen
over nine); what leaks grows in each, so the least of them counts."""
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
SEAT_KEEP_S = 3.0
"""Longer than a visitor who reloads takes to be back, on a busy machine too."""
CONFIG = parse_config(f"""
[media]
listen = ["127.0.0.1"]
port = 0
connect_timeout_s = {PATIENCE_S}
[rooms]
seat_keep_s = {SEAT_KEEP_S}
""")


@dataclass(frozen=True)
class Holdings:
    """What this process holds just now."""

    tasks: int
    descriptors: int
    threads: int
    memory_bytes: int

    @classmethod
    def now(cls) -> Holdings:
        gc.collect()
        return cls(
            tasks=len(asyncio.all_tasks()),
            descriptors=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names only
            threads=len(os.listdir("/proc/self/task")),  # noqa: PTH208 - same
            memory_bytes=int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES,
        )

    def are_those_of(self, other: Holdings) -> bool:
        """Whether there is no more of anything that can be counted."""
        mine = (self.tasks, self.descriptors, self.threads)
        theirs = (other.tasks, other.descriptors, other.threads)
        return all(here <= there for here, there in zip(mine, theirs, strict=True))


async def visited(url: str, number: int, *, at_once: int = 4) -> None:
    """Let so many visitors come, and wait until the last of them is gone."""
    visitors = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.relay.visitors",
        websocket_url(url),
        str(number),
        str(at_once),
        cwd=ROOT,
        env={**os.environ, "VISAVIS_TEST_SECRET": SECRET, "PYTHONPATH": str(ROOT)},
    )
    try:
        assert await visitors.wait() == 0
    finally:
        if visitors.returncode is None:
            visitors.kill()
            await visitors.wait()


async def quiet(relay: Relay, empty: Holdings) -> Holdings:
    """Measure when nobody is left: kept seats have run out, half-open legs and their tasks too.

    The thread in which asyncio waits for the visitors' process ends a moment after it, too.
    """
    try:
        await until(
            lambda: not any(relay.status().values()) and Holdings.now().are_those_of(empty),
            within_s=60,
            every_s=0.1,
        )
    except TimeoutError:
        pytest.fail(f"{Holdings.now()}, empty {empty}; {relay.status()}")
    return Holdings.now()


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_a_thousand_visits_of_every_kind_leave_nothing_behind() -> None:
    async with serving(CONFIG) as (relay, url):
        # More at once than later: what a crowd needs is no leak, and is kept by the allocator.
        empty = Holdings.now()
        await visited(url, WARM_UP, at_once=16)
        before, began_s = await quiet(relay, empty), time.monotonic()
        after = []
        for _ in range(ROUNDS):
            await visited(url, VISITS)
            after.append(await quiet(relay, empty))
        counters = relay._engine.counters()
        figures = {
            "visits": VISITS,
            "seconds": round(time.monotonic() - began_s, 1),
            "before": asdict(before),
            "after": [asdict(each) for each in after],
            "checks_answered": counters["stun_answered"],
            "dtls_records": counters["dtls_records"],
        }
        artifacts = ROOT / "tests" / "artifacts"
        artifacts.mkdir(exist_ok=True)
        (artifacts / "comings_and_goings.json").write_text(json.dumps(figures, indent=1))
        print(json.dumps(figures))  # noqa: T201 - figures are for people
        assert all(each.are_those_of(before) for each in after)
        grown = (b.memory_bytes - a.memory_bytes for a, b in pairwise([before, *after]))
        assert min(grown) <= MOST_LEFT_BYTES * VISITS
        assert counters["worker_panics"] == 0


async def test_a_few_visits_of_every_kind_leave_no_task_and_no_descriptor() -> None:
    async with serving(CONFIG) as (relay, url):
        empty = Holdings.now()
        await visited(url, 10)
        before = await quiet(relay, empty)
        await visited(url, 20)
        after = await quiet(relay, empty)
        assert after.are_those_of(before)
        assert relay._engine.counters()["commands_unknown_target"] == 0
