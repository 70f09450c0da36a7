"""People who come and go in a process of their own: `python -m tests.unit.relay.visitors`.

Not a test: the other side of `test_comings_and_goings`, apart so that what the relay's process
holds is the relay's. Each visit goes over the real WebSocket with a browser's real offer; most
prove their path with a STUN check, one in ten shakes hands and opens a data channel with aiortc.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from aioice import stun
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from signalling.links import full_grant
from signalling.messages import SUBPROTOCOL
from signalling.tokens import Invitation, mint
from tests.unit.relay.conftest import CAPTURES

OFFERS = tuple(
    (CAPTURES / f"sdp_{browser}_sdk.sdp").read_bytes().decode()
    for browser in ("chromium", "firefox", "safari")
)
TRACKS = {"0": "microphone", "1": "camera"}
PATIENCE_S = 10.0
RETRANSMIT_S = 0.5


class Visitor:
    """One person's socket, from its opening to its end."""

    def __init__(self, url: str, token: str, number: int) -> None:
        self.url, self.token, self.number = url, token, number
        self.offer = OFFERS[number % len(OFFERS)]
        self.seat: dict[str, Any] = {}
        self._ids = 0

    async def join(self, session: aiohttp.ClientSession) -> None:
        """Open a socket and take a seat on it, the one held before if there is any."""
        self._socket = await session.ws_connect(self.url, protocols=(SUBPROTOCOL,))
        if self.seat:
            kept = {"seat": self.seat["seat"], "secret": self.seat["secret"]}
            self.seat = await self.ask("resume", **kept)
        else:
            self.seat = await self.ask("join", token=self.token)

    async def ask(self, kind: str, **fields: object) -> dict[str, Any]:
        """Send a request and wait for its reply."""
        self._ids += 1
        await self._socket.send_json({"type": kind, "id": self._ids, **fields})
        while True:
            message: dict[str, Any] = await self._socket.receive_json(timeout=PATIENCE_S)
            if message.get("id") == self._ids:
                return message

    async def negotiate(self, *, fresh: bool = True) -> str:
        """Offer as a browser does and give the answer; not fresh, it restarts ICE."""
        if not fresh:
            self.offer = re.sub(r"(a=ice-ufrag:)\S+", rf"\g<1>u{self._ids:07}", self.offer)
        answer = await self.ask("offer", sdp=self.offer, fresh=fresh, tracks=TRACKS)
        assert answer["type"] == "answer", answer
        return str(answer["sdp"])

    async def leave(self) -> None:
        """Give the seat up."""
        assert (await self.ask("leave"))["type"] == "ok"
        await self._socket.close()

    def vanish(self) -> None:
        """Be gone without a word, as a page is whose machine loses its network."""
        connection = self._socket._response.connection
        assert connection is not None
        assert connection.transport is not None
        connection.transport.abort()


Visit = Callable[[Visitor, aiohttp.ClientSession], Awaitable[None]]


async def prove_path(answer: str) -> None:
    """Nominate a path with the answer's credentials and wait for the reply."""

    def found(pattern: str) -> re.Match[str]:
        match = re.search(pattern, answer, re.MULTILINE)
        assert match is not None, pattern
        return match

    ip, port = found(r"^a=candidate:\S+ 1 udp \d+ (127\.\S+) (\d+) typ host").groups()
    ufrag, password = found(r"^a=ice-ufrag:(\S+)")[1], found(r"^a=ice-pwd:(\S+)")[1]
    attributes = {
        "USERNAME": f"{ufrag}:peer",
        "PRIORITY": 1,
        "ICE-CONTROLLING": 7,
        "USE-CANDIDATE": None,
    }
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
    request.add_message_integrity(password.encode())
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.setblocking(False)
        udp.connect((ip, int(port)))
        async with asyncio.timeout(PATIENCE_S):
            reply = await reply_to(udp, bytes(request))
    assert stun.parse_message(reply).message_class == stun.Class.RESPONSE


async def reply_to(udp: socket.socket, request: bytes) -> bytes:
    """Send a request until it is answered, as every ICE agent does (RFC 8489 §6.2.1)."""
    while True:
        udp.send(request)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(RETRANSMIT_S):
                return await asyncio.get_running_loop().sock_recv(udp, 2_048)


async def connects_whole(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    """Shake hands, open a data channel, say something, and leave in good order."""
    await visitor.join(session)
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    try:
        connection.addTransceiver("audio")
        connection.addTransceiver("video")
        channel, opened = connection.createDataChannel("visavis"), asyncio.Event()
        channel.on("open", opened.set)
        await connection.setLocalDescription(await connection.createOffer())
        visitor.offer = connection.localDescription.sdp
        answer = await visitor.negotiate()
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(PATIENCE_S):
            await opened.wait()
        channel.send(json.dumps({"to": "all", "type": "hello"}))
        await visitor.leave()
    finally:
        await connection.close()


async def checks_and_leaves(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    await visitor.join(session)
    await prove_path(await visitor.negotiate())
    await visitor.leave()


async def only_looks_in(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    await visitor.join(session)
    await visitor.leave()


async def vanishes(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    await visitor.join(session)
    visitor.vanish()


async def vanishes_half_connected(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    await visitor.join(session)
    await prove_path(await visitor.negotiate())
    visitor.vanish()


async def changes_networks(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    await visitor.join(session)
    await prove_path(await visitor.negotiate())
    for _ in range(3):
        await prove_path(await visitor.negotiate(fresh=False))
    await visitor.leave()


async def reloads(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    await visitor.join(session)
    await prove_path(await visitor.negotiate())
    visitor.vanish()
    await visitor.join(session)
    assert visitor.seat.get("resumed") is True, visitor.seat
    await prove_path(await visitor.negotiate())
    await visitor.leave()


async def has_no_right(visitor: Visitor, session: aiohttp.ClientSession) -> None:
    visitor.token = visitor.token[:-4] + "AAAA"
    await visitor.join(session)
    assert visitor.seat["type"] == "error"
    visitor.vanish()


VISITS: tuple[Visit, ...] = (
    connects_whole,
    checks_and_leaves,
    changes_networks,
    only_looks_in,
    checks_and_leaves,
    vanishes,
    reloads,
    vanishes_half_connected,
    has_no_right,
    checks_and_leaves,
)
"""One visit in ten of each; `connects_whole` is the one with DTLS."""


async def visit_all(url: str, secret: str, number: int, at_once: int) -> None:
    """Make that many visits, some of them at a time, three to a room."""
    (key,) = parse_keys(f"key-1 {secret}\n", "the test").values()
    turns = iter(range(number))

    async def visit_in_turn() -> None:
        async with aiohttp.ClientSession() as session:
            for turn in turns:
                role = Role.PATIENT if turn % 2 else Role.PRACTITIONER
                grant = full_grant(f"room-{turn // 3}", role, f"person-{turn}", open_room=True)
                token = mint(Invitation(grant, url=url), key, time.time())
                await VISITS[turn % len(VISITS)](Visitor(url, token, turn), session)

    async with asyncio.TaskGroup() as visitors:
        for _ in range(at_once):
            visitors.create_task(visit_in_turn())


if __name__ == "__main__":
    arguments = argparse.ArgumentParser()
    arguments.add_argument("url")
    arguments.add_argument("number", type=int)
    arguments.add_argument("at_once", type=int)
    chosen = arguments.parse_args()
    os.nice(5)
    secret = os.environ["VISAVIS_TEST_SECRET"]
    asyncio.run(visit_all(chosen.url, secret, chosen.number, chosen.at_once))
