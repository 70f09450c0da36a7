"""Where signalling and media share a core, the kernel knows who goes first."""

from __future__ import annotations

import os
from pathlib import Path

from tests.endtoend.relay_process import running_relay


def workers(pid: int) -> list[int]:
    """Give the packet workers' threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(task.name) for task in tasks if (task / "comm").read_text().startswith("media-")]


async def test_a_worker_outweighs_the_event_loop(tmp_path: Path) -> None:
    async with running_relay(tmp_path) as relay:
        niceness = [os.getpriority(os.PRIO_PROCESS, pid) for pid in workers(relay.process.pid)]
        loop = os.getpriority(os.PRIO_PROCESS, relay.process.pid)
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert niceness == [own]
    assert loop > own
