"""Starts the example clinic with its relay, as `make clinic` does, and reads who may come in."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.endtoend.relay_process import REPOSITORY, free_media_port, free_tcp_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

START_TIMEOUT_S = 45.0
STOP_TIMEOUT_S = 20.0
ROLES = ("practitioner", "assistant", "expert")


@dataclass
class ClinicProcess:
    """A running clinic: where it is, and what it has printed."""

    url: str = ""
    passwords: dict[str, str] = field(default_factory=dict)
    """Of those who work there, by login."""
    links: dict[str, str] = field(default_factory=dict)
    """Of patients, by name."""

    def read(self, lines: list[str]) -> None:
        """Read what was printed for people."""
        self.url = lines[0].split()[-1]
        for before, line in pairwise(lines):
            words = line.split()
            if words and words[0] in ROLES:
                self.passwords[words[1]] = words[2]
            if "/visit#" in line:
                self.links[before.strip()] = line.strip()


@contextlib.asynccontextmanager
async def running_clinic(log: Path) -> AsyncIterator[ClinicProcess]:
    """Run clinic and relay until the block ends; what they complain of is in `log`."""
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "examples.clinic", "demo"),
            *("--port", str(free_tcp_port()), "--relay-port", str(free_tcp_port())),
            *("--metrics-port", str(free_tcp_port()), "--media-port", str(free_media_port())),
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=REPOSITORY,
        )
        try:
            clinic = ClinicProcess()
            clinic.read(await _words(process, log))
            yield clinic
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(STOP_TIMEOUT_S):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()
                raise


async def _words(process: asyncio.subprocess.Process, log: Path) -> list[str]:
    """Read until all is said."""
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(START_TIMEOUT_S):
        while not lines or "Stop with Ctrl+C" not in lines[-1]:
            line = await process.stdout.readline()
            assert line, f"the clinic ended:\n{_complaints(log)}"
            lines.append(line.decode().rstrip("\n"))
    return lines


def _complaints(log: Path) -> str:
    return log.read_text()
