"""Whether there is a processor for every worker."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from relay.config import RelayConfig
from signalling.doctor.finding import OPERATOR, Finding, ok, warning

NAME: Final = "processors"

_QUOTA: Final = Path("/sys/fs/cgroup/cpu.max")


def check(config: RelayConfig) -> list[Finding]:
    """Count the processors this process may use, and read what a container allows of them."""
    try:
        quota = parse_quota(_QUOTA.read_text(encoding="ascii"))
    except FileNotFoundError:
        quota = None
    return [judge(config.media.workers, len(os.sched_getaffinity(0)), quota)]


def parse_quota(text: str) -> float | None:
    """Read `cpu.max` of cgroup v2: microseconds allowed in each period; `max` is no limit."""
    allowed, period = text.split()
    return None if allowed == "max" else int(allowed) / int(period)


def judge(workers: int, processors: int, quota: float | None) -> Finding:
    """Compare the workers with the processors they would share.

    Args:
        workers: Threads that carry packets, each able to fill a processor.
        processors: How many this process may run on.
        quota: Processors' worth of time that the container is given; `None` without a limit.

    """
    usable = float(processors) if quota is None else min(float(processors), quota)
    counted = f"{usable:g} to use, media.workers is {workers}"
    if usable >= workers:
        return ok(NAME, f"{counted}. Joins and signalling take the rest of a processor's time.")
    if usable < 1:
        words = f"{counted}: the container stops the worker in the middle of its work."
        action = "Give the container at least 1 CPU (Kubernetes: resources.limits.cpu)."
    else:
        words = f"{counted}: workers take turns on one processor, and packets wait meanwhile."
        action = f"Set media.workers to {int(usable)}, or give the relay {workers} CPUs."
    return warning(NAME, words, who=OPERATOR, action=action)
