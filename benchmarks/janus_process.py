"""A Janus of our own: Debian's program with VideoRoom and WebSocket only, on one core.

It runs from a folder of its own that is gone afterwards. Nothing is recorded or logged, nobody is
told of events, no STUN server is asked. What is not written here is Janus' own default.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness import processes, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.readings import Reading

PLUGIN_FOLDERS: Final = ("/usr/lib/*/janus", "/usr/lib/janus")
READY_WITHIN_S: Final = 10.0
ENDS_WITHIN_S: Final = 30.0
"""It says goodbye to every participant first."""

PORTS: Final = "10000-32000"
"""Below the ports Linux gives out by itself, so that the generator's sockets leave them free."""

INSTALL: Final = "deploy/setup/peers.sh installs it (make bench-peers does that first)"


@dataclass(frozen=True, slots=True)
class JanusOptions:
    """How a Janus is run."""

    core: int
    ice_address: str
    """Where media arrives; Janus refuses addresses of loopback interfaces."""

    event_loops: int | None = None
    """Threads that all participants share; without a number each has one, as by default."""

    libsrtp_folder: Path | None = None
    """Where another libsrtp2.so.1 than the system's is."""


class JanusProcess:
    """A running Janus."""

    kind: Final = "janus"
    adapts: Final = False

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self._process = process
        self._log = log
        self.url = f"ws://127.0.0.1:{port}/"

    def credential(self, room: str, place: int) -> str:
        """Name one participant of a room; this Janus lets everybody in."""
        return f"{room}-{place}"

    def check(self) -> None:
        """Notice an end.

        Raises:
            BenchmarkFailed: Janus has ended; with its own last words.

        """
        status = self._process.poll()
        if status is None:
            return
        if status < 0:
            raise BenchmarkFailed(f"Janus was ended in mid-run by signal {-status}")
        words = [line for line in self._log.read_text(errors="replace").splitlines() if line]
        last = f": {words[-1].strip()}" if words else " and said nothing"
        raise BenchmarkFailed(f"Janus ended in mid-run with status {status}{last}")

    def read(self) -> Reading:
        """Read its clocks now; it has no counters to read.

        Raises:
            BenchmarkFailed: It has ended.

        """
        try:
            return Reading(processes.read(self._process.pid))
        except ProcessLookupError:
            self.check()
            raise

    def libsrtp(self) -> str:
        """Say which file its libsrtp is."""
        maps = Path(f"/proc/{self._process.pid}/maps").read_text()
        found = {line.split()[-1] for line in maps.splitlines() if "/libsrtp2.so" in line}
        return ", ".join(sorted(found))


@contextmanager
def running(options: JanusOptions) -> Iterator[JanusProcess]:
    """Start a Janus; it ends with the block.

    Raises:
        BenchmarkFailed: It is not installed, or it did not start.

    """
    program = installed()
    port = sockets.free_tcp_port()
    with tempfile.TemporaryDirectory(prefix="visavis-janus-") as name:
        folder = Path(name)
        for file, text in configuration(options, folder, port).items():
            (folder / file).write_text(text)
        environment = dict(os.environ)
        if options.libsrtp_folder:
            environment["LD_LIBRARY_PATH"] = str(options.libsrtp_folder)
        log = folder / "janus.log"
        # A participant takes several.
        sockets.open_many()
        # It ends with whoever started it, even if that was killed.
        command = ["setpriv", "--pdeathsig", "TERM"]
        command += ["taskset", "--cpu-list", str(options.core), program]
        command += [f"--config={folder / 'janus.jcfg'}", f"--configs-folder={folder}"]
        with (
            log.open("wb") as said,
            subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            ) as process,
        ):
            try:
                janus = JanusProcess(process, port, log)
                _wait_for(janus, port)
                yield janus
            finally:
                _end(process)


def installed() -> str:
    """Find the program.

    Raises:
        BenchmarkFailed: It is not installed.

    """
    program = shutil.which("janus")
    if program is None:
        raise BenchmarkFailed(f"Janus is not installed; {INSTALL}")
    return program


def version() -> str:
    """Say which Janus it is, in its own words."""
    told = subprocess.run([installed(), "--help"], capture_output=True, check=False, text=True)
    first = (told.stdout + told.stderr).split("\n", 1)[0]
    return first.removeprefix("Janus version: ").strip()


def configuration(options: JanusOptions, folder: Path, port: int) -> dict[str, str]:
    """Write Janus' configuration files: their names and contents."""
    modules = _modules()
    loops = "" if options.event_loops is None else f"event_loops = {options.event_loops}"
    return {
        "janus.jcfg": f"""
general: {{
    configs_folder = "{folder}"
    plugins_folder = "{modules / "plugins"}"
    transports_folder = "{modules / "transports"}"
    events_folder = "{folder}"
    loggers_folder = "{folder}"
    debug_level = 1
    {loops}
}}
media: {{ rtp_port_range = "{PORTS}" }}
nat: {{
    ice_lite = true
    ice_enforce_list = "{options.ice_address}"
}}
plugins: {{ disable = "{_all_but(modules / "plugins", "libjanus_videoroom.so")}" }}
transports: {{ disable = "{_all_but(modules / "transports", "libjanus_websockets.so")}" }}
events: {{ broadcast = false }}
""",
        "janus.transport.websockets.jcfg": f"""
general: {{ json = "compact", ws = true, ws_ip = "127.0.0.1", ws_port = {port}, wss = false }}
admin: {{ admin_ws = false, admin_wss = false }}
""",
        "janus.plugin.videoroom.jcfg": "general: { string_ids = true }\n",
    }


def _modules() -> Path:
    for pattern in PLUGIN_FOLDERS:
        for found in sorted(Path("/").glob(pattern.removeprefix("/"))):
            if (found / "plugins" / "libjanus_videoroom.so").exists():
                return found
    raise BenchmarkFailed(f"Janus' VideoRoom is not installed; {INSTALL}")


def _all_but(folder: Path, kept: str) -> str:
    return ",".join(sorted(path.name for path in folder.glob("*.so") if path.name != kept))


def _wait_for(janus: JanusProcess, port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        janus.check()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            # It has no other way to say that it is ready.
            time.sleep(0.05)
        else:
            return
    raise BenchmarkFailed(f"Janus did not answer within {READY_WITHIN_S:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=ENDS_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
