"""People who ask all the time and read nothing, in a process of their own.

`python -m benchmarks.slow_people` is started by `benchmarks.slow_consumers` and is told one line of
JSON; it says when everybody has come, and ends when its input does. Whoever the relay cuts off
comes back at once, so that as many are there all the time.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.harness import sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT
from benchmarks.waiting_people import SUBPROTOCOL

KERNEL_BYTES: Final = 4_096
"""Of the receiver's buffer: what the relay sends soon waits in the relay."""

ASK_EVERY_S: Final = 0.05
"""As often as one connection may send."""

COME_AGAIN_S: Final = 0.5
MASKED: Final = 0x80
EXTENDED: Final = 126
ASK: Final = json.dumps({"type": "ping", "id": 2}).encode()


@contextmanager
def slow_people(url: str, tokens: Sequence[str], *, core: int) -> Iterator[None]:
    """Let everybody come, and wait until they have; they are gone with the block.

    Args:
        url: Of the relay's WebSocket.
        tokens: One for each.
        core: Where their process stays.

    Raises:
        BenchmarkFailed: Their process ended.

    """
    command = ["taskset", "--cpu-list", str(core), sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(json.dumps({"url": url, "tokens": list(tokens)}) + "\n")
            process.stdin.flush()
            if not process.stdout.readline():
                raise BenchmarkFailed("the process of those who do not read ended")
            yield
            if process.poll() is not None:
                raise BenchmarkFailed("the process of those who do not read ended in mid-run")
        finally:
            if process.poll() is None:
                process.terminate()


def framed(payload: bytes) -> bytes:
    """Give a client's text frame; its mask is nought, so that it says what it says (RFC 6455)."""
    size = len(payload)
    length = (
        bytes([MASKED | size])
        if size < EXTENDED
        else bytes([MASKED | EXTENDED]) + size.to_bytes(2, "big")
    )
    return b"\x81" + length + bytes(4) + payload


async def _ask_on(host: str, port: int, path: str, token: str) -> None:
    """Come, ask as often as one may, read nothing; come again when cut off, until cancelled."""
    upgrade = (
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: Upgrade\r\n"
        "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
    ).encode()
    join = {"type": "join", "id": 1, "token": token, "takeover": True}
    loop = asyncio.get_running_loop()
    while True:
        with socket.socket() as bare:
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_BYTES)
            bare.settimeout(0.0)
            try:
                await loop.sock_connect(bare, (host, port))
                await loop.sock_sendall(bare, upgrade + framed(json.dumps(join).encode()))
                while True:
                    await asyncio.sleep(ASK_EVERY_S)
                    await loop.sock_sendall(bare, framed(ASK))
            except OSError:
                pass  # cut off: what a client that does not read sees of it
        await asyncio.sleep(COME_AGAIN_S)


async def _ask(asked: dict[str, Any]) -> None:
    parts = urlsplit(asked["url"])
    assert parts.hostname
    assert parts.port
    async with asyncio.TaskGroup() as tasks:
        asking = [
            tasks.create_task(_ask_on(parts.hostname, parts.port, parts.path, token))
            for token in asked["tokens"]
        ]
        print(json.dumps({"asking": len(asking)}), flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for each in asking:
            each.cancel()


def main() -> int:
    """Ask as told."""
    sockets.open_many()
    asyncio.run(_ask(json.loads(sys.stdin.readline())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
