"""What a figure depends on beside the code: the machine and the commit."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT


@dataclass(frozen=True, slots=True)
class Machine:
    """Where something was measured; nothing that names its owner."""

    processor: str
    cores: int
    kernel: str
    virtual: bool
    memory_gib: float
    largest_receive_buffer_bytes: int
    load_average_1min: float
    """Above the cores a measurement keeps busy itself, somebody else was using the machine."""

    def row(self) -> dict[str, object]:
        """Give it as JSON has it."""
        return asdict(self)


def here() -> Machine:
    """Describe this machine."""
    processor_info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", processor_info, re.MULTILINE)
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return Machine(
        processor=model[1] if model else platform.machine(),
        cores=os.cpu_count() or 1,
        kernel=platform.release(),
        virtual=" hypervisor" in processor_info,
        memory_gib=round(memory_bytes / 2**30, 1),
        largest_receive_buffer_bytes=int(Path("/proc/sys/net/core/rmem_max").read_text()),
        load_average_1min=round(os.getloadavg()[0], 2),
    )


def need_cores(count: int) -> None:
    """Refuse a machine that cannot keep relay and generator apart.

    Raises:
        BenchmarkFailed: It has fewer cores.

    """
    available = len(os.sched_getaffinity(0))
    if available < count:
        raise BenchmarkFailed(f"this needs {count} cores of its own; the machine gives {available}")


def commit() -> str:
    """Name the commit that was measured; `+` behind it says that files had changed since."""
    try:
        name = _git("rev-parse", "HEAD").strip()
        changed = _git("status", "--porcelain", "--", "codecs", "relay", "benchmarks/*.py")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return name + ("+" if changed.strip() else "")


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout
