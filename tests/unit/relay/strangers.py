"""People without a seat, and two with one: `python -m tests.unit.relay.strangers MODE URL SECONDS`.

Not a test: the other processes of `test_floods`. `talk` is a consultation with sound; `wait` opens
sockets from many addresses and says nothing; `guess` tries tokens as fast as it can.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import time
from collections import Counter
from itertools import takewhile
from urllib.parse import urlsplit

import aiohttp

from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from signalling.links import full_grant
from signalling.messages import SUBPROTOCOL
from signalling.tokens import Invitation, mint
from tests.endtoend.appearance import BLUE, RED
from tests.interop.aiortc_participant import AiortcParticipant
from tests.interop.websocket_client import websocket_client

OPENINGS, OPENING_AT_ONCE = 10_000, 50
GUESSING_AT_ONCE = 16
UPGRADE = (
    "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
)


def address(number: int) -> str:
    """Give one of many addresses of this machine."""
    return f"127.1.{number // 250 % 250}.{number % 250 + 1}"


async def talk(url: str, seconds: float) -> None:
    """Hold a consultation with sound both ways."""
    (key,) = parse_keys(f"key-1 {os.environ['VISAVIS_TEST_SECRET']}\n", "the test").values()
    async with contextlib.AsyncExitStack() as leaving:
        for role, appearance in ((Role.PRACTITIONER, RED), (Role.PATIENT, BLUE)):
            grant = full_grant("consultation", role, role.value, open_room=True)
            token = mint(Invitation(grant, url=url), key, time.time())
            client = await leaving.enter_async_context(websocket_client(url))
            person = AiortcParticipant(client, token, await client.request("join", token=token))
            leaving.push_async_callback(person.close)
            await person.connect(appearance, video=False)
        await asyncio.sleep(seconds)


async def wait(url: str, seconds: float) -> None:
    """Open up to ten thousand sockets and leave them alone; print how they were answered."""
    parts = urlsplit(url)
    request = UPGRADE.format(path=parts.path, host=parts.netloc).encode()
    answers: Counter[str] = Counter()
    kept = []
    until_s = time.monotonic() + seconds
    numbers = takewhile(lambda _: time.monotonic() < until_s, range(OPENINGS))

    async def open_in_turn() -> None:
        for number in numbers:
            try:
                reader, writer = await asyncio.open_connection(
                    parts.hostname, parts.port, local_addr=(address(number), 0)
                )
                writer.write(request)
                answers[(await reader.readline())[9:12].decode()] += 1
                kept.append(writer)
            except OSError:
                answers["lost"] += 1

    print("come", flush=True)  # noqa: T201 - the test waits for it
    async with asyncio.TaskGroup() as strangers:
        for _ in range(OPENING_AT_ONCE):
            strangers.create_task(open_in_turn())
    print(dict(answers), flush=True)  # noqa: T201 - the test reads it
    await asyncio.sleep(max(0.0, until_s - time.monotonic()))
    for writer in kept:
        writer.close()


async def guess(url: str, seconds: float) -> None:
    """Try tokens, each on a socket of its own; print how many."""
    print("come", flush=True)  # noqa: T201 - the test waits for it
    until_s = time.monotonic() + seconds
    tried = 0

    async def guess_in_turn(number: int) -> None:
        nonlocal tried
        here = aiohttp.TCPConnector(local_addr=(address(number), 0), force_close=True)
        async with aiohttp.ClientSession(connector=here) as session:
            while time.monotonic() < until_s:
                with contextlib.suppress(aiohttp.ClientError, TypeError):
                    socket = await session.ws_connect(url, protocols=(SUBPROTOCOL,))
                    await socket.send_json({"type": "join", "id": 1, "token": f"a.{tried}.c"})
                    await socket.receive_json(timeout=5)
                    tried += 1
                    connection = socket._response.connection
                    if connection is not None and connection.transport is not None:
                        connection.transport.abort()

    async with asyncio.TaskGroup() as strangers:
        for number in range(GUESSING_AT_ONCE):
            strangers.create_task(guess_in_turn(number))
    print({"tried": tried}, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    modes = {"talk": talk, "wait": wait, "guess": guess}
    arguments = argparse.ArgumentParser()
    arguments.add_argument("mode", choices=modes)
    arguments.add_argument("url")
    arguments.add_argument("seconds", type=float)
    chosen = arguments.parse_args()
    if chosen.mode != "talk":
        os.nice(10)  # on a machine of their own they would not take the relay's processor
    asyncio.run(modes[chosen.mode](chosen.url, chosen.seconds))
