"""Another process's clocks and memory, as the kernel counts them: read from outside, in /proc."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Thread:
    """One thread's name, and the processor time it has used."""

    name: str
    cpu_ns: int


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """A process at one moment."""

    taken_ns: int
    """On the monotonic clock."""
    threads: Mapping[int, Thread]
    resident_bytes: int
    """Pages in memory (RSS)."""
    proportional_bytes: int
    """The same, pages that other processes use too counted by their share (PSS)."""
    open_files: int


def read(pid: int) -> ProcessReading:
    """Read a process's clocks and memory now.

    Raises:
        ProcessLookupError: It has ended.

    """
    folder = Path("/proc") / str(pid)
    try:
        rollup = (folder / "smaps_rollup").read_text()
        return ProcessReading(
            taken_ns=time.monotonic_ns(),
            threads=dict(_threads(folder)),
            resident_bytes=_kib(rollup, "Rss"),
            proportional_bytes=_kib(rollup, "Pss"),
            open_files=sum(1 for _ in (folder / "fd").iterdir()),
        )
    except (FileNotFoundError, ProcessLookupError):
        raise ProcessLookupError(f"process {pid} has ended") from None


def midway(before: ProcessReading, after: ProcessReading) -> ProcessReading:
    """Give the clocks halfway between two readings: those of what happened in the middle.

    Memory and descriptors are the first one's, as what lies between is no part of the process.
    """

    def cpu_ns_midway(number: int, thread: Thread) -> int:
        begun = before.threads.get(number)
        return thread.cpu_ns if begun is None else (begun.cpu_ns + thread.cpu_ns) // 2

    return replace(
        before,
        taken_ns=(before.taken_ns + after.taken_ns) // 2,
        threads={
            number: Thread(thread.name, cpu_ns_midway(number, thread))
            for number, thread in after.threads.items()
        },
    )


def cpu_ns(before: ProcessReading, after: ProcessReading, name: str = "") -> int:
    """Say what the threads whose names begin so used in between.

    A thread that began in between counts from its start; one that ended does not count.
    """
    return sum(
        thread.cpu_ns - (before.threads[number].cpu_ns if number in before.threads else 0)
        for number, thread in after.threads.items()
        if thread.name.startswith(name)
    )


def core_share(before: ProcessReading, after: ProcessReading, name: str = "") -> float:
    """Say how many cores those threads kept busy."""
    return cpu_ns(before, after, name) / max(1, after.taken_ns - before.taken_ns)


def _threads(folder: Path) -> Iterator[tuple[int, Thread]]:
    for task in (folder / "task").iterdir():
        # A thread may end while the list is read.
        with suppress(FileNotFoundError, ProcessLookupError):
            name = (task / "comm").read_text().strip()
            # Documentation/scheduler/sched-stats.rst: the first figure is ns on a processor.
            yield int(task.name), Thread(name, int((task / "schedstat").read_text().split()[0]))


def _kib(rollup: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB$", rollup, re.MULTILINE)
    return int(found[1]) * KIB if found else 0
