"""A real `visavis serve` under measurement: its own folder, key and ports, on a core of its own.

Its clocks are read from outside (/proc), its counters where an operator reads them (`/metrics`),
and its tokens are minted as a backend mints them. Nothing of it knows that it is measured.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks import relay_files
from benchmarks.harness import processes, scrapes, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT
from benchmarks.harness.readings import Reading
from relay.rooms.permissions import Grant, Role
from signalling.keys import Key
from signalling.links import WEBSOCKET_PATH, full_grant
from signalling.tokens import Invitation, mint

ROLES: Final = (Role.PRACTITIONER, Role.PATIENT, Role.CARER, Role.INTERPRETER, Role.EXPERT)
"""Who takes part in a consultation of two to five, in the order they are invited."""

TOKEN_TTL_S: Final = 6 * 3_600
"""Longer than any measurement: tokens are minted before it begins."""

SCRAPED_EVERY_S: Final = 5.0
"""Three times as often as Prometheus scrapes by default."""

START_WITHIN_S: Final = 20.0
STOP_WITHIN_S: Final = 10.0


class ServedRelay:
    """A running relay."""

    kind: Final = "visavis"

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        key: Key,
        log: Path,
        ports: tuple[int, int],
        *,
        adapts: bool = False,
    ) -> None:
        self.adapts: Final = adapts
        self._process = process
        self._key = key
        self._log = log
        port, metrics_port = ports
        self.url = f"ws://127.0.0.1:{port}{WEBSOCKET_PATH}"
        self._ready_url = f"http://127.0.0.1:{port}/readyz"
        self._metrics_url = f"http://127.0.0.1:{metrics_port}/metrics"

    def credential(self, room: str, place: int) -> str:
        """Mint a token for one participant of a room, by their place in it."""
        return self._token(full_grant(room, ROLES[place], f"{room}-{place}", open_room=True))

    def waiting_credential(self, room: str, place: int) -> str:
        """Mint a token for a patient who waits in a room until they are admitted."""
        identity = f"{room}-{place}"
        return self._token(full_grant(room, Role.PATIENT, identity, open_room=True, waits=True))

    def _token(self, grant: Grant) -> str:
        return mint(
            Invitation(grant=grant, url=self.url, ttl_s=TOKEN_TTL_S), self._key, time.time()
        )

    def check(self) -> None:
        """Notice an end.

        Raises:
            BenchmarkFailed: The relay has ended; with its own last words.

        """
        status = self._process.poll()
        if status is None:
            return
        if status < 0:
            raise BenchmarkFailed(f"the relay was ended in mid-run by signal {-status}")
        words = [line for line in self._log.read_text(errors="replace").splitlines() if line]
        # A refusal is a sentence and what to do about it; of a trace the end says most.
        last = ": " + " ".join(line.strip() for line in words[-2:]) if words else ""
        raise BenchmarkFailed(f"the relay ended in mid-run with status {status}{last}")

    def read(self) -> Reading:
        """Read its clocks and counters now.

        Raises:
            BenchmarkFailed: It has ended, or does not answer.

        """
        try:
            before = processes.read(self._process.pid)
            scrape = scrapes.scrape(self._metrics_url)
            after = processes.read(self._process.pid)
        except (OSError, ValueError) as error:
            self.check()
            raise BenchmarkFailed(f"the relay's /metrics does not answer: {error}") from error
        return Reading(processes.midway(before, after), scrape)

    def until_ready(self) -> None:
        """Wait until it takes participants.

        Raises:
            BenchmarkFailed: It ended, or is not ready in time.

        """
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            self.check()
            try:
                with urllib.request.urlopen(self._ready_url, timeout=1):  # noqa: S310 - on loopback
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise BenchmarkFailed(f"the relay was not ready within {START_WITHIN_S:.0f} s")

    def scraped_until(self, ended: threading.Event) -> None:
        """Scrape it as Prometheus does; what is read is thrown away, what it costs is measured."""
        while not ended.wait(SCRAPED_EVERY_S):
            try:
                scrapes.scrape(self._metrics_url)
            except OSError:
                # Whoever waits for the relay notices its end, and says so.
                return


@contextmanager
def served_relay(
    cores: Sequence[int], *, workers: int = 1, adaptation: bool = False, webhooks_url: str = ""
) -> Iterator[ServedRelay]:
    """Start a relay on these cores, else with its defaults; it ends with the block.

    Args:
        cores: Where all its threads stay.
        workers: Threads that carry packets.
        adaptation: Whether pictures follow what paths carry.
        webhooks_url: Where it tells what happens; empty is nowhere.

    Raises:
        BenchmarkFailed: It did not start.

    """
    with tempfile.TemporaryDirectory(prefix="visavis-bench-") as name:
        folder = Path(name)
        key = Key("bench", "HS256", secrets.token_urlsafe(32).encode())
        ports = (sockets.free_tcp_port(), sockets.free_tcp_port())
        own = {"workers": workers, "adaptation": adaptation}
        sections: dict[str, dict[str, object]] = {
            "signalling": {"port": ports[0]},
            "metrics": {"port": ports[1]},
            "media": {"listen": ["127.0.0.1"], "port": 0, **own},
        }
        if webhooks_url:
            sections["webhooks"] = relay_files.webhooks(folder, webhooks_url)
        config = relay_files.write(folder, key, sections)
        pinned = ["taskset", "--cpu-list", ",".join(map(str, cores))]
        serve = [sys.executable, "-m", "signalling", "serve", "--config", str(config)]
        log = folder / "relay.log"
        with (
            log.open("wb") as words,
            subprocess.Popen(
                [*pinned, *serve], cwd=ROOT, stdout=words, stderr=subprocess.STDOUT
            ) as process,
        ):
            relay = ServedRelay(process, key, log, ports, adapts=adaptation)
            ended = threading.Event()
            scraper = threading.Thread(target=relay.scraped_until, args=[ended], name="scraper")
            try:
                relay.until_ready()
                scraper.start()
                yield relay
            finally:
                ended.set()
                _stop(process)
                if scraper.ident:
                    scraper.join()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=STOP_WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
