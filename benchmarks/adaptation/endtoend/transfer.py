"""TCP beside media: a server that sends as much as is asked for, and a client that asks.

`python -m benchmarks.adaptation.endtoend.transfer serve ADDRESS` and `… fetch ADDRESS SETTINGS`,
in the namespaces of a link. RFC 8867 §5.6 and §5.7 say what is fetched.
"""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Final

from benchmarks.adaptation.emulated_link import EmulatedLink
from benchmarks.adaptation.endtoend.scenarios import Transfers
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT

PORT: Final = 7_000
CHUNK: Final = bytes(65_536)
READY: Final = "listening"


@contextmanager
def beside(link: EmulatedLink, transfers: Transfers | None, seed: int) -> Iterator[None]:
    """Transfer over a link for as long as the block runs; nothing without transfers.

    Raises:
        BenchmarkFailed: The server does not start.

    """
    if transfers is None:
        yield
        return
    settings = json.dumps({**asdict(transfers), "seed": seed})
    serve = link.server.command(_command("serve", link.server.address))
    fetch = link.client.command(_command("fetch", link.server.address, settings))
    with subprocess.Popen(serve, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            if server.stdout.readline().strip() != READY:
                raise BenchmarkFailed("the server of TCP transfers did not start")
            with subprocess.Popen(fetch, cwd=ROOT) as client:
                try:
                    yield
                finally:
                    client.kill()
        finally:
            server.kill()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.adaptation.endtoend.transfer", *words]


def serve(address: str) -> None:
    """Send to whoever asks, until killed."""
    with socket.create_server((address, PORT)) as server:
        print(READY, flush=True)
        while True:
            taken, _ = server.accept()
            threading.Thread(target=_send, args=(taken,), daemon=True).start()


def _send(taken: socket.socket) -> None:
    """Obey eight bytes at a time: how much is wanted next."""
    with taken:
        while len(asked := taken.recv(8, socket.MSG_WAITALL)) == 8:
            left = int.from_bytes(asked)
            while left:
                left -= taken.send(CHUNK[:left])


def fetch(address: str, settings: Transfers, seed: int) -> None:
    """Fetch over each connection, with pauses in between, until killed."""
    time.sleep(settings.starts_s)
    connections = [
        threading.Thread(target=_fetch, args=(address, settings, random.Random(seed + index)))
        for index in range(settings.connections)
    ]
    for connection in connections:
        connection.start()
    for connection in connections:
        connection.join()


def _fetch(address: str, settings: Transfers, chance: random.Random) -> None:
    with socket.create_connection((address, PORT)) as connection:
        while True:
            if settings.idle_s:
                time.sleep(chance.expovariate(1 / settings.idle_s))
            left = chance.randint(settings.least_bytes, settings.most_bytes)
            connection.sendall(left.to_bytes(8))
            while left:
                got = len(connection.recv(min(left, len(CHUNK))))
                if not got:
                    return
                left -= got


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
    else:
        asked = json.loads(sys.argv[3])
        seed = int(asked.pop("seed"))
        fetch(sys.argv[2], Transfers(**asked), seed)
