"""Participants of the compiled engine over loopback: who checks a path as a browser does."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from aioice import stun

from relay.engine import EngineLeg, MediaEngine
from relay.ids import WorkerIndex

T = TypeVar("T")

UFRAG, PASSWORD = b"relay123", b"a-password-of-the-relay-x"
FIRST = WorkerIndex(0)
DTLS_RECORD = bytes.fromhex("16fefd0000000000000000") + b"\x00\x04ping"
WITHIN_S = 5.0


@asynccontextmanager
async def leg_on(engine: MediaEngine) -> AsyncIterator[EngineLeg]:
    leg = engine.leg(FIRST)
    leg.add(UFRAG, PASSWORD, reduced_size_rtcp=True)
    yield leg
    leg.remove()


async def first(leg: EngineLeg, wanted: type[T]) -> T:
    async with asyncio.timeout(WITHIN_S):
        async for event in leg.events():
            if isinstance(event, wanted):
                return event
    raise AssertionError("the leg ended")


def nomination(password: bytes = PASSWORD) -> stun.Message:
    """Nominate a path as a browser does (RFC 8445 §7.2.4)."""
    attributes = {
        "USERNAME": f"{UFRAG.decode()}:peer",
        "PRIORITY": 1,
        "ICE-CONTROLLING": 7,
        "USE-CANDIDATE": None,
    }
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes=attributes)
    request.add_message_integrity(password)
    return request


def answer_to(request: stun.Message, packet: bytes) -> stun.Message:
    response = stun.parse_message(packet)
    assert response.transaction_id == request.transaction_id
    return response


def address_of(engine: MediaEngine, family: int) -> tuple[str, int]:
    """Give the first worker's address of a family."""
    ipv6 = family == socket.AF_INET6
    return next(pair for pair in engine.addresses(FIRST) if (":" in pair[0]) == ipv6)


class Peer:
    """A participant's socket."""

    def __init__(self, engine: MediaEngine, *, family: int = socket.AF_INET) -> None:
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.connect(address_of(engine, family))

    def close(self) -> None:
        self.socket.close()

    async def receive(self) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            return await asyncio.get_running_loop().sock_recv(self.socket, 2048)

    async def check(self, password: bytes = PASSWORD) -> stun.Message:
        request = nomination(password)
        self.socket.send(bytes(request))
        while (packet := await self.receive())[0] > 3:
            pass
        return answer_to(request, packet)


class Caller:
    """A participant's TCP connection: each packet behind its length (RFC 4571 §2)."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self.writer = reader, writer

    @property
    def name(self) -> tuple[str, int]:
        """Its own end."""
        host, port, *_ = self.writer.get_extra_info("sockname")
        return host, port

    def send(self, packet: bytes) -> None:
        self.writer.write(framed(packet))

    async def receive(self) -> bytes:
        async with asyncio.timeout(WITHIN_S):
            length = int.from_bytes(await self._reader.readexactly(2))
            return await self._reader.readexactly(length)

    async def receive_dtls(self) -> bytes:
        """Give the next packet that is neither a report nor an answer to a check."""
        while not 20 <= (packet := await self.receive())[0] <= 63:
            pass
        return packet

    async def check(self, password: bytes = PASSWORD) -> stun.Message:
        request = nomination(password)
        self.send(bytes(request))
        while (packet := await self.receive())[0] > 3:
            pass
        return answer_to(request, packet)

    async def until_closed(self) -> None:
        """Wait until the relay has closed it, whatever comes before."""
        async with asyncio.timeout(WITHIN_S):
            with contextlib.suppress(ConnectionError):
                while await self._reader.read(65_536):
                    pass


@asynccontextmanager
async def calling(engine: MediaEngine, *, family: int = socket.AF_INET) -> AsyncIterator[Caller]:
    """Be connected until the block ends."""
    reader, writer = await asyncio.open_connection(*address_of(engine, family))
    try:
        yield Caller(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def framed(packet: bytes) -> bytes:
    """Put a packet behind its length."""
    return len(packet).to_bytes(2) + packet


async def until_counted(engine: MediaEngine, name: str, wanted: int) -> None:
    """Wait until a counter has come so far: workers show theirs every ten milliseconds."""
    async with asyncio.timeout(WITHIN_S):
        while engine.counters()[name] < wanted:
            await asyncio.sleep(0)
