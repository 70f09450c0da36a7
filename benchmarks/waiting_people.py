"""People in waiting rooms, in a process of their own: a socket each, and what a page says on it.

`python -m benchmarks.waiting_people` is started by `benchmarks.waiting` and is told one line of
JSON; it says when everybody waits, and ends, with everybody leaving, when its input does.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, TCPConnector, WSMsgType

from benchmarks.harness import sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT

SUBPROTOCOL: Final = "visavis.v1"
AT_ONCE: Final = 20
"""Who come at one time: fewer than one address may bring without a seat."""

AN_ADDRESS: Final = 1_000
"""People from each address of loopback: far from the number of its ports."""

PATIENCE_S: Final = 30.0
LEAVE_S: Final = 60.0
JOIN_ID: Final = 1


class Turned(Exception):  # noqa: N818 - an answer of the relay's
    """The relay did not let somebody wait."""


@dataclass(slots=True)
class WaitingPeople:
    """A process full of them."""

    process: subprocess.Popen[str]
    lost: int = 0
    """Of them, who was lost while they were to wait; known when they have left."""
    messages: dict[str, int] = field(default_factory=dict)
    """What the relay told all of them, by kind; known when they have left."""

    def until_all_wait(self) -> None:
        """Wait for the last one's place.

        Raises:
            BenchmarkFailed: Somebody could not come; in the process's own words.

        """
        self._hear("waiting")

    def leave(self) -> None:
        """Have everybody leave, and wait until they have.

        Raises:
            BenchmarkFailed: The process failed.

        """
        assert self.process.stdin
        self.process.stdin.close()
        left = self._hear("left")
        self.lost, self.messages = left["lost"], left["messages"]
        self.process.wait(LEAVE_S)

    def _hear(self, what: str) -> dict[str, Any]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        told: dict[str, Any] = json.loads(line) if line else {}
        if what not in told:
            words = told.get("failed", "the process of those who wait ended")
            raise BenchmarkFailed(f"not everybody could wait: {words}")
        return told


@contextmanager
def waiting_people(
    url: str, tokens: Sequence[str], *, core: int, ping_s: float
) -> Iterator[WaitingPeople]:
    """Let everybody come; they are gone with the block at the latest.

    Args:
        url: Of the relay's WebSocket.
        tokens: One for each.
        core: Where their process stays.
        ping_s: How often each asks the relay for a sign of life.

    """
    command = ["taskset", "--cpu-list", str(core), sys.executable, "-m", __name__]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        try:
            document = {"url": url, "tokens": list(tokens), "ping_s": ping_s}
            process.stdin.write(json.dumps(document) + "\n")
            process.stdin.flush()
            yield WaitingPeople(process)
        finally:
            if process.poll() is None:
                process.terminate()


class Crowd:
    """Everybody of this process."""

    def __init__(self) -> None:
        self.sockets: list[ClientWebSocketResponse] = []
        self.messages: Counter[str] = Counter()
        self.lost = 0
        self.leaving = False

    async def come(self, session: ClientSession, url: str, token: str) -> ClientWebSocketResponse:
        """Take a place in a waiting room.

        Raises:
            Turned: The relay gave another answer.

        """
        socket = await session.ws_connect(url, protocols=[SUBPROTOCOL])
        await socket.send_json({"type": "join", "id": JOIN_ID, "token": token})
        while True:
            message = await socket.receive_json(timeout=PATIENCE_S)
            self.messages[message["type"]] += 1
            if message.get("id") == JOIN_ID:
                break
        if message.get("standing") != "waiting":
            raise Turned(message.get("code") or f"they are {message.get('standing')}")
        self.sockets.append(socket)
        return socket

    async def wait(self, socket: ClientWebSocketResponse) -> None:
        """Take what is told, and answer pings, until it ends."""
        async for frame in socket:
            if frame.type is WSMsgType.TEXT:
                self.messages[json.loads(frame.data)["type"]] += 1
        self.lost += not self.leaving

    async def ping(self, every_s: float) -> None:
        """Ask for signs of life as pages do, each in its turn."""
        clock = asyncio.get_running_loop()
        at_s = clock.time()
        while True:
            for number, socket in enumerate(self.sockets):
                if not socket.closed:
                    await socket.send_json({"type": "ping", "id": JOIN_ID + 1})
                due_s = at_s + every_s * (number + 1) / len(self.sockets)
                if due_s > clock.time():
                    await asyncio.sleep(due_s - clock.time())
            at_s += every_s

    async def leave(self) -> None:
        """Give every place up."""
        self.leaving = True
        for socket in self.sockets:
            if not socket.closed:
                await socket.send_json({"type": "leave", "id": JOIN_ID + 2})


async def _wait(asked: dict[str, Any]) -> dict[str, Any]:
    crowd = Crowd()
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as held, asyncio.TaskGroup() as tasks:
        sessions = [
            await held.enter_async_context(ClientSession(connector=_from(f"127.0.1.{number + 1}")))
            for number in range(-(-len(asked["tokens"]) // AN_ADDRESS))
        ]
        waits = list[asyncio.Task[None]]()
        for begin in range(0, len(asked["tokens"]), AT_ONCE):
            coming = asked["tokens"][begin : begin + AT_ONCE]
            session = sessions[begin // AN_ADDRESS]
            came = await asyncio.gather(
                *(crowd.come(session, asked["url"], each) for each in coming)
            )
            waits += [tasks.create_task(crowd.wait(socket)) for socket in came]
        pings = tasks.create_task(crowd.ping(asked["ping_s"]))
        print(json.dumps({"waiting": len(waits)}), flush=True)
        await loop.run_in_executor(None, sys.stdin.read)
        pings.cancel()
        await crowd.leave()
    return {"left": len(waits), "lost": crowd.lost, "messages": crowd.messages}


def _from(address: str) -> TCPConnector:
    return TCPConnector(limit=0, local_addr=(address, 0))


def main() -> int:
    """Wait as asked."""
    sockets.open_many()
    asked = json.loads(sys.stdin.readline())
    told: dict[str, Any] = {}
    try:
        told = asyncio.run(_wait(asked))
    except* (Turned, ClientError, OSError) as failed:
        told = {"failed": repr(failed.exceptions[0])}
    print(json.dumps(told), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
