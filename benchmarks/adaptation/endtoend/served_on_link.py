"""A real `visavis serve` at the server's end of an emulated link, and tokens for it."""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from benchmarks import relay_files
from benchmarks.adaptation.endtoend.on_a_side import get, run_inside
from benchmarks.adaptation.sides import Side
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT
from relay.rooms.permissions import Role
from signalling.keys import Key
from signalling.links import full_grant, websocket_url
from signalling.tokens import Invitation, mint

PORT: Final = 8080
TOKEN_TTL_S: Final = 3_600
START_WITHIN_S: Final = 30.0
STOP_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class RelayOnLink:
    """A running relay, as those on its link reach it."""

    url: str
    key: Key
    estimates_path: Path
    """What it believes of each path; `estimates` reads it."""

    def token(self, room: str, identity: str, *, publishes: bool, subscribes: bool) -> str:
        """Mint a token for somebody who sends, receives, or both."""
        grant = full_grant(room, Role.PRACTITIONER, identity, open_room=True)
        grant = replace(
            grant, publish=grant.publish if publishes else frozenset(), subscribe=subscribes
        )
        invitation = Invitation(grant=grant, url=websocket_url(self.url), ttl_s=TOKEN_TTL_S)
        return mint(invitation, self.key, time.time())


@contextmanager
def served_on(side: Side, folder: Path) -> Iterator[RelayOnLink]:
    """Serve on this side until the block ends, adapting; its log is kept in the folder.

    Raises:
        BenchmarkFailed: It does not start; with its own last words.

    """
    key = Key("bench", "HS256", secrets.token_urlsafe(32).encode())
    estimates = folder / "estimates.txt"
    sections: dict[str, dict[str, object]] = {
        "signalling": {"host": side.address, "port": PORT},
        "media": {"listen": [side.address], "adaptation": True},
    }
    config = relay_files.write(folder, key, sections)
    command = [sys.executable, "-m", "benchmarks.adaptation.endtoend.telling_relay"]
    command += [str(estimates), "serve", "--config", str(config)]
    log = folder / "relay.log"
    with (
        log.open("wb") as words,
        subprocess.Popen(
            side.command(command), cwd=ROOT, stdout=words, stderr=subprocess.STDOUT
        ) as process,
    ):
        relay = RelayOnLink(f"http://{side.address}:{PORT}", key, estimates)
        try:
            run_inside(side, lambda: _until_ready(process, relay.url, log))
            yield relay
        finally:
            process.terminate()
            try:
                process.wait(STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            words = " ".join(log.read_text(errors="replace").splitlines()[-2:])
            raise BenchmarkFailed(f"the relay did not start: {words}")
        try:
            get(f"{url}/readyz")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise BenchmarkFailed(f"the relay was not ready within {START_WITHIN_S:.0f} s")
