"""Starts the real `visavis serve` on free ports, and speaks to it as an operator would."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import signal
import socket
import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp

from benchmarks.adaptation.endtoend.on_a_side import get, run_inside

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from benchmarks.adaptation.sides import Side

REPOSITORY = Path(__file__).resolve().parents[2]
VISAVIS = Path(sys.executable).with_name("visavis")
START_TIMEOUT_S = 15.0
RESTART_TIMEOUT_S = 60.0
"""Beside browsers that are in a consultation."""
STOP_TIMEOUT_S = 10.0
SCRAPE_S = 0.02
COUNTED_WITHIN_S = 5.0
"""A worker shows its counters from time to time."""
SAMPLE_LINE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})? ([0-9.eE+-]+|NaN|[+-]Inf)$")


@dataclass
class RelayProcess:
    """One running relay: where it is, what it has said, and how to ask it things."""

    port: int
    metrics_port: int
    media_port: int
    config: Path
    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    side: Side | None = None
    """The network it is in, where that is not the machine's."""

    @property
    def url(self) -> str:
        """Where pages, SDK and signalling are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def websocket_url(self) -> str:
        """Where the SDK connects."""
        return f"ws://127.0.0.1:{self.port}/v1/ws"

    @property
    def log(self) -> str:
        """Everything the relay has printed so far."""
        return "\n".join(self.lines)

    async def token(self, room: str, role: str, identity: str | None = None, *more: str) -> str:
        """Mint a token the way an operator does, with `visavis token`."""
        arguments = ["token", "--config", str(self.config), "--room", room, "--role", role, *more]
        if identity is not None:
            arguments += ["--identity", identity]
        output = await visavis(*arguments)
        return output.strip().splitlines()[-1]

    async def metrics(self) -> dict[str, float]:
        """Scrape `/metrics`: sample name with its labels → value."""
        text = await self.fetch(f"http://127.0.0.1:{self.metrics_port}/metrics")
        samples: dict[str, float] = {}
        for line in text.splitlines():
            match = SAMPLE_LINE.match(line)
            if match:
                samples[match[1] + (match[2] or "")] = float(match[3])
        return samples

    async def fetch(self, url: str) -> str:
        """Fetch a text over the loopback that the relay is on.

        Raises:
            OSError, aiohttp.ClientError: Nobody answers, or not well.

        """
        if self.side is not None:
            return await asyncio.to_thread(run_inside, self.side, partial(get, url))
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            response.raise_for_status()
            return await response.text()

    async def total(self, name: str, *labels: str) -> float:
        """Sum the samples of one metric, those whose labels contain every one of `labels`."""
        return sum(
            value
            for sample, value in (await self.metrics()).items()
            if sample.split("{")[0] == name and all(label in sample for label in labels)
        )

    async def until_total(
        self, least: float, name: str, *labels: str, within_s: float = COUNTED_WITHIN_S
    ) -> None:
        """Scrape until the samples of one metric are so many: nothing tells of them by itself.

        Raises:
            TimeoutError: They were not, in that time.

        """
        async with asyncio.timeout(within_s):
            while await self.total(name, *labels) < least:
                await asyncio.sleep(SCRAPE_S)


async def visavis(*arguments: str) -> str:
    """Run one `visavis` command to its end and give what it printed."""
    process = await asyncio.create_subprocess_exec(
        str(VISAVIS),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=REPOSITORY,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, f"visavis {' '.join(arguments)}: {errors.decode()}"
    return output.decode()


@contextlib.asynccontextmanager
async def running_relay(
    folder: Path,
    *,
    arguments: Sequence[str] = (),
    allowed_origins: Sequence[str] = (),
    listen: Sequence[str] = ("0.0.0.0", "::"),
    announce: Sequence[str] = (),
    join_timeout_s: float = 10.0,
    more: str = "",
    side: Side | None = None,
) -> AsyncIterator[RelayProcess]:
    """Serve until the block ends; the log is kept in `folder` and shown by a failing test.

    `more` is added to the configuration: sections of TOML that are not there yet. `side` is the
    network to serve in, where that is not the machine's.
    """
    port, metrics_port = free_tcp_port(), free_tcp_port()
    media_port = free_media_port()
    keys = folder / "keys"
    keys.write_text(f"key-of-the-tests {secrets.token_urlsafe(32)}\n")
    keys.chmod(0o600)
    config = folder / "visavis.toml"
    config.write_text(
        f"""
[signalling]
port = {port}
allowed_origins = {list(allowed_origins)}
join_timeout_s = {join_timeout_s}
[metrics]
port = {metrics_port}
[media]
listen = {list(listen)}
port = {media_port}
announce = {list(announce)}
[keys]
file = "{keys}"
state_dir = "{folder / "state"}"
[log]
level = "debug"
{more}
""".replace("'", '"')
    )
    command = [str(VISAVIS), "serve", "--config", str(config), *arguments]
    process = await asyncio.create_subprocess_exec(
        *(command if side is None else side.command(command)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=REPOSITORY,
    )
    relay = RelayProcess(port, metrics_port, media_port, config, process, side=side)
    log = asyncio.create_task(_keep_log(relay, folder / "relay.log"), name="relay log")
    try:
        await _until_ready(relay)
        yield relay
    finally:
        await _stop(relay)
        await log


async def kill_and_restart(relay: RelayProcess) -> None:
    """End the relay as a power cut would, and start another on the same ports with the same keys.

    What the second one says is not kept.
    """
    relay.process.kill()
    await relay.process.wait()
    relay.process = await asyncio.create_subprocess_exec(
        *(str(VISAVIS), "serve", "--config", str(relay.config)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=REPOSITORY,
    )
    await _until_ready(relay, RESTART_TIMEOUT_S)


def free_tcp_port() -> int:
    """Find a TCP port of loopback that nobody uses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_media_port() -> int:
    """Find a port that nobody uses now, for UDP or for TCP."""
    while True:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as by_udp,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as by_tcp,
        ):
            by_udp.bind(("0.0.0.0", 0))
            port = int(by_udp.getsockname()[1])
            by_tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                by_tcp.bind(("0.0.0.0", port))
                return port


async def _keep_log(relay: RelayProcess, path: Path) -> None:
    assert relay.process.stdout is not None
    with path.open("w") as file:
        async for line in relay.process.stdout:
            text = line.decode(errors="replace").rstrip("\n")
            relay.lines.append(text)
            file.write(text + "\n")
            file.flush()


async def _until_ready(relay: RelayProcess, within_s: float = START_TIMEOUT_S) -> None:
    async with asyncio.timeout(within_s):
        while True:
            assert relay.process.returncode is None, f"the relay ended:\n{relay.log}"
            with contextlib.suppress(aiohttp.ClientError, OSError):
                await relay.fetch(f"{relay.url}/readyz")
                return
            await asyncio.sleep(0.05)


async def _stop(relay: RelayProcess) -> None:
    if relay.process.returncode is not None:
        return
    relay.process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await relay.process.wait()
    except TimeoutError:
        relay.process.kill()
        await relay.process.wait()
        raise
